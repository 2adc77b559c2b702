"""On what machine, with what versions and from which commit a run was made."""

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from helpers import files

PACKAGES = (
    "torch",
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "anndata",
    "umap-learn",
    "lifelines",
    "gseapy",
    "statsmodels",
    "xgboost-cpu",
    "matplotlib",
    "papermill",
    "jupyter-book",
)
MIB, GIB = 2**20, 2**30


def hardware() -> dict[str, Any]:
    """Processor name, cores this process may use, memory in GiB; `gpu` is the kernel's to tell."""
    import psutil

    allowed = getattr(os, "sched_getaffinity", None)
    return {
        "cpu": _cpu_name(),
        "cores": len(allowed(0)) if allowed else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / GIB, 1),
        "gpu": None,
    }


def versions() -> dict[str, str]:
    """Version of Python and of the packages that make the numbers, of those installed."""
    installed = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return installed


PUBLISHED = "book/published"  # tables of numbers, not code


def git_state(root: Path) -> dict[str, Any]:
    """`git_commit` (None outside a repository) and `git_dirty` (uncommitted changes) of `root`.

    A table that a sweep has just published is no change: the next sweep's code is the same. Code
    that came in a wheel has the state that the wheel was built from.
    """
    if files.is_installed():
        return files.read_json(files.CARRIED / "built_from.json")
    commit = _git(root, "rev-parse", "HEAD")
    status = _git(root, "status", "--porcelain", "--", ".", f":(exclude){PUBLISHED}")
    return {"git_commit": commit or None, "git_dirty": bool(status) if status is not None else None}


def kernel_facts(device: str = "auto") -> str:
    """JSON of what only the process that did the work knows; called inside the kernel.

    `peak_memory_mb`: largest resident memory of this process in MiB. `device`: the one that the
    parameter `device` meant here ("auto" is resolved). `gpu`: its name or None.
    """
    torch, gpu = sys.modules.get("torch"), None
    if torch:
        from helpers.models.training import choose_device

        chosen = choose_device(device)
        gpu = torch.cuda.get_device_name(chosen) if chosen.type == "cuda" else None
    resolved = str(chosen) if torch else "cpu"  # without torch, the processor did it all
    return json.dumps({"peak_memory_mb": peak_memory_mb(), "device": resolved, "gpu": gpu})


def peak_memory_mb() -> float:
    """Largest resident memory of this process so far, in MiB.

    Linux's VmHWM where there is one, because ru_maxrss there starts from the parent's at the fork.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024, 1)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (MIB if sys.platform == "darwin" else 1024), 1)


def now() -> str:
    """The moment in UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def helpers_path(root: Path) -> str:
    """Where `helpers` was imported from, relative to the project: 'helpers/__init__.py'."""
    import helpers

    path = Path(helpers.__file__).resolve()
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def _git(root: Path, *arguments: str) -> str | None:
    """Output of a git command in `root`; None where git or the repository is missing."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
