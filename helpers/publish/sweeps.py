"""Many runs of one notebook, described in a YAML file, and the one table they end in.

```yaml
notebook: 01_pancan_vae
parameters: {n_epochs: 30}                        # the same in every run
grid: {n_latent: [2, 8, 32], kl_weight: [0.5, 1]}  # every combination
seeds: [0, 1, 2]                                  # and each of those with every seed
```

`list: [{…}, {…}]` names the combinations one by one instead of `grid`. Runs are made one after the
other; those that are finished already are not made again, so the same command resumes a sweep.
"""

import itertools
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.publish.parameters import nearest
from helpers.publish.plans import Plan, plan_run
from helpers.publish.runs import RunFailed, execute_plan

if TYPE_CHECKING:
    import pandas as pd

FIELDS = ("notebook", "parameters", "grid", "list", "seeds")


@dataclass(frozen=True)
class Sweep:
    """A sweep's name (its file's), its notebook and the parameters of each of its runs."""

    name: str
    notebook: str
    runs: tuple[dict[str, Any], ...]


def load_sweep(path: str | Path) -> Sweep:
    """Sweep described in the YAML file at `path`, expanded into its runs.

    Raises:
        ValueError: there is no such file, it is not YAML, or a field is unknown, missing or of the
            wrong kind. Parameters are checked later, by `plan_sweep`.
    """
    path = Path(path)
    content = _read_yaml(path)
    for field in content:
        if field not in FIELDS:
            raise ValueError(
                f"{path.name}: unknown field `{field}`{nearest(str(field), FIELDS)}. "
                f"All: {', '.join(FIELDS)}"
            )
    if not isinstance(content.get("notebook"), str):
        raise ValueError(
            f"{path.name} must name its notebook, for example `notebook: 01_pancan_vae`"
        )
    fixed = _mapping(path, content, "parameters")
    runs = [fixed | varied for varied in _combinations(path, content)]
    return Sweep(path.stem, content["notebook"], tuple(runs))


def plan_sweep(sweep: Sweep, *, results: str | Path | None = None) -> list[Plan]:
    """Plan of every run of `sweep`, each checked; a run described twice is planned once.

    Raises:
        ValueError: one of the runs would be refused, see `plan_run`.
    """
    plans = [plan_run(sweep.notebook, run, results=results) for run in sweep.runs]
    return list({plan.run_id: plan for plan in plans}.values())


def run_sweep(
    path: str | Path, *, results: str | Path | None = None, progress: bool = True
) -> "pd.DataFrame":
    """Make the runs of the sweep at `path` that are not there; the table has one row a run.

    Columns: run_id, status ("finished", "failed", "not run"), parameters, seconds, device,
    peak_memory_mb, error, and every metric. It is kept at `sweep_table_path`, up to date after each
    run. A run that fails does not stop the others. `progress` prints a line a run to stderr.

    Raises:
        ValueError: the file or one of its runs is refused; nothing has been started then.
    """
    sweep = load_sweep(path)
    plans = plan_sweep(sweep, results=results)
    return run_plans(sweep.name, plans, results=results, progress=progress)


def run_plans(
    name: str, plans: Sequence[Plan], *, results: str | Path | None = None, progress: bool = True
) -> "pd.DataFrame":
    """Table of the sweep `name` after making those of its `plans` that are not there."""
    target = sweep_table_path(name, results)
    rows = [_row(plan) for plan in plans]
    for index, plan in enumerate(plans):
        rows[index] = _attempt(plan)
        table = _write_table(rows, target)
        if progress:
            print(_progress_line(index + 1, len(plans), rows[index]), file=sys.stderr, flush=True)
    return table


def sweep_table_path(name: str, results: str | Path | None = None) -> Path:
    """Where the table of sweep `name` lies: results/sweeps/<name>.csv."""
    from helpers.data.sources import project_root

    return Path(results or project_root() / "results") / "sweeps" / f"{name}.csv"


def _attempt(plan: Plan) -> dict[str, Any]:
    try:
        execute_plan(plan, progress=False)
    except RunFailed as failure:
        return _row(plan, failure)
    return _row(plan)


def _row(plan: Plan, failure: RunFailed | None = None) -> dict[str, Any]:
    row = {"run_id": plan.run_id, "status": "not run", **plan.parameters}
    if failure is None and not plan.is_finished:
        return row
    folder = failure.folder if failure else plan.folder
    about = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    row |= {key: about.get(key) for key in ("status", "device", "peak_memory_mb", "error")}
    row["seconds"] = about.get("duration_s")
    metrics = folder / "metrics.json"
    return row | (json.loads(metrics.read_text(encoding="utf-8")) if metrics.exists() else {})


def _write_table(rows: list[dict[str, Any]], target: Path) -> "pd.DataFrame":
    import pandas as pd

    table = pd.DataFrame(rows)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".part-{target.name}")
    table.to_csv(part, index=False)
    part.replace(target)
    return table


def _progress_line(done: int, total: int, row: Mapping[str, Any]) -> str:
    reason = f": {row['error']}" if row.get("error") else ""
    return f"run {done}/{total}  {row['run_id']}  {row['status']}  {row['seconds']} s{reason}"


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"cannot read the sweep {path}: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path.name} must be fields with values: {', '.join(FIELDS)}")
    return content


def _combinations(path: Path, content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What varies, run by run."""
    if ("grid" in content) == ("list" in content):
        raise ValueError(f"{path.name} must have either `grid` or `list`, and one of them only")
    seeds = _seeds(path, content)
    for values in _grid(path, content) if "grid" in content else _list(path, content):
        for seed in seeds:
            yield values | seed


def _grid(path: Path, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    grid = _mapping(path, content, "grid")
    for name, values in grid.items():
        if not isinstance(values, list) or not values:
            raise ValueError(
                f"{path.name}: `grid` needs a list of values for `{name}`: got {values!r}"
            )
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _list(path: Path, content: Mapping[str, Any]) -> list[dict[str, Any]]:
    runs = content["list"]
    if not isinstance(runs, list) or not runs or not all(isinstance(run, dict) for run in runs):
        raise ValueError(
            f"{path.name}: `list` must be a list of {{parameter: value}}: got {runs!r}"
        )
    return runs


def _seeds(path: Path, content: Mapping[str, Any]) -> list[dict[str, int]]:
    if "seeds" not in content:
        return [{}]
    seeds = content["seeds"]
    if not isinstance(seeds, list) or not seeds or not all(type(seed) is int for seed in seeds):
        raise ValueError(f"{path.name}: `seeds` must be a list of integers: got {seeds!r}")
    return [{"seed": seed} for seed in seeds]


def _mapping(path: Path, content: Mapping[str, Any], field: str) -> dict[str, Any]:
    value = content.get(field) or {}
    if not isinstance(value, dict):
        raise ValueError(f"{path.name}: `{field}` must be {{parameter: value}}: got {value!r}")
    return value
