"""The process that executes a notebook: started by papermill, watched cell by cell.

The kernel is this Python, never a `python3` that another installation registered. It works in the
project's root (of an installed project: in the run's folder), so `import helpers` there is the code
that the run's id was made from.
"""

import ast
import gc
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient.util import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from papermill.execute import execute_notebook
from papermill.log import logger

START_TIMEOUT = 120  # seconds for the kernel to answer; a machine under load needs many
FOLDER_VARIABLES = ("HELPERS_DATA_MIRROR", "HELPERS_DATA_CACHE")
FACTS_TIMEOUT = 30  # seconds for it to say how much memory it took


class Watch:
    """What is seen of one execution: the cell it is in and, at the end, the kernel's own facts."""

    def __init__(self, n_cells: int, device: str, progress: bool) -> None:
        """`n_cells` code cells to come; `progress` prints a line each if stderr is a terminal."""
        self.n_cells, self.device = n_cells, device
        self.cell, self.source = 0, ""
        self.facts: dict[str, Any] = {}
        self._shows = progress and sys.stderr.isatty()
        self._since, self._is_open = 0.0, False  # start of the cell, its line unfinished

    def start(self, cell: Any, **_: Any) -> None:
        """A cell begins."""
        if cell.cell_type != "code" or not cell.source.strip():
            return
        self.cell, self.source, self._since = self.cell + 1, cell.source, time.monotonic()
        self._is_open = True
        if self._shows:
            label = f"  cell {self.cell}/{self.n_cells}  {self.source.splitlines()[0][:56]}"
            print(f"{label:<76}", end="", file=sys.stderr, flush=True)

    def end(self, **_: Any) -> None:
        """The cell has run, well or not; or nothing runs any more."""
        if self._shows and self._is_open:
            print(f"{time.monotonic() - self._since:8.1f} s", file=sys.stderr, flush=True)
        self._is_open = False


def execute(
    notebook: Path, output: Path, parameters: dict[str, Any], folder: Path, log: Path, watch: Watch
) -> None:
    """Execute `notebook` with `parameters` into `output`, the kernel working in `folder`.

    What the kernel process itself writes goes to the file `log`; `watch` is filled on the way.

    Raises:
        papermill.PapermillExecutionError: a cell raised.
        nbclient.exceptions.DeadKernelError: the kernel died.
    """
    try:
        execute_notebook(
            notebook,
            output,
            parameters,
            engine_name=ENGINE,
            kernel_name="python3",
            progress_bar=False,
            folder=folder,
            log=log,
            watch=watch,
        )
    finally:
        watch.end()
        # The client and the executed notebook hold each other, megabytes that wait for a collection
        # which a process of few objects hardly ever makes.
        gc.collect()


class _Client(PapermillNotebookClient):
    """papermill's client that, after the last cell, asks the kernel for `kernel_facts`."""

    def __init__(self, nb_man: Any, watch: Watch, **options: Any) -> None:
        super().__init__(nb_man, **options)
        self.watch = watch

    def papermill_execute_cells(self) -> None:
        super().papermill_execute_cells()
        self.watch.facts = run_sync(self._ask)()

    async def _ask(self) -> dict[str, Any]:
        module = "__import__('helpers.runs.provenance', fromlist=['kernel_facts'])"
        question = f"{module}.kernel_facts({self.watch.device!r})"
        try:
            reply = await self.kc.execute_interactive(
                "", silent=True, user_expressions={"facts": question}, timeout=FACTS_TIMEOUT
            )
            answer = reply["content"]["user_expressions"]["facts"]["data"]["text/plain"]
            return json.loads(ast.literal_eval(answer))
        except (KeyError, TimeoutError, ValueError, RuntimeError):
            return {}


class _Engine(NBClientEngine):
    """papermill engine: this Python as the kernel, its chatter to a log, killed at the end."""

    @classmethod
    def execute_managed_notebook(  # papermill fixes the name and the first two arguments
        cls, nb_man: Any, kernel_name: str, *, folder: Path, log: Path, watch: Watch, **_: Any
    ) -> Any:
        client = _Client(
            nb_man,
            watch,
            km=AsyncKernelManager(
                kernel_name=kernel_name, kernel_spec_manager=KernelSpecManager(kernel_dirs=[])
            ),
            startup_timeout=START_TIMEOUT,
            shutdown_kernel="immediate",
            on_cell_start=watch.start,
            on_cell_executed=watch.end,
            log=logger,
        )
        with log.open("wb") as sink:
            return client.execute(
                cleanup_kc=True, cwd=str(folder), env=_environment(), stdout=sink, stderr=sink
            )


def _environment() -> dict[str, str]:
    """Ours, with figures drawn inline, progress bars silent and the caller's relative folders.

    Threads that wait do so without spinning: beside another job on the same cores, spinning made
    the training of small models up to a hundred times slower. numba follows OMP_NUM_THREADS, or
    UMAP would set torch's threads back to all cores. numpy's OpenBLAS can only spin, so it gets one
    thread unless it is told otherwise: on busy cores an eigendecomposition of 800 samples took two
    to five times as long with two.
    """
    inherited = {key: value for key, value in os.environ.items() if key != "MPLBACKEND"}
    for key in FOLDER_VARIABLES:
        if (value := inherited.get(key)) and "://" not in value:
            inherited[key] = str(Path(value).expanduser().resolve())
    threads = inherited.get("OMP_NUM_THREADS", "")
    quiet = {"TQDM_DISABLE": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    if not threads:
        quiet["OPENBLAS_NUM_THREADS"] = "1"
    return quiet | ({"NUMBA_NUM_THREADS": threads} if threads.isdigit() else {}) | inherited


ENGINE = "helpers"
papermill_engines.register(ENGINE, _Engine)
