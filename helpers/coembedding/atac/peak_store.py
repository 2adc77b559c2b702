"""The peaks of a run, on disk: the store that a cohort brings, or one written for the run.

`cohort` and `peaks_cohort` give peaks in one of three ways: as a cohort in memory (sample × peak,
with var chrom, start, end); as the path of a `.zarr` that `write_peaks` made, or anndata, X dense;
or as a registered cohort of donors that keeps its peaks beside itself (`uns["peaks_store"]`, a name
in the cache). Whichever it is, X is never wholly in memory from here on.
"""

import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.atac.genome import check_peaks
from helpers.coembedding.atac.peak_windows import PeakWindows, is_peak_store, write_peaks
from helpers.coembedding.donors.modalities import peaks_of
from helpers.cohorts.on_disk.stores import is_store
from helpers.cohorts.registry import load_cohort
from helpers.cohorts.sources import cache_folder


@dataclass(frozen=True)
class PeakStore:
    """Peaks of some samples: obs (patient, cancer_type), var (chrom, start, end), on disk.

    source: where they are, or the cohort they are written from when they are first asked for; such
    a copy lives as long as this object.
    """

    obs: pd.DataFrame
    var: pd.DataFrame
    source: Path | anndata.AnnData
    _folder: list[tempfile.TemporaryDirectory] = field(default_factory=list, repr=False)

    @cached_property
    def path(self) -> Path:
        """The store, for `PeakWindows`."""
        if isinstance(self.source, Path):
            return self.source
        self._folder.append(tempfile.TemporaryDirectory())
        return write_peaks(self.source, Path(self._folder[0].name) / "peaks.zarr")

    @property
    def n_peaks(self) -> int:
        """Number of peaks."""
        return len(self.var)

    def rows_of(self, patients: pd.Series) -> np.ndarray:
        """The row of each patient, −1 where it has none; of several the first."""
        first = self.obs["patient"].reset_index(drop=True).drop_duplicates()
        rows = pd.Series(first.index, first.to_numpy())
        return rows.reindex(patients).fillna(-1).to_numpy(int)

    def covers(self, *tables: pd.DataFrame) -> bool:
        """Whether every patient of these tables (obs) has peaks here."""
        return all((self.rows_of(table["patient"]) >= 0).all() for table in tables)


def load_peaks(peaks_cohort: str, donors: anndata.AnnData, seed: int = 0) -> PeakStore | None:
    """The peaks `peaks_cohort` names, or where it is "" those of `donors`; None if there are none.

    Raises:
        ValueError: a cohort without peaks, or peaks unsorted or off hg38.
        DataUnavailable, CorruptDownload: a registered cohort's files cannot be had.
    """
    if not peaks_cohort:
        kept = _kept(donors)
        own = None if kept else peaks_of(donors)
        return kept or (None if own is None else _in_memory(own))
    if is_store(peaks_cohort) and is_peak_store(Path(peaks_cohort)):
        return stored_peaks(Path(peaks_cohort))
    cohort = load_cohort(peaks_cohort, seed)
    return _kept(cohort) or _in_memory(_with_places(cohort, peaks_cohort))


def stored_peaks(path: Path) -> PeakStore:
    """The store at `path`, opened.

    Raises:
        ValueError: it is none, its peaks are unsorted or off hg38, or it does not name patients.
    """
    windows = PeakWindows(path)
    if "patient" not in windows.obs:
        raise ValueError(
            f'{path} must have obs["patient"]; it has {", ".join(windows.obs) or "no columns"}. '
            'Write it again with adata.obs["patient"] set: write_peaks(adata, path)'
        )
    return PeakStore(windows.obs, windows.var, path)


def _kept(cohort: anndata.AnnData) -> PeakStore | None:
    """The store that a cohort keeps beside itself."""
    name = cohort.uns.get("peaks_store")
    return stored_peaks(cache_folder() / "cohorts" / str(name)) if name else None


def _in_memory(cohort: anndata.AnnData) -> PeakStore:
    check_peaks(cohort.var)
    return PeakStore(cohort.obs, cohort.var, cohort)


def _with_places(cohort: anndata.AnnData, name: str) -> anndata.AnnData:
    lacking = [column for column in ("chrom", "start", "end") if column not in cohort.var]
    if not lacking:
        return cohort
    own = peaks_of(cohort) if "atac" in cohort.obsm and "atac_feature" in cohort.uns else None
    if own is not None:
        return own
    raise ValueError(
        f'peaks_cohort must have var["{lacking[0]}"], a peak\'s place on hg38; {name} has not. '
        "Leave peaks_cohort out to take the peaks of `cohort`"
    )
