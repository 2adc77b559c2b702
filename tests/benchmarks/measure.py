"""Time, peak memory and device of one call, in a process of its own.

The peak of a process never falls again, so only a fresh one tells what a call needs.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable

from helpers.runs.provenance import peak_memory_mb


def measure(function: Callable[..., object], *args: object) -> dict[str, object]:
    """Call `function(*args)` in a fresh process; what it returns is dropped.

    Both must be picklable: a module's function and plain values. Returns `seconds` (the call
    alone, without starting Python), `peak_memory_mb` (of the process, imports and input included),
    `device` ("cuda" if the call used one, else "cpu") and `cores` (the process may use).

    Raises:
        RuntimeError: the call failed; holds its error.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_report, args=(sender, function, args))
    process.start()
    sender.close()
    try:
        result = receiver.recv()
    except EOFError:
        process.join()
        result = RuntimeError(f"its process ended with code {process.exitcode} (out of memory?)")
    process.join()
    if isinstance(result, BaseException):
        raise RuntimeError(f"{function.__name__} failed: {result}") from result
    return result


def _report(sender, function: Callable[..., object], args: tuple) -> None:
    try:
        start = time.perf_counter()
        function(*args)
        seconds = time.perf_counter() - start
        sender.send(
            {
                "seconds": round(seconds, 2),
                "peak_memory_mb": round(peak_memory_mb()),
                "device": _device(),
                "cores": _n_cores(),
            }
        )
    except Exception as error:
        sender.send(RuntimeError(f"{type(error).__name__}: {error}"))


def _n_cores() -> int:
    """Cores this process may run on (`sched_getaffinity` is Linux's)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _device() -> str:
    """`cuda` if the call used it; torch is not imported for the question."""
    torch = sys.modules.get("torch")
    is_used = torch is not None and torch.cuda.is_available() and torch.cuda.max_memory_allocated()
    return "cuda" if is_used else "cpu"
