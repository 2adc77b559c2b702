"""Your own cohort: what a `.h5ad` or `.zarr` must contain to be used as `cohort = "path/to/it"`.

====================  ======================================================================
part                  what it must be
====================  ======================================================================
``X``                 samples × features (genes or microRNAs), dense or sparse, finite, on a
                      log scale such as log2(CPM+1) or log2(TPM+1); not raw counts
``obs_names``         unique sample names
``var_names``         unique feature names: gene symbols (GATA3), current or previous, or miRBase
                      stem-loops (hsa-mir-21), since gene sets speak of those
``obs["patient"]``    who the sample is of; samples of one patient never part in a split
``obs["cancer_type"]``  label of the sample, such as BRCA; two or more of them for the chapters
                      that compare cancers, one will do to look for subtypes (chapter 3)
====================  ======================================================================

Used where present: ``obs["sample_type"]`` ("primary", "normal", "metastasis", "blood", …; without
it every sample counts as primary), ``obs["batch"]`` (sequencing batch, whose shift is removed),
``age`` (years), ``sex``, ``stage``, ``os_time`` (days), ``os_event`` (1 died, 0 censored),
``subtype``; ``var["symbol"]``, ``var["ensembl"]``; ``uns["unit"]`` (such as "log2(TPM+1)"),
``uns["feature"]`` ("gene" or "microRNA", otherwise told from the names), ``uns["default_types"]``
(types to use unless others are asked for) and ``uns["notes"]`` (what a reader should know).

To align tumours with cell lines (chapter 4) the file also needs ``obs["sample_type"]``, which is
"cell line" for cell lines, and ``obs["purity"]``, the share of cancer cells in 0–1 (1 for lines).
A file of cell lines only, to be compared with another cohort's tumours, is a *panel*: see
`load_panel`. A file of tumours alone takes its lines from another cohort: see `load_tumours`.

For chapter 2 a file may hold ATAC: as X, sample × peak with ``var["chrom"]``, ``["start"]`` and
``["end"]`` (hg38, in genomic order), or components of any size with ``uns["feature"]`` =
"component"; or as a second modality beside X, in ``obsm["atac"]``, with ``uns["atac_var"]`` (a row
a peak). There a row of X is NaN throughout where a donor has no RNA.

Words of GDC, Xena, cBioPortal, TCGAbiolinks, Cell Ranger and DepMap are read as ours, see
`reading`; what was read as what stands in ``uns["notes"]``, counted. X of more than 2 GB as dense
float32 stays in the file, see `on_disk`.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.checks import LINE, check_alignment_labels, check_purity
from helpers.cohorts.cohort_spec import FEATURE_READING, sums_of
from helpers.cohorts.on_disk.row_blocks import dense, is_on_disk
from helpers.cohorts.on_disk.stores import is_large, open_store, store_stamp, store_sum
from helpers.cohorts.reading.feature_words import (
    feature_types,
    guess_feature,
    read_feature_types,
)
from helpers.cohorts.reading.file_shape import check_shape
from helpers.cohorts.reading.gene_names import read_gene_names
from helpers.cohorts.reading.plain_names import plain_index, plain_name, plain_sentence
from helpers.cohorts.reading.sample_names import are_lines
from helpers.cohorts.reading.sample_table import read_sample_table
from helpers.cohorts.reading.sample_words import check_sample_types
from helpers.cohorts.reading.value_scale import ValueSummary, check_values, summarise_values

__all__ = ["UserFile", "check_h5ad", "check_panel", "feature_types", "guess_feature"]
__all__ += ["is_tumours_alone", "load_h5ad", "load_panel", "load_tumours"]

REQUIRED = ("patient", "cancer_type")
MIN_SAMPLES = 20
LOW_LOG2 = 6.0  # highest value of log10; log2 and ln of whole transcriptomes go above it


@dataclass(frozen=True)
class UserFile:
    """A file of your own as a cohort: what a registered one can be asked, it can be asked."""

    path: Path

    def load(self, seed: int = 0) -> anndata.AnnData:
        """The cohort in the file, see `load_h5ad`; `seed` decides nothing."""
        return load_h5ad(self.path)

    def check(self, needs: tuple[str, ...] = REQUIRED) -> list[str]:
        """Look at all of the file, see `check_h5ad`; what was understood."""
        return check_h5ad(self.path, needs)

    def inputs(self) -> dict[str, str]:
        """sha256 of the file and of what its features are read with."""
        return {self.path.name: store_sum(self.path)} | sums_of(FEATURE_READING)

    def code(self) -> list[Path]:
        """Nothing but this module, which the registry imports already."""
        return []


def check_h5ad(path: str | Path, needs: tuple[str, ...] = REQUIRED) -> list[str]:
    """Look at all of a file, X in blocks of rows; what was understood of it, in counted sentences.

    A chapter that compares cancers has "cancer_type" among its `needs`, and then the file must have
    two or more of them.

    Raises:
        ValueError: it cannot be read, what it must contain is missing, or its values are not
            finite or not on a log scale; names the column or value and the line that mends it.
    """
    return list(_understood(Path(path), tuple(needs), store_stamp(path)))


def check_panel(path: str | Path) -> list[str]:
    """Look at all of a panel of cell lines; return what was understood if `load_panel` can use it.

    Raises:
        ValueError: see `load_panel`.
    """
    path = Path(path)
    panel = open_store(path, lazy=True)
    notes = _read_panel(panel, path)
    _summary_of(panel, path)
    return notes


def load_panel(path: str | Path) -> anndata.AnnData:
    """A user's cell lines: dense float32 X on a log scale, obs["cancer_type"] and what else it has.

    Raises:
        ValueError: it cannot be read, has no cancer types, repeats a name, has a purity outside
            0–1, or X is not finite or not on a log scale.
    """
    return _load_side(Path(path))


def load_tumours(path: str | Path) -> anndata.AnnData:
    """A user's tumours, a single one or many, that are to be aligned with another cohort's lines.

    Like a panel of lines, with "sample_type" to say that they are tumours. "purity" may be missing,
    for some samples or all of them.

    Raises:
        ValueError: as `load_panel`; no sample is called a tumour.
    """
    return _load_side(Path(path), of_tumours=True)


def is_tumours_alone(path: str | Path) -> bool:
    """Whether a file has no cell line, by what it says of its samples or by what they are called.

    Raises:
        ValueError: it cannot be read, or its samples cannot.
    """
    cohort = open_store(Path(path), lazy=True)
    read_sample_table(cohort.obs, path, (), ())
    if "sample_type" not in cohort.obs:
        whole = cohort.obs.get("purity", pd.Series(dtype=float)) == 1  # as those of lines are
        return not (whole.any() or are_lines(cohort.obs))
    return not (cohort.obs["sample_type"] == LINE).any()


def _load_side(path: Path, of_tumours: bool = False) -> anndata.AnnData:
    side = open_store(path, lazy=False)
    notes = _read_panel(side, path, of_tumours)
    _with_plain_values(side, path)
    side.uns["notes"] = [*_notes_of(side), *map(plain_sentence, notes)]
    return side


def load_h5ad(path: str | Path) -> anndata.AnnData:
    """A user's file as a cohort: dense float32 X, text columns, `uns` filled in.

    Raises:
        ValueError: see `check_h5ad`.
    """
    path = Path(path)
    cohort = open_store(path)
    notes = _read_tables(cohort, path)
    _describe(cohort, _with_plain_values(cohort, path), path, notes)
    return cohort


@lru_cache(maxsize=64)  # the runs of a sweep ask for one file again and again
def _understood(path: Path, needs: tuple[str, ...], _stamp: tuple[int, int, int]) -> list[str]:
    cohort = open_store(path, lazy=True)
    if "purity" in needs and is_tumours_alone(path):
        notes = _read_panel(cohort, path, of_tumours=True)
    else:
        notes = _read_tables(cohort, path, needs)
        if "purity" in needs:
            check_alignment_labels(cohort.obs)
    _describe(cohort, _summary_of(cohort, path), path, notes)
    return cohort.uns["notes"]


def _read_tables(cohort: anndata.AnnData, path: Path, needs: tuple[str, ...] = ()) -> list[str]:
    """Obs and var in our words; notes."""
    check_shape(cohort, path)
    required = tuple(dict.fromkeys((*REQUIRED, *needs)))
    complete = [name for name in required if name in REQUIRED]
    notes = read_sample_table(cohort.obs, path, required, complete)
    if cohort.n_obs < MIN_SAMPLES:
        raise ValueError(f"{path} must have {MIN_SAMPLES} samples or more; it has {cohort.n_obs}")
    check_sample_types(cohort.obs, path)
    if "cancer_type" in needs and cohort.obs["cancer_type"].nunique() < 2:
        raise ValueError(f'{path} must have two or more labels in obs["cancer_type"]')
    return notes + _read_features(cohort, path)


def _read_panel(panel: anndata.AnnData, path: Path, of_tumours: bool = False) -> list[str]:
    check_shape(panel, path)
    notes = read_sample_table(panel.obs, path, ("cancer_type",), REQUIRED)
    if of_tumours and "sample_type" not in panel.obs:
        notes.append(_as_primaries(panel.obs))
    if of_tumours:
        check_sample_types(panel.obs, path)
    if "purity" in panel.obs:
        check_purity(panel.obs["purity"].dropna() if of_tumours else panel.obs["purity"])
    return notes + _read_features(panel, path)


def _read_features(cohort: anndata.AnnData, path: Path) -> list[str]:
    notes = read_feature_types(cohort, path) + read_gene_names(cohort)
    names, n_changed = plain_index(cohort.var_names)
    if n_changed:
        cohort.var_names = names
        notes.append(f"{n_changed} features have signs or spaces in their names that pages would "
                     "obey or drop, shown as look-alikes.")  # fmt: skip
    for table in (cohort.obs, cohort.var):
        for column in table.select_dtypes("category"):
            table[column] = table[column].astype(object)
    for column in {"patient", "cancer_type", "sample_type", "batch"} & set(cohort.obs):
        cohort.obs[column] = cohort.obs[column].astype(str)
    return notes


def _doubt(found: ValueSummary) -> str:
    """What else X may be, where its highest value is low for log2; "" where it is not."""
    if found.highest <= 1:
        return " Shares, methylation's beta values and values scaled to 0–1 look like it too."
    if found.highest < LOW_LOG2:
        return f" If it is log10, make it log2 with: adata.X *= {np.log2(10):.4f}."
    return ""


def _as_primaries(obs: pd.DataFrame) -> str:
    """Call every sample a primary tumour, in place; the note."""
    lines = ", though they seem to be cell lines" if are_lines(obs) else ""
    obs["sample_type"] = "primary"
    return f"The file has no obs['sample_type']: every sample counts as a primary tumour{lines}."


def _with_plain_values(cohort: anndata.AnnData, path: Path) -> ValueSummary:
    """X checked, float32, dense if it is in memory; what its values are."""
    found = _summary_of(cohort, path)
    cohort.X = (cohort.X if is_on_disk(cohort.X) else dense(cohort.X)).astype(np.float32)
    return found


def _summary_of(cohort: anndata.AnnData, path: Path) -> ValueSummary:
    found = summarise_values(cohort, may_lack_rows="atac" in cohort.obsm)
    check_values(cohort, found, path)
    return found


def _notes_of(cohort: anndata.AnnData) -> list[str]:
    return [plain_sentence(str(note)) for note in np.atleast_1d(cohort.uns.get("notes", []))]


def _describe(
    cohort: anndata.AnnData, found: ValueSummary, path: Path, understood: list[str]
) -> None:
    """Fill in what the file does not say, and note what was assumed and `understood`."""
    notes = [*_notes_of(cohort), *map(plain_sentence, understood)]
    if "sample_type" not in cohort.obs:
        notes.append(_as_primaries(cohort.obs))
    scale = f"X ({found.lowest:.3g} to {found.highest:.3g})"
    if found.is_centred:
        notes.append(f"{scale} has values below 0 around a mean of 0, as z-scores do: features are "
                     "not chosen by their mean.")  # fmt: skip
    elif found.lowest < 0:
        notes.append(f"{scale} has values below 0: filters on a feature's mean may mislead.")
    elif "unit" not in cohort.uns:
        notes.append(f"The file has no uns['unit']: {scale} is taken to be on a log scale."
                     f"{_doubt(found)}")  # fmt: skip
    if is_large(cohort.shape):
        notes.append("X is larger than 2 GB: it stays in its file and is read in blocks of rows.")
    if "symbol" not in cohort.var:
        cohort.var["symbol"] = cohort.var_names
    types = np.atleast_1d(cohort.uns.get("default_types", []))
    cohort.uns |= {
        "name": plain_name(str(cohort.uns.get("name", path.stem))),
        "unit": plain_name(str(cohort.uns.get("unit", "unknown unit, log scale assumed"))),
        "feature": plain_name(str(cohort.uns.get("feature") or guess_feature(cohort.var_names))),
        "default_types": [plain_name(str(cancer_type)) for cancer_type in types],
        "notes": notes,
    }
