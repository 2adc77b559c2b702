"""What distributing costs: `python -m tests.benchmarks.sweeps [--runs 20] [--workers 2] …`.

A notebook that computes for `busy` seconds is run many times on a few workers. To be met on a quiet
machine: at most 1.25 × (sum of the kernels' times ÷ workers) for the whole sweep, start and end of
the cluster included; and under 0.5 s more for a run than for plain papermill, in turn in one
process. Appends a row to results/benchmarks/sweeps.csv; `--publish` puts it into
book/published/benchmarks/sweeps.csv and book/benchmarks.md too.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import nbformat
import pandas as pd

from helpers.runs.provenance import hardware, now
from helpers.sweeps.sweep import Where, run_sweep
from tests.benchmarks.tables import publish

PARAMETERS = """\
cohort: str = "demo-pancan"  # registered cohort
seed: int = 0  # of every random number
device: str = "auto"  # auto, cpu or cuda
n_epochs: int = 1  # passes over the data
quick: bool = False  # seconds-long run
out_dir: str = ""  # folder of the run
"""
WORK = """\
import time
end = time.perf_counter() + {busy}
while time.perf_counter() < end:
    sum(range(10_000))
from helpers.runs.record import Record
record = Record("busy", out_dir)
record.metric("fit.loss", float(seed))
record.close()
"""


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--busy", type=float, default=2.0, help="seconds that a notebook computes")
    parser.add_argument("--publish", action="store_true", help="write the book's table too")
    given = parser.parse_args()
    load = round(os.getloadavg()[0], 1)  # before, what else the machine is doing
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), given.runs, given.workers, given.busy)
    asked = {"runs": given.runs, "workers": given.workers, "busy": given.busy}
    row = {**asked, **measured, "load": load, "device": hardware()["cpu"]}
    row |= {"cores": hardware()["cores"], "when": now()}
    print("\n".join(f"{name:>16}  {value}" for name, value in row.items()))
    target = Path("results") / "benchmarks" / "sweeps.csv"
    target.parent.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame([row])
    table.to_csv(target, mode="a", header=not target.exists(), index=False)
    if given.publish:
        publish("sweeps", table)


def measure(folder: Path, n_runs: int, n_workers: int, busy: float) -> dict[str, float]:
    """Seconds of a sweep against those of its kernels, and of a run against plain papermill."""
    notebook = write_notebook(folder / "busy.ipynb", busy)
    path = folder / "busy.yaml"
    path.write_text(f"notebook: {notebook}\nlist: [{{}}]\nseeds: {list(range(n_runs))}\n")
    began = time.perf_counter()
    table = run_sweep(path, results=folder / "results", where=Where(workers=n_workers))
    elapsed = time.perf_counter() - began
    kernels = table["seconds"].sum()
    return {
        "sweep_s": round(elapsed, 2),
        "kernels_s": round(kernels, 2),
        "ratio": round(elapsed / (kernels / n_workers), 3),
        "overhead_s": round(overhead(folder), 3),
    }


def overhead(folder: Path, n_times: int = 5) -> float:
    """Median seconds that a run of a notebook that does nothing takes beyond plain papermill."""
    from papermill import execute_notebook

    from helpers.runs.execution import run_notebook

    notebook = write_notebook(folder / "idle.ipynb", 0.0)
    more = []
    for seed in range(n_times + 1):
        began = time.perf_counter()
        given = {"seed": seed, "out_dir": str(folder / f"plain-{seed}")}
        execute_notebook(notebook, folder / "out.ipynb", given, progress_bar=False)
        between = time.perf_counter()
        run_notebook(notebook, {"seed": seed}, results=folder / "results", progress=False)
        more.append(time.perf_counter() - between - (between - began))
    return statistics.median(more[1:])  # the first of each imports


def write_notebook(path: Path, busy: float) -> Path:
    """A notebook that computes for `busy` seconds and reports one metric."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "P", "language": "python"}
    tagged = nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]})
    notebook.cells = [tagged, nbformat.v4.new_code_cell(WORK.format(busy=busy))]
    nbformat.write(notebook, path)
    return path


if __name__ == "__main__":
    main()
