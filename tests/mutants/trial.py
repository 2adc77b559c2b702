"""One error tried: the tests run in a copy of the tree, in a process that has imported the rest.

The copy's `helpers` and `tests` are imported anew for each error; numpy, torch and what else takes
seconds to import are there already, since the process is forked from one that has them.
"""

import importlib
import os
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

HEAVY = (
    *("numpy", "pandas", "scipy.stats", "scipy.optimize", "sklearn.pipeline", "torch", "anndata"),
    *("sklearn.cluster", "sklearn.linear_model", "sklearn.decomposition", "sklearn.metrics"),
    *("lifelines", "statsmodels.api", "matplotlib.pyplot", "hypothesis", "jaxtyping", "xgboost"),
    *("seaborn", "networkx", "scanpy", "dcor", "gseapy", "h5py", "zarr", "requests", "pooch"),
    *("tqdm.auto", "pydantic", "psutil", "nbformat", "yaml"),
)
QUICK = "not (notebook or book or kernel or slow or real)"
NOT_IMPORTED = " (not even imported)"  # behind the name of a file of tests
PASSED, NO_TESTS, TOO_LONG = 0, 5, 124  # exit codes; the last one is `timeout`'s


@dataclass(frozen=True)
class Ended:
    """How tests ended: `code` is pytest's or TOO_LONG; `test` is the first that failed."""

    code: int
    test: str

    @property
    def is_failure(self) -> bool:
        """Whether a test failed, or the process broke; not that time ran out."""
        return self.code not in (PASSED, NO_TESTS, TOO_LONG)


def import_heavy() -> None:
    """Import what tests need and no error is planted in."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    for name in HEAVY:
        importlib.import_module(name)


def run_tests(tree: Path, tests: tuple[str, ...], limit: int, marks: str = QUICK) -> Ended:
    """The tests of the copy `tree`, until one fails, for `limit` seconds of processor at most."""
    said = tree / ".first-failure"
    said.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        _become(tree, tests, limit, marks, said)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    test = said.read_text(encoding="utf-8") if said.exists() else ""
    return Ended(
        TOO_LONG if code in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM) else code, test
    )


def _become(tree: Path, tests: tuple[str, ...], limit: int, marks: str, said: Path) -> None:
    """Run pytest in this (forked) process, on the copy, and end."""
    code = 3
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(20 * limit)  # for an error that waits for ever
        os.chdir(tree)
        sys.path[:] = [str(tree), *(entry for entry in sys.path if entry not in ("", os.getcwd()))]
        os.environ["PYTHONPATH"] = str(tree)  # of processes that tests start
        os.environ.pop("HELPERS_DATA_MIRROR", None)
        _fail_at_once()
        for name in list(sys.modules):
            if name.partition(".")[0] in ("helpers", "tests"):
                del sys.modules[name]
        importlib.invalidate_caches()
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1), os.dup2(silent, 2)
        options = ["-x", "-q", "-p", "no:cacheprovider", "--basetemp", str(tree / ".tmp")]
        code = int(pytest.main([*options, "-m", marks, *tests], [_FirstFailure(said)]))
    finally:
        os._exit(code)


def _fail_at_once() -> None:
    """Hypothesis looks for no smaller example of what failed: that takes a minute."""
    from hypothesis import Phase, settings

    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    settings.register_profile("mutants", phases=phases, database=None)
    settings.load_profile("mutants")


class _FirstFailure:
    """pytest plugin that notes which test failed."""

    def __init__(self, said: Path) -> None:
        self.said = said

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.said.write_text(report.nodeid, encoding="utf-8")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.said.write_text(report.nodeid + NOT_IMPORTED, encoding="utf-8")
