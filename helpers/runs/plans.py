"""One run, checked and named but not executed: all that can be refused is refused here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from helpers import files
from helpers.runs.chapter_needs import (
    check_data,
    check_device,
    implied_parameters,
    is_cohort,
)
from helpers.runs.identity import notebook_code, published_reads, run_id
from helpers.runs.parameters import (
    Parameter,
    check_parameters,
    nearest,
    notebook_parameters,
)


@dataclass(frozen=True)
class Plan:
    """A run that may start: `parameters` has every parameter but `out_dir`, resolved."""

    notebook: Path
    parameters: dict[str, Any]
    inputs: dict[str, str]
    run_id: str
    home: Path  # results/<notebook>, where its finished runs lie
    cohort_code: tuple[Path, ...] = ()  # files that load its cohorts, part of its identity

    @cached_property
    def folder(self) -> Path:
        """Where the finished run lies, or will."""
        return self.home / self.run_id

    @property
    def is_finished(self) -> bool:
        """Whether the run is there, whole."""
        return read_status(self.folder) == "finished"


def plan_run(
    name: str | Path,
    parameters: Mapping[str, Any] | None = None,
    *,
    results: str | Path | None = None,
    elsewhere: bool = False,
) -> Plan:
    """Plan of the run of notebook `name` with `parameters`, for a folder under `results`.

    `name` is the stem of a file in notebooks/ or the path of any .ipynb; `results` is the project's
    results/ unless given. Parameters named `cohort` or `…_cohort` are checked as cohorts, those
    named `…_panel` as the .h5ad file of a panel of cell lines; one that is a path is taken
    relative to the caller's working folder. `elsewhere`: the run is another machine's, whose
    devices are not known here. What the chapter needs of its data is asked, see `check_data`.

    Raises:
        ValueError: unknown notebook or parameter, wrong type, out of range, unknown cohort or
            device, unreadable file, or a cohort that lacks what the chapter needs. The message is
            one line: rule, value, fix.
    """
    notebook = find_notebook(name)
    known = notebook_parameters(notebook)
    resolved = check_parameters(parameters or {}, known, notebook.stem)
    _refuse_no_cohort(resolved, known)
    if "out_dir" not in resolved:
        raise ValueError(
            f"{notebook.stem} has no parameter `out_dir`, and a run needs it to report into its "
            'folder: add `out_dir: str = ""` to the code cell tagged `parameters`'
        )
    if resolved.pop("out_dir"):
        raise ValueError(
            "`out_dir` is set by the run itself, to its own folder under results/: leave it out, "
            "or call papermill directly to write elsewhere"
        )
    resolved |= {key: _absolute(value) for key, value in resolved.items() if _names_data(key)}
    resolved |= implied_parameters(notebook, resolved)
    cohort_code = []
    inputs = _published_sums(notebook) | check_inputs(notebook, resolved)
    for key in filter(is_cohort, resolved):
        cohort_code += _cohort_code(resolved[key]) if resolved[key] else []
    home = files.results_folder(results) / notebook.stem
    name_of_run = run_id(notebook, resolved, inputs, cohort_code)
    plan = Plan(notebook, resolved, inputs, name_of_run, home, tuple(cohort_code))
    check_plan(plan, elsewhere)
    return plan


def _refuse_no_cohort(resolved: Mapping[str, Any], known: Sequence[Parameter]) -> None:
    is_needed = any(parameter.name == "cohort" and parameter.default for parameter in known)
    if is_needed and not resolved["cohort"].strip():
        raise ValueError(
            "`cohort` must be a registered cohort or the path of a .h5ad: got "
            f"{resolved['cohort']!r}. Leave it out to take the simulated one"
        )


def check_plan(plan: Plan, elsewhere: bool = False) -> None:
    """Return if an unfinished run has its device, and data at hand that its chapter can use.

    Raises:
        ValueError: see `plan_run`.
    """
    if plan.is_finished:
        return
    if not elsewhere:
        check_device(str(plan.parameters.get("device", "auto")))
    check_data(plan.notebook, plan.parameters, plan.inputs)


def check_inputs(notebook: Path, parameters: Mapping[str, Any]) -> dict[str, str]:
    """sha256 of every file that the cohorts and panels among `parameters` rest on; all looked at.

    Raises:
        ValueError: see `plan_run`.
    """
    inputs = {}
    for key in filter(is_cohort, parameters):
        if parameters[key]:
            inputs |= _checked_inputs(parameters[key], notebook, key)
    for key in parameters:
        if key.endswith("_panel") and parameters[key]:
            inputs |= _checked_panel(parameters[key])
    return inputs


def _names_data(parameter: str) -> bool:
    """Whether a parameter of that name is given a cohort or a panel."""
    return is_cohort(parameter) or parameter.endswith("_panel")


def find_notebook(name: str | Path) -> Path:
    """Path of the notebook `name`: a stem in notebooks/ ("01_pancan_vae") or a path.

    Raises:
        ValueError: there is no such notebook (the nearest name is suggested).
    """
    folder = files.content_root() / "notebooks"
    stem = str(name).removesuffix(".ipynb")
    for path in (folder / f"{stem}.ipynb", Path(f"{stem}.ipynb")):
        if path.is_file():
            return path.resolve()
    stems = sorted(path.stem for path in folder.glob("*.ipynb"))
    raise ValueError(
        f"unknown notebook `{name}`{nearest(Path(stem).name, stems)}. "
        f"All: {', '.join(stems) or 'none'}"
    )


def read_status(folder: Path) -> str | None:
    """Status in the folder's run.json ("finished", "failed"); None if there is no readable one."""
    try:
        return files.read_json(folder / "run.json")["status"]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _checked_inputs(cohort: str, notebook: Path, parameter: str) -> dict[str, str]:
    from helpers.cohorts.registry import check_cohort, cohort_inputs

    # A chapter that needs other columns than most says so: a list for all its cohorts, or a list
    # for each parameter that names one.
    metadata = files.read_json(notebook)["metadata"]
    needs = metadata.get("cohort_needs")
    if isinstance(needs, dict):
        needs = needs.get(parameter)
    check_cohort(cohort, **({"needs": tuple(needs)} if needs else {}))
    return cohort_inputs(cohort)


def _cohort_code(cohort: str) -> list[Path]:
    from helpers.cohorts.registry import cohort_code

    return cohort_code(cohort)


def _published_sums(notebook: Path) -> dict[str, str]:
    """sha256 of the published tables that the notebook reads, where they are there."""
    from helpers.runs.published import published_sum

    names = published_reads(notebook_code(notebook))
    return {f"book/published/{name}.csv": published_sum(name) for name in names}


def _checked_panel(path: str) -> dict[str, str]:
    from helpers.cohorts.user_files import UserFile, check_panel

    check_panel(path)
    return UserFile(Path(path)).inputs()


def _absolute(cohort: str) -> str:
    from helpers.cohorts.on_disk.stores import is_store

    is_path = is_store(cohort) or "/" in cohort
    return str(Path(cohort).expanduser().resolve()) if is_path else cohort
