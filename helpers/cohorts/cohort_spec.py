"""A registered cohort: what it is, the files it rests on, and the code that builds it."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anndata

from helpers import files
from helpers.cohorts.cohort_cache import cached_cohort, is_cached
from helpers.cohorts.sources import UNKNOWN_SUM, fetch_group, registered_sums
from helpers.imports import code_digests, import_closure

TIERS = ("demo", "real", "paper")
FEATURE_READING = ("gene-sets", "gene-annotation", "mirna-targets", "tcga-subtypes")
"""Source groups that genes and microRNAs are read with: sets, and names past and present."""
CLINICAL = ("patient", "cancer_type", "sample_type", "age", "sex", "os_time", "os_event")
"""Columns of obs that most cohorts have."""


@dataclass(frozen=True)
class CohortSpec:
    """A registered cohort, announced by the room that owns it in its module `cohorts`.

    build: of a seed, which only demo cohorts use. What it needs it imports inside itself: its own
    source and the files it imports, all the way down, are the code that the cohort rests on.
    """

    name: str
    tier: str  # "demo" | "real" | "paper"
    what: str
    build: Callable[[int], anndata.AnnData]
    groups: tuple[str, ...] = ()  # source groups the cohort is made of
    enrichment_groups: tuple[str, ...] = ()  # source groups its genes or samples are read with
    columns: tuple[str, ...] = CLINICAL  # of obs, that a chapter may ask for

    def load(self, seed: int = 0) -> anndata.AnnData:
        """The cohort: a demo one simulated from `seed`, another from the cache or built into it.

        Raises:
            DataUnavailable, CorruptDownload: its files cannot be had.
        """
        if self.tier == "demo":
            return self.build(seed)
        if UNKNOWN_SUM in sums_of(self.groups).values():  # the first download records them
            for group in self.groups:
                fetch_group(group, progress=True)
        made_of = sums_of(self.groups) | self._code_digests()
        return cached_cohort(self.name, partial(self.build, seed), made_of)

    def is_at_hand(self) -> bool:
        """Whether `load` would find it in the cache, or has only to simulate it."""
        sums = sums_of(self.groups)
        if self.tier == "demo" or UNKNOWN_SUM in sums.values():
            return self.tier == "demo"
        return is_cached(self.name, sums | self._code_digests())

    def check(self, needs: tuple[str, ...] = ()) -> None:
        """Return if the cohort has the columns `needs`; quick.

        Raises:
            ValueError: names the column that it lacks.
        """
        lacking = [column for column in needs if column not in self.columns]
        if lacking:
            raise ValueError(
                f'cohort {self.name} has no obs["{lacking[0]}"], which this notebook needs'
            )

    def inputs(self) -> dict[str, str]:
        """sha256 of every file that the cohort and its reading rest on; {} for a demo one."""
        return sums_of((*self.groups, *self.enrichment_groups))

    def code(self) -> list[Path]:
        """Files of the project that `build` imports, all the way down."""
        return import_closure([inspect.getsource(self.build)], files.project_root())

    def _code_digests(self) -> dict[str, str]:
        return code_digests(self.code(), files.project_root()) | {
            "build": inspect.getsource(self.build)
        }


def sums_of(groups: tuple[str, ...]) -> dict[str, str]:
    """sha256 of every file of some source groups, by its place in a mirror."""
    return {file: digest for group in groups for file, digest in registered_sums(group).items()}
