"""Where the runs of a sweep are made: in this process, on a Dask cluster of this machine, or on one
that is there already.

A pool takes runs while it has room and hands them back with their outcomes in the order in which
they end. Leaving it by an exception (Ctrl-C, a full disk) stops what runs; a second visit to the
same runs finds those that were finished.
"""

from __future__ import annotations

import contextlib
import logging
import time
import uuid
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers import files
from helpers.runs.folders import remove_stale
from helpers.sweeps import worker as sweep_worker
from helpers.sweeps.expansion import SweepRun
from helpers.sweeps.machine import Share, worker_options
from helpers.sweeps.worker import Outcome

if TYPE_CHECKING:
    from distributed import Client, Future

RETRIES = 3  # of a run whose worker died
CONNECT_TIMEOUT, CLOSE_TIMEOUT = 20, 10  # seconds
WORKER_DIED = (
    f"the worker died {RETRIES + 1} times while it made this run, most often because memory ran "
    "out or its job on a cluster ended"
)
GONE = "the Dask scheduler went away. The same command resumes"

Ended = list[tuple[SweepRun, Outcome]]


class NoScheduler(ConnectionError):
    """No Dask scheduler answers at the address that was given."""


class InProcess:
    """Runs made one after the other in this process, without Dask."""

    n_slots = 1

    def __init__(self) -> None:
        """Nothing waits yet."""
        self._waiting: deque[SweepRun] = deque()

    def __enter__(self) -> InProcess:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to end."""

    @property
    def n_pending(self) -> int:
        """Runs taken and not yet handed back."""
        return len(self._waiting)

    @property
    def n_room(self) -> int:
        """Runs that may be given now."""
        return 1 - len(self._waiting)

    def submit(self, run: SweepRun) -> None:
        """Take `run`."""
        self._waiting.append(run)

    def collect(self, timeout: float) -> Ended:
        """Make the run that waits; `timeout` is for pools that make them elsewhere."""
        run = self._waiting.popleft()
        return [(run, sweep_worker.make_run(run.plan))]


class DaskPool:
    """Runs made by the workers of a Dask cluster; `LocalPool` and `RemotePool` say which."""

    client: Client

    def __init__(self) -> None:
        """Nothing is submitted yet."""
        self._pending: dict[Future, SweepRun] = {}

    @property
    def n_pending(self) -> int:
        """Runs taken and not yet handed back."""
        return len(self._pending)

    @property
    def n_slots(self) -> int:
        """Runs that the cluster makes at once."""
        try:
            return sum(self.client.nthreads().values())
        except OSError:
            raise ConnectionError(GONE) from None

    @property
    def n_room(self) -> int:
        """Runs that may be given now."""
        return self.n_slots - self.n_pending

    def submit(self, run: SweepRun) -> None:
        """Send `run` to the cluster."""
        function, *arguments = self._task(run)
        key = f"run-{run.run_id}-{uuid.uuid4().hex[:8]}"
        future = self.client.submit(function, *arguments, key=key, pure=False)
        self._pending[future] = run

    def collect(self, timeout: float) -> Ended:
        """Runs that ended, waiting `timeout` seconds for the first of them."""
        from distributed import wait
        from distributed.client import FuturesCancelledError

        try:
            with self.client.as_current():
                done = wait([*self._pending], timeout=timeout, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            return []
        except FuturesCancelledError:
            raise ConnectionError(GONE) from None
        ended = []
        for future in [future for future in self._pending if future in done]:
            run = self._pending.pop(future)
            ended.append((run, self._received(self._outcome(future), run)))
            future.release()
        return ended

    def _task(self, run: SweepRun) -> tuple[Any, ...]:
        return sweep_worker.make_run, run.plan

    def _received(self, outcome: Outcome, run: SweepRun) -> Outcome:
        return outcome

    def _outcome(self, future: Future) -> Outcome:
        from distributed import KilledWorker

        if future.status == "finished":
            return future.result()
        if future.status in ("cancelled", "lost"):
            raise ConnectionError(GONE)
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Outcome("failed", WORKER_DIED)
        return Outcome("failed", f"{type(error).__name__}: {error}")


class LocalPool(DaskPool):
    """A Dask cluster of this machine alone: one process a worker, heard on loopback only."""

    def __init__(self, given: list[Share], *, dashboard: bool = False) -> None:
        """One worker for each share; `dashboard` opens Dask's (it needs the package bokeh)."""
        super().__init__()
        self.shares, self.dashboard = given, dashboard
        self._homes: set[Path] = set()

    def __enter__(self) -> LocalPool:
        """Start the scheduler and the workers."""
        import dask
        from distributed import Client, Nanny, Scheduler, SpecCluster

        self._config = dask.config.set(
            {
                "distributed.scheduler.allowed-failures": RETRIES,
                # Otherwise a worker that is being replaced just then is given up for good.
                "distributed.deploy.lost-worker-timeout": "1000 days",
            }
        )
        port = 8787 if self.dashboard else 0
        options = {"protocol": "tcp://", "host": "127.0.0.1", "port": 0}
        options |= {"dashboard": self.dashboard, "dashboard_address": f"127.0.0.1:{port}"}
        self.cluster = SpecCluster(
            scheduler={"cls": Scheduler, "options": options},
            workers={
                i: {"cls": Nanny, "options": worker_options(share)}
                for i, share in enumerate(self.shares)
            },
            silence_logs=logging.CRITICAL,
        )
        self.client = Client(self.cluster, set_as_default=False)
        return self

    def __exit__(self, *_: object) -> None:
        """End the workers, with all that they run: a kernel ends when its parent does."""
        self.client.close(timeout=CLOSE_TIMEOUT)
        self.cluster.close(timeout=CLOSE_TIMEOUT)
        self._config.__exit__(None, None, None)
        for home in self._homes:
            remove_stale(home)

    @property
    def n_slots(self) -> int:
        """Runs that the cluster makes at once."""
        return len(self.shares)

    def submit(self, run: SweepRun) -> None:
        """Send `run` to a worker."""
        self._homes.add(run.plan.home)
        super().submit(run)


class RemotePool(DaskPool):
    """A cluster that is there already, found by the address of its scheduler."""

    def __init__(self, address: str, results: Path) -> None:
        """`results` is a folder that the cluster's machines share with this one.

        Raises: NoScheduler when no scheduler answers at `address`.
        """
        super().__init__()
        from distributed import Client

        self.results = results
        for name in ("distributed", "distributed.client"):  # the client's has a level of its own
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self.client = Client(address, timeout=CONNECT_TIMEOUT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            raise NoScheduler(
                f"no Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`"
            ) from None

    def __enter__(self) -> RemotePool:
        """Itself."""
        return self

    def __exit__(self, kind: type | None, *_: object) -> None:
        """Leave the cluster to others; after an exception stop what runs there for this sweep."""
        if kind is not None and self._pending and self.client.status == "running":
            self._stop()
        self.client.close(timeout=CLOSE_TIMEOUT)

    @property
    def n_room(self) -> int:
        """A few more than run at once, so that a cluster that grows with its work sees it."""
        return 2 * self.n_slots + 1 - self.n_pending

    def _task(self, run: SweepRun) -> tuple[Any, ...]:
        plan, results = run.plan, str(self.results)
        name = _name_everywhere(plan.notebook)
        return sweep_worker.make_run_elsewhere, name, plan.parameters, plan.run_id, results

    def _stop(self) -> None:
        """Start the workers anew that make runs of this sweep; their kernels end with them."""
        keys = {future.key for future in self._pending}
        # A worker without a nanny (ValueError) finishes its run, one that went away did.
        with contextlib.suppress(ValueError, OSError):
            busy = [worker for worker, has in self.client.processing().items() if keys & set(has)]
            self.client.cancel(list(self._pending), force=True)
            self.client.restart_workers(busy, timeout=CLOSE_TIMEOUT, raise_for_error=False)

    def _received(self, outcome: Outcome, run: SweepRun) -> Outcome:
        if outcome.status == "finished" and not _appears(run):
            return Outcome(
                "failed",
                f"the worker made the run where this machine does not see it: share the folder "
                f"{self.results} among the machines",
            )
        return outcome


def _name_everywhere(notebook: Path) -> str:
    """A notebook of the project by its name, which every worker knows; another by its path."""
    is_ours = notebook.parent == files.content_root() / "notebooks"
    return notebook.stem if is_ours else str(notebook)


def _appears(run: SweepRun, patience: float = 5.0) -> bool:
    """Whether the finished run is here; a network folder may show it seconds late."""
    deadline = time.monotonic() + patience
    while not run.plan.is_finished and time.monotonic() < deadline:
        time.sleep(0.2)
    return run.plan.is_finished
