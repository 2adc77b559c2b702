"""How many runs of a sweep this machine makes at once, and what each of them gets of it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from helpers.runs.number_format import counted

MEMORY_A_RUN = 2 * 2**30  # bytes, where no earlier run tells
THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


@dataclass(frozen=True)
class Share:
    """What one worker gets: `threads` of the processor and, where there are, one of the GPUs."""

    threads: int
    gpu: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of the worker, which its kernels inherit."""
        variables = {name: str(self.threads) for name in THREAD_VARIABLES}
        return variables | ({"CUDA_VISIBLE_DEVICES": self.gpu} if self.gpu is not None else {})


def shares(
    n_runs: int,
    n_workers: int | None = None,
    *,
    devices: Iterable[str] = ("auto",),
    memory_a_run: float | None = None,
    runs_a_gpu: int = 1,
) -> list[Share]:
    """One share a worker: the cores divided among them, never more workers than runs.

    Without `n_workers` there are as many as there are cores and memory for (`memory_a_run` bytes
    each, 2 GiB where it is not known). Where the runs' `devices` can mean a GPU there is at least
    one a GPU and at most `runs_a_gpu`. With more workers than GPUs, several share one.
    """
    cores = _n_cores()
    on_gpu = any(device == "auto" or device.startswith("cuda") for device in devices)
    gpus = visible_gpus() if on_gpu else []
    if n_workers is None:
        n_workers = _fitting(cores, memory_a_run or MEMORY_A_RUN)
        if gpus:
            n_workers = max(len(gpus), min(n_workers, runs_a_gpu * len(gpus)))
    n_workers = max(1, min(n_workers, n_runs))
    threads = max(1, cores // n_workers)
    if (most := os.environ.get("OMP_NUM_THREADS", "")).isdigit():
        threads = max(1, min(threads, int(most)))
    return [Share(threads, gpus[i % len(gpus)] if gpus else None) for i in range(n_workers)]


def visible_gpus(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Names of the GPUs that torch can use here, as CUDA_VISIBLE_DEVICES has them."""
    if shutil.which("nvidia-smi") is None:
        return []
    question = "import torch; print(torch.cuda.device_count())"
    done = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True)
    count = int(done.stdout) if done.returncode == 0 and done.stdout.strip().isdigit() else 0
    named = [name.strip() for name in environment.get("CUDA_VISIBLE_DEVICES", "").split(",")]
    return named[:count] if any(named) else [str(i) for i in range(count)]


def describe(given: list[Share]) -> str:
    """For the start of a sweep: "2 workers, 1 thread each"."""
    gpus = {share.gpu for share in given} - {None}
    on = f", {counted(len(gpus), 'GPU')}" if gpus else ""
    return f"{counted(len(given), 'worker')}, {counted(given[0].threads, 'thread')} each{on}"


def worker_options(share: Share) -> dict[str, Any]:
    """Options of a Dask nanny for `share`: loopback, one thread for tasks, no dashboard."""
    import logging

    return {
        "host": "127.0.0.1",
        "nthreads": 1,
        "memory_limit": 0,
        "dashboard": False,
        "env": share.environment,
        "preload": ["helpers.sweeps.worker"],
        "silence_logs": logging.CRITICAL,
    }


def _n_cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def _fitting(cores: int, memory_a_run: float) -> int:
    import psutil

    return max(1, min(cores, int(psutil.virtual_memory().available // memory_a_run)))
