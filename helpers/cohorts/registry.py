"""Cohorts by name: every chapter's `cohort` parameter comes through here.

A cohort is an AnnData: `X` float32 sample × feature; `obs` with patient, cancer_type, sample_type
and what else is known; `uns` with name, unit, feature ("gene" | "microRNA"), default_types and
notes. Three tiers: `demo` is simulated in memory with its truth known, `real` downloads in a
minute, `paper` is the papers' full-size input. Any other name is the path of your own `.h5ad` or
`.zarr`, which is a cohort like any other from here on.

Every room of `helpers` announces its cohorts as `COHORTS` in a module named `cohorts`; they are
collected by looking for such modules, so that a room that is gone takes its cohorts with it.
"""

import difflib
import importlib
from pathlib import Path
from typing import Protocol

import anndata

import helpers
from helpers.cohorts.cohort_spec import TIERS, CohortSpec
from helpers.cohorts.on_disk.stores import is_store
from helpers.cohorts.tcga.tcga_cohorts import COHORTS as SHARED
from helpers.cohorts.user_files import UserFile

__all__ = ["COHORTS", "Cohort", "check_cohort", "cohort", "cohort_code", "cohort_inputs"]
__all__ += ["load_cohort"]

NEEDS = ("patient", "cancer_type")
"""Columns of obs that every chapter needs."""


_OTHER_FILES = {".csv", ".tsv", ".txt", ".gz", ".xlsx", ".loom", ".rds", ".h5", ".parquet"}


class Cohort(Protocol):
    """What a registered cohort and a user's file have in common."""

    def load(self, seed: int = 0) -> anndata.AnnData:
        """The cohort itself."""

    def check(self, needs: tuple[str, ...] = ()) -> list[str] | None:
        """Return if it has the columns `needs`; of a file, what was understood."""

    def inputs(self) -> dict[str, str]:
        """sha256 of every file it rests on."""

    def code(self) -> list[Path]:
        """Files of the project that load it."""


def _collect() -> dict[str, CohortSpec]:
    """Every announced cohort by name: demo ones first, then real ones, then the papers'."""
    specs = list(SHARED)
    for folder in sorted(Path(helpers.__file__).parent.glob("*/cohorts.py")):
        specs += importlib.import_module(f"helpers.{folder.parent.name}.cohorts").COHORTS
    specs.sort(key=lambda spec: TIERS.index(spec.tier))
    return {spec.name: spec for spec in specs}


COHORTS: dict[str, CohortSpec] = _collect()


def cohort(name: str) -> Cohort:
    """The registered cohort `name`, or the user's file of that path.

    Raises:
        ValueError: no such cohort (the nearest name is suggested).
    """
    if is_store(name):
        return UserFile(Path(name))
    if Path(name).suffix.casefold() in _OTHER_FILES:
        raise ValueError(
            f"cohort {name} is no .h5ad or .zarr. Make one of a table of values and a table of "
            f"samples with: python -m helpers convert {name} samples.csv my_cohort.h5ad"
        )
    if name not in COHORTS:
        nearest = difflib.get_close_matches(name, COHORTS, n=1)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
        raise ValueError(
            f"cohort must be one of {', '.join(COHORTS)}, or the path of an .h5ad or .zarr file; "
            f"got {name!r}.{hint}"
        )
    return COHORTS[name]


def load_cohort(name: str, seed: int = 0) -> anndata.AnnData:
    """A registered cohort, or the one in a `.h5ad` or `.zarr`. `seed` matters to demo cohorts only.

    Raises:
        ValueError: no such cohort, or a file that lacks something (see `user_files`).
        DataUnavailable, CorruptDownload: its files cannot be had.
    """
    return cohort(name).load(seed)


def check_cohort(name: str, needs: tuple[str, ...] = NEEDS) -> list[str]:
    """Return if `name` is a registered cohort or a file of one's own with the columns `needs`.

    What was understood of a file comes back in counted sentences; [] for a registered cohort.

    With "purity" among them, a file must also be fit to align tumours with cell lines.

    Raises:
        ValueError: unknown cohort, with the list; one that lacks a column, with those that have
            it; or what the file lacks and how to add it.
    """
    asked = cohort(name)
    try:
        return asked.check(needs) or []
    except ValueError as error:
        if not isinstance(asked, CohortSpec):
            raise
        fit = [spec.name for spec in COHORTS.values() if set(needs) <= set(spec.columns)]
        choice = ", ".join([*fit, "or the path of an .h5ad or .zarr file"])
        raise ValueError(f"{error}. Choose {choice}") from None


def cohort_inputs(name: str) -> dict[str, str]:
    """sha256 of every file that the cohort and the reading of its features rest on; {} for demo.

    Raises:
        ValueError: unknown cohort, or no such file.
    """
    return cohort(name).inputs()


def cohort_code(name: str) -> list[Path]:
    """Files of the project that load the cohort; part of the identity of a run on it."""
    return cohort(name).code()
