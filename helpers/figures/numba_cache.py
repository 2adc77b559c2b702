"""What numba compiles for UMAP, kept on disk, and written by one process at a time.

numba compiles umap-learn's functions, and pynndescent's, in every process that draws: 12 s for the
import and 8 s for the first picture, of CPU. All of them can be kept on disk, which umap-learn does
not ask for; then both take half a second.

numba writes its index before the code that the index names. Two processes that compile at once can
therefore give one name to two functions, and who loads them later runs the wrong one or crashes. So
the first picture of each kind is drawn by one process alone; those after it only load.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock
from platformdirs import user_cache_dir

PACKAGES = ("numba", "llvmlite", "umap-learn", "pynndescent")


@contextmanager
def compiled_once(kind: str) -> Iterator[None]:
    """Within it, what `numba.njit` is told to compile is looked for on disk first, and kept there.

    UMAP calls `njit` when it is imported and again for each picture. `kind`: letters and digits
    that name what is drawn, the same for all that needs the same functions. The folder is the
    user's cache of this project or, where it is set, `NUMBA_CACHE_DIR`; where neither can be
    written to, all is compiled and nothing kept. numba compiles anew for another CPU.
    """
    import numba

    plain, before = numba.njit, numba.config.CACHE_DIR
    folder = Path(before or user_cache_dir("cancer-latents", appauthor=False)) / "numba"
    with _alone_unless_marked(folder, f"{kind}-{_installation()}"):
        numba.config.CACHE_DIR = before or str(folder)
        numba.njit = _keeping(plain)
        try:
            yield
        finally:
            numba.njit, numba.config.CACHE_DIR = plain, before


@contextmanager
def _alone_unless_marked(folder: Path, name: str) -> Iterator[None]:
    """Hold the folder's lock unless somebody has come through under this name before."""
    mark = folder / f"{name}.done"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = nullcontext() if mark.exists() else FileLock(folder / "compiling.lock")
        with lock:
            pass
    except OSError:  # nothing can be written, so nothing will be kept either
        yield
        return
    with lock:
        yield
        mark.touch()


def _installation() -> str:
    """What compiled code depends on beside its source: packages, their place, the processor."""
    from llvmlite import binding

    place = getattr(find_spec("umap"), "origin", "")
    facts = [*map(version, PACKAGES), place, binding.get_host_cpu_name()]
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:12]


def _keeping(plain: Callable) -> Callable:
    """`plain`, which is `numba.njit`, with the cache asked for."""

    def kept(*arguments: Any, **options: Any) -> Any:
        if arguments and inspect.isfunction(arguments[0]):
            return kept(*arguments[1:], **options)(arguments[0])

        def compiled(function: Callable) -> Callable:
            try:
                return plain(*arguments, **{"cache": True} | options)(function)
            except RuntimeError:  # there is no place that numba may write to
                return plain(*arguments, **options)(function)

        return compiled

    return kept
