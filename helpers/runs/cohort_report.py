"""What was understood of a cohort, and what each chapter can do with it, before any run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anndata
import pandas as pd

from helpers import files
from helpers.cohorts.feature_sets import cohort_sets
from helpers.cohorts.on_disk.stores import is_store
from helpers.cohorts.reading.missing_words import is_missing_word
from helpers.cohorts.registry import load_cohort
from helpers.cohorts.user_files import load_panel, load_tumours
from helpers.runs.chapter_needs import chapter_uses, offered_parameters, unseen_cohorts
from helpers.runs.number_format import counted
from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import Plan, plan_run

OPTIONAL = ("sample_type", "batch", "age", "sex", "race", "stage", "subtype", "purity",
            "os_time", "os_event")  # fmt: skip
_MOST_TYPES = 15  # that are listed


@dataclass(frozen=True)
class ChapterReport:
    """Whether a chapter can be made, and the line that makes it or why not.

    offered: parameters that were chosen here, since it cannot take the cohort as it is. without:
    analyses it leaves out, with the column that they lack. unseen: other cohorts of the
    chapter that are not prepared yet, so that nobody looked whether the two go together.
    """

    notebook: str
    can: bool
    what: str
    offered: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class CohortReport:
    """A cohort in words.

    about: samples, features and their unit. notes: how the file was read, and what its features are
    to gene sets. samples: cancer type × kind of sample, counts. columns: a row an optional column,
    known (samples that have a value) and values. chapters: one a notebook.
    """

    about: str
    notes: tuple[str, ...]
    samples: pd.DataFrame
    columns: pd.DataFrame
    chapters: tuple[ChapterReport, ...]

    @property
    def is_usable(self) -> bool:
        """Whether there is a chapter that can be made."""
        return any(chapter.can for chapter in self.chapters)


def report_cohort(name: str, parameters: Mapping[str, Any] | None = None) -> CohortReport:
    """Report on the registered cohort `name`, or the file of that path.

    `parameters`: of the chapters, such as atac_cohort; each chapter takes those that it has.

    Raises:
        ValueError: no chapter can read it; one line with rule, value and fix.
    """
    cohort = _loaded(name)
    notes = [*map(str, cohort.uns.get("notes", []))]
    if "feature" in cohort.uns:
        notes.append(cohort_sets(cohort).what)
    columns = _columns(cohort.obs)
    unit = cohort.uns.get("unit", "of a unit that the file does not name")
    patients = f" of {counted(cohort.obs['patient'].nunique(), 'patient')}" if (
        "patient" in cohort.obs) else ""  # fmt: skip
    return CohortReport(
        f"{name}: {counted(cohort.n_obs, 'sample')}{patients} × "
        f"{counted(cohort.n_vars, 'feature')}, {unit}",
        tuple(dict.fromkeys(notes)),
        _samples(cohort.obs),
        columns,
        tuple(_chapter(path, name, parameters or {}, columns, cohort) for path in _chapters()),
    )


def _loaded(name: str) -> anndata.AnnData:
    """The cohort as a chapter reads it; tumours alone, or lines alone, as chapter 4 does."""
    try:
        return load_cohort(name, 0)
    except ValueError:
        if not is_store(name):
            raise
        for load in (load_tumours, load_panel):
            try:
                return load(name)
            except ValueError:
                continue
        raise


def _chapters() -> list[Path]:
    return sorted((files.content_root() / "notebooks").glob("[0-9][0-9]_*.ipynb"))


def _chapter(
    notebook: Path,
    name: str,
    parameters: Mapping[str, Any],
    columns: pd.DataFrame,
    cohort: anndata.AnnData,
) -> ChapterReport:
    own = {parameter.name for parameter in notebook_parameters(notebook)}
    given = {"cohort": name} | {k: v for k, v in parameters.items() if k in own}
    plan, why = _planned(notebook, given)
    offered = {k: v for k, v in offered_parameters(notebook, cohort).items() if k not in given}
    if plan is None and offered:
        plan, _ = _planned(notebook, given | offered)
    if plan is None:
        return ChapterReport(notebook.stem, False, why)
    chosen = offered if why else {}
    words = " ".join(f"-p {key} {_quoted(str(value))}" for key, value in (given | chosen).items())
    known = set(columns.index[columns["known"] > 0])
    without = [
        f"{analysis} (no {' or '.join(lacking)})"
        for analysis, needed in chapter_uses(notebook).items()
        if (lacking := [column for column in needed if column not in known])
    ]
    return ChapterReport(
        notebook.stem,
        True,
        f"python -m helpers run {notebook.stem} {words}",
        tuple(f"{key} {value}" for key, value in chosen.items()),
        tuple(without),
        tuple(unseen_cohorts(notebook, plan.parameters)),
    )


def _planned(notebook: Path, given: Mapping[str, Any]) -> tuple[Plan | None, str]:
    """(the plan of a run, "") or (None, why there is none, in a line)."""
    try:
        return plan_run(notebook, given), ""
    except (ValueError, OSError) as error:
        return None, " ".join(str(error).split())


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _samples(obs: pd.DataFrame) -> pd.DataFrame:
    """Counts, cancer type × kind of sample, the commonest types first."""
    kinds = obs["sample_type"].astype(str) if "sample_type" in obs else "sample"
    table = pd.crosstab(obs["cancer_type"].astype(str), kinds)
    table = table.loc[table.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    if len(table) > _MOST_TYPES:
        rest = table.iloc[_MOST_TYPES:]
        table = table.iloc[:_MOST_TYPES].copy()
        table.loc[f"{len(rest)} more types"] = rest.sum()
    return table


def _columns(obs: pd.DataFrame) -> pd.DataFrame:
    """Optional columns: how many samples have a value, and what values."""
    rows = {}
    for name in OPTIONAL:
        values = obs[name] if name in obs else pd.Series(dtype=float)
        values = values[values.notna() & ~values.astype(str).map(is_missing_word)]
        rows[name] = {"known": len(values), "values": _in_words(values)}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["known", "values"])


def _in_words(values: pd.Series) -> str:
    numbers = pd.to_numeric(values, errors="coerce")
    if not len(values):
        return ""
    if numbers.notna().all() and numbers.nunique() > 2:
        return f"{numbers.min():g} to {numbers.max():g}"
    counts: Sequence[tuple[Any, int]] = [*values.astype(str).value_counts().items()]
    said = ", ".join(f"{value} ({n})" for value, n in counts[:4])
    return said + (f", {len(counts) - 4} more" if len(counts) > 4 else "")
