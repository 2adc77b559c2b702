"""The table a sweep ends in: one row a run, and a JSON file that says where it comes from.

Both lie in results/sweeps/; the table of a published sweep also in book/published/, without the
columns that are the same in every row, which its JSON holds.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.files import read_json, write_json, write_whole
from helpers.runs import provenance
from helpers.sweeps.expansion import Sweep, SweepRun
from helpers.sweeps.worker import Outcome

if TYPE_CHECKING:
    import pandas as pd

ABOUT_RUN = ("run_id", "status", "label", "paper", "trial", "seconds", "device", "peak_memory_mb")
ABOUT_FAILURE = ("error", "folder")
IN_RUN_JSON = ("device", "peak_memory_mb")


class SweepTable:
    """Rows of a sweep as its runs end; `write` puts them on disk, whole."""

    def __init__(self, sweep: Sweep, results: Path) -> None:
        """An empty table of `sweep`, for results/sweeps/."""
        self.sweep, self.path = sweep, table_path(sweep, results)
        self.results, self.runs = results, {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._began = provenance.now()

    def add(self, run: SweepRun, outcome: Outcome | None = None) -> dict[str, Any]:
        """Row of `run`: as it ended, or (without `outcome`) as it lies on disk."""
        self.runs[run.run_id] = run
        self._rows[run.run_id] = row = _row(run, outcome, self.results)
        return row

    @property
    def n_finished(self) -> int:
        """Runs that are there."""
        return sum(row["status"] == "finished" for row in self._rows.values())

    @property
    def frame(self) -> "pd.DataFrame":
        """The table: about each run, its parameters, its metrics, why it failed."""
        import pandas as pd

        table = pd.DataFrame(list(self._rows.values()), columns=None if self._rows else ["status"])
        first = [name for name in ABOUT_RUN if name in table and table[name].notna().any()]
        last = [name for name in ABOUT_FAILURE if name in table and table[name].notna().any()]
        drop = {*ABOUT_RUN, *ABOUT_FAILURE}
        return table[[*first, *(name for name in table if name not in drop), *last]]

    def write(self, *, rows_only: bool = False) -> "pd.DataFrame":
        """Write the table and (unless `rows_only`) where it comes from; the table."""
        table = self.frame
        _write_csv(table, self.path)
        if rows_only or not self.runs:
            return table
        about = describe_sweep(self.sweep, self.runs.values())
        write_json(self.path.with_suffix(".json"), about | {"started": self._began})
        return table


def table_path(sweep: Sweep, results: Path) -> Path:
    """results/sweeps/<name>.csv, and for quick versions results/sweeps/quick/<name>.csv."""
    folder = results / "sweeps" / ("quick" if sweep.is_quick else "")
    return folder / f"{sweep.name}.csv"


def describe_sweep(sweep: Sweep, runs: Sequence[SweepRun]) -> dict[str, Any]:
    """What the page of a sweep says about it: how it was made, on what and from which code."""
    file, runs = sweep.file, list(runs)
    parameters = [run.plan.parameters for run in runs]
    varied = varied_parameters(runs)
    about = [read_json(run.plan.folder / "run.json") for run in runs if run.plan.is_finished]
    return {
        "name": sweep.name,
        "notebook": runs[0].plan.notebook.stem,
        "title": file.title,
        "about": " ".join(file.about.split()),
        "varied": [name for name in varied if name != "seed"],
        "seeds": sorted({values["seed"] for values in parameters if "seed" in values}),
        "same": {name: value for name, value in parameters[0].items() if name not in varied},
        "fixed": dict(file.fixed),
        "drawn": {name: d.model_dump(exclude_none=True) for name, d in _drawn(file).items()},
        "search": file.search,
        "metric": file.metric,
        "direction": "minimise" if file.minimise else "maximise",
        "show": file.shown,
        "n_runs": len(runs),
        "n_finished": len(about),
        "inputs": {name: sha for run in runs for name, sha in run.plan.inputs.items()},
        **_made(about),
    }


def varied_parameters(runs: Sequence[SweepRun]) -> list[str]:
    """Names of the parameters that are not the same in all `runs`, in the notebook's order."""
    parameters = [run.plan.parameters for run in runs]
    first = parameters[0] if parameters else {}
    return [name for name in first if any(one[name] != first[name] for one in parameters)]


def publish(sweep: Sweep, results: Path, folder: Path) -> Path:
    """Copy the table of a finished sweep, and where it comes from, to `folder`; the CSV's path.

    Runs that failed are a result too, and stay in it.

    Raises:
        ValueError: a run has not been made.
    """
    import pandas as pd

    path = table_path(sweep, results)
    table, about = pd.read_csv(path), read_json(path.with_suffix(".json"))
    missing = int((~table["status"].isin(["finished", "failed"])).sum())
    if missing:
        raise ValueError(
            f"a sweep is published whole: {missing} of {len(table)} runs of {sweep.name} have not "
            "been made. Run it again"
        )
    target = folder / path.name
    status = [] if (table["status"] == "failed").any() else ["status"]
    same = [name for name in (*about["same"], *status, "folder") if name in table]
    _write_csv(table.drop(columns=same).map(_rounded), target)
    write_json(target.with_suffix(".json"), about | {"is_published": True})
    return target


def _write_csv(table: "pd.DataFrame", path: Path) -> None:
    write_whole(path, lambda part: table.to_csv(part, index=False))


def _row(run: SweepRun, outcome: Outcome | None, results: Path) -> dict[str, Any]:
    status = "finished" if run.plan.is_finished else "not run"
    folder = run.plan.folder if run.plan.is_finished else None
    row = {"run_id": run.run_id, "status": status, "label": run.label or None}
    row |= {"paper": run.paper, "trial": run.trial}
    row |= run.plan.parameters
    if outcome is not None and outcome.status == "failed":
        row |= {"status": "failed", "error": outcome.error}
        folder = outcome.folder
    if folder is None:
        return row
    about = read_json(folder / "run.json")
    row |= {key: about.get(key) for key in IN_RUN_JSON}
    row |= {"seconds": about.get("duration_s"), "folder": os.path.relpath(folder, results)}
    row |= {"error": about["error"]} if "error" in about else {}
    metrics = folder / "metrics.json"  # a run that failed early has none
    return row | (read_json(metrics) if metrics.exists() else {})


def _drawn(file: Any) -> dict[str, Any]:
    return file.random.parameters if file.random else {}


def _made(about: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """From the run.json of all finished runs: code, machine, time."""
    if not about:
        return {}
    commits = {str(one["git_commit"]) for one in about}
    return {
        "git_commit": commits.pop() if len(commits) == 1 else "several",
        "git_dirty": any(one["git_dirty"] for one in about),
        "devices": sorted({str(one["device"]) for one in about}),
        "hardware": about[0]["hardware"],
        "versions": about[0]["versions"],
        "date": max(one["started"] for one in about)[:10],
        "seconds": round(sum(one["duration_s"] for one in about), 1),
    }


def _rounded(value: Any) -> Any:
    return float(f"{value:.6g}") if isinstance(value, float) else value
