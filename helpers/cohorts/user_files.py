"""Your own cohort: what a `.h5ad` or `.zarr` must contain to be used as `cohort = "path/to/it"`.

====================  ======================================================================
part                  what it must be
====================  ======================================================================
``X``                 samples × features (genes or microRNAs), dense or sparse, finite, on a
                      log scale such as log2(CPM+1) or log2(TPM+1); not raw counts
``obs_names``         unique sample names
``var_names``         unique feature names: gene symbols (GATA3) or miRBase stem-loops
                      (hsa-mir-21), since gene sets speak of those
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
`load_panel`.

For chapter 2 a file may hold ATAC: as X, sample × peak with ``var["chrom"]``, ``["start"]`` and
``["end"]`` (hg38, in genomic order), or components of any size with ``uns["feature"]`` =
"component"; or as a second modality beside X, in ``obsm["atac"]``, with ``uns["atac_var"]`` (a row
a peak). There a row of X is NaN throughout where a donor has no RNA.

X of more than 2 GB as dense float32 stays in the file, see `on_disk`.
"""

from dataclasses import dataclass
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.checks import check_alignment_labels, check_finite, check_purity
from helpers.cohorts.cohort_spec import GENE_READING, MICRORNA_READING, sums_of
from helpers.cohorts.on_disk.row_blocks import dense, is_on_disk, row_blocks
from helpers.cohorts.on_disk.stores import open_store, store_sum

REQUIRED = ("patient", "cancer_type")
MIN_SAMPLES = 20
TUMOURS = {"primary", "blood", "metastasis"}  # sample types that stand for their cancer type
_LARGEST_LOG2 = 40.0  # 2⁴⁰: no expression on a log scale comes near
_ROWS_PEEKED = 50
_MICRORNA = r"^(?:hsa-)?(?:mir|let)-"
_HOW_TO_ADD = {
    "patient": 'adata.obs["patient"] = adata.obs_names  # or a column that names the patient',
    "cancer_type": 'adata.obs["cancer_type"] = "BRCA"  # one label per sample',
    "sample_type": 'adata.obs["sample_type"] = "primary"  # "cell line" for cell lines',
    "purity": 'adata.obs["purity"] = 1.0  # share of cancer cells in 0–1; 1 for cell lines',
}
_HOW_TO_LOG = (
    "import numpy as np, scipy.sparse; "
    "counts = np.asarray(adata.X.todense() if scipy.sparse.issparse(adata.X) else adata.X); "
    "adata.X = np.log2(counts / counts.sum(axis=1, keepdims=True) * 1e6 + 1)"
)


@dataclass(frozen=True)
class UserFile:
    """A file of your own as a cohort: what a registered one can be asked, it can be asked."""

    path: Path

    def load(self, seed: int = 0) -> anndata.AnnData:
        """The cohort in the file, see `load_h5ad`; `seed` decides nothing."""
        return load_h5ad(self.path)

    def check(self, needs: tuple[str, ...] = REQUIRED) -> None:
        """Look at the file without loading its X, see `check_h5ad`."""
        check_h5ad(self.path, needs)

    def inputs(self) -> dict[str, str]:
        """sha256 of the file and of what its features are read with."""
        reading = MICRORNA_READING if h5ad_has_micrornas(self.path) else GENE_READING
        return {self.path.name: store_sum(self.path)} | sums_of(reading)

    def code(self) -> list[Path]:
        """Nothing but this module, which the registry imports already."""
        return []


def check_h5ad(path: str | Path, needs: tuple[str, ...] = REQUIRED) -> None:
    """Look at a file without loading its X; return if it can be used.

    A chapter that compares cancers has "cancer_type" among its `needs`, and then the file must have
    two or more of them.

    Raises:
        ValueError: it cannot be read, or what it must contain is missing; names the column and
            the line of code that adds it.
    """
    path = Path(path)
    cohort = open_store(path, lazy=True, n_rows=_ROWS_PEEKED)
    _check_tables(cohort, path, needs)
    if "purity" in needs:
        check_alignment_labels(cohort.obs)
    _peek_at_values(cohort, path)


def check_panel(path: str | Path) -> None:
    """Look at a panel of cell lines without loading its X; return if `load_panel` can use it.

    Raises:
        ValueError: see `load_panel`.
    """
    path = Path(path)
    panel = open_store(path, lazy=True, n_rows=_ROWS_PEEKED)
    _check_panel_tables(panel, path)
    _peek_at_values(panel, path)


def load_panel(path: str | Path) -> anndata.AnnData:
    """A user's cell lines: dense float32 X on a log scale, obs["cancer_type"] and what else it has.

    Raises:
        ValueError: it cannot be read, has no cancer types, repeats a name, has a purity outside
            0–1, or X is not finite or not on a log scale.
    """
    path = Path(path)
    panel = open_store(path, lazy=False)
    _check_panel_tables(panel, path)
    return _with_plain_values(panel, path)[0]


def load_h5ad(path: str | Path) -> anndata.AnnData:
    """A user's file as a cohort: dense float32 X, text columns, `uns` filled in.

    Raises:
        ValueError: see `check_h5ad`; here all of X is checked.
    """
    path = Path(path)
    cohort = open_store(path)
    _check_tables(cohort, path)
    cohort, lowest = _with_plain_values(cohort, path)
    _describe(cohort, lowest, path)
    return cohort


def h5ad_has_micrornas(path: str | Path) -> bool:
    """Whether any feature of a file is a microRNA: by what it says of itself, else by the names.

    Raises:
        ValueError: it cannot be read.
    """
    cohort = open_store(path, lazy=True)
    return bool((feature_types(cohort) == "microRNA").any())


def feature_types(cohort: anndata.AnnData) -> pd.Series:
    """What each feature is, "gene" or "microRNA": var["feature_type"], else by uns and names."""
    if "feature_type" in cohort.var:
        return cohort.var["feature_type"].astype(str)
    is_microrna = cohort.var_names.astype(str).str.contains(_MICRORNA, case=False)
    is_microrna |= cohort.uns.get("feature") == "microRNA"
    return pd.Series(np.where(is_microrna, "microRNA", "gene"), index=cohort.var_names)


def guess_feature(names: pd.Index) -> str:
    """Say "microRNA" if most names look like miRBase's (hsa-mir-21, hsa-let-7a-1), else "gene"."""
    looks_so = names.astype(str).str.contains(_MICRORNA, case=False)
    return "microRNA" if looks_so.mean() > 0.5 else "gene"


def _with_plain_values(cohort: anndata.AnnData, path: Path) -> tuple[anndata.AnnData, float]:
    """X checked, float32, dense if it is in memory; text columns as text; and X's lowest value."""
    if is_on_disk(cohort.X):
        lowest, start = np.inf, 0
        for block in row_blocks(cohort.X):
            part = slice(start, start + len(block))
            lowest = min(lowest, _check_values(block, cohort, part, path))
            start += len(block)
        cohort.X = cohort.X.astype(np.float32)
    else:
        x = dense(cohort.X)
        lowest = _check_values(x, cohort, slice(None), path)
        cohort.X = x.astype(np.float32)
    for table in (cohort.obs, cohort.var):
        for column in table.select_dtypes("category"):
            table[column] = table[column].astype(object)
    for column in {"patient", "cancer_type", "sample_type", "batch"} & set(cohort.obs):
        cohort.obs[column] = cohort.obs[column].astype(str)
    return cohort, lowest


def _peek_at_values(cohort: anndata.AnnData, path: Path) -> None:
    if cohort.n_obs:
        first = next(row_blocks(cohort.X[:_ROWS_PEEKED]))
        _check_values(first, cohort, slice(0, len(first)), path)


def _check_panel_tables(panel: anndata.AnnData, path: Path) -> None:
    _check_columns(panel, path, ("cancer_type",))
    _check_names(panel, path)
    if panel.X is None:
        raise ValueError(f"{path} has no X. Put the expression there, on a log scale")
    if "purity" in panel.obs:
        check_purity(panel.obs["purity"])


def _check_tables(cohort: anndata.AnnData, path: Path, needs: tuple[str, ...] = ()) -> None:
    _check_columns(cohort, path, tuple(dict.fromkeys((*REQUIRED, *needs))))
    _check_names(cohort, path)
    _check_sample_types(cohort, path)
    if cohort.X is None:
        raise ValueError(f"{path} has no X. Put the expression there, on a log scale")
    if cohort.n_obs < MIN_SAMPLES:
        raise ValueError(f"{path} must have {MIN_SAMPLES} samples or more; it has {cohort.n_obs}")
    if "cancer_type" in needs and cohort.obs["cancer_type"].nunique() < 2:
        raise ValueError(f'{path} must have two or more labels in obs["cancer_type"]')


def _check_columns(cohort: anndata.AnnData, path: Path, needs: tuple[str, ...]) -> None:
    for column in needs:
        if column not in cohort.obs:
            fix = _HOW_TO_ADD.get(column, f'adata.obs["{column}"] = …')
            raise ValueError(
                f'{path} lacks obs["{column}"]; it has {", ".join(cohort.obs) or "no columns"}. '
                f"Add it with: {fix}"
            )
        if column in REQUIRED and cohort.obs[column].isna().any():
            raise ValueError(
                f'obs["{column}"] of {path} must not be missing; it is for '
                f"{cohort.obs[column].isna().sum()} samples. Drop them with: "
                f'adata = adata[adata.obs["{column}"].notna()].copy()'
            )


def _check_names(cohort: anndata.AnnData, path: Path) -> None:
    for kind, names in (("obs", cohort.obs_names), ("var", cohort.var_names)):
        if not names.is_unique:
            repeated = names[names.duplicated()][0]
            raise ValueError(
                f"{kind}_names of {path} must be unique; {repeated!r} occurs more than once. "
                f"Make them so with: adata.{kind}_names_make_unique()"
            )


def _check_sample_types(cohort: anndata.AnnData, path: Path) -> None:
    found = set(cohort.obs["sample_type"].astype(str)) if "sample_type" in cohort.obs else TUMOURS
    if not found & TUMOURS:
        example = sorted(found)[0]
        raise ValueError(
            f'obs["sample_type"] of {path} must call tumours {", ".join(sorted(TUMOURS))}; it has '
            f"{', '.join(sorted(found))}. Rename them with: adata.obs["
            f'"sample_type"] = adata.obs["sample_type"].replace({{"{example}": "primary"}})'
        )


def _check_values(x: np.ndarray, cohort: anndata.AnnData, part: slice, path: Path) -> float:
    """Finite and on a log scale, as far as there is such a scale; returns the lowest value.

    `x`: the rows `part` of the cohort.
    """
    obs = cohort.obs.iloc[part][[]]
    if "atac" in cohort.obsm:  # a row of NaN is a donor who has no RNA
        has_rna = ~np.isnan(x).all(axis=1)
        x, obs = x[has_rna], obs[has_rna]
    if x.size == 0:
        return np.inf
    check_finite(anndata.AnnData(x, obs, cohort.var[[]]), f"X of {path}")
    largest = float(x.max())
    if largest > _LARGEST_LOG2 and cohort.uns.get("feature") != "component":
        kind = "raw counts" if np.equal(np.mod(x, 1), 0).all() else "linear values"
        raise ValueError(
            f"X of {path} must be on a log scale; it looks like {kind} (largest value "
            f"{largest:,.0f}). Transform it with: {_HOW_TO_LOG}"
        )
    return float(x.min())


def _describe(cohort: anndata.AnnData, lowest: float, path: Path) -> None:
    """Fill in what the file does not say, and note what was assumed. `lowest`: value of X."""
    notes = [str(note) for note in np.atleast_1d(cohort.uns.get("notes", []))]
    if "sample_type" not in cohort.obs:
        cohort.obs["sample_type"] = "primary"
        notes.append("The file has no obs['sample_type']: every sample counts as a primary tumour.")
    if "unit" not in cohort.uns:
        notes.append("The file has no uns['unit']: X is taken to be on a log scale.")
    if lowest < 0:
        notes.append("X has values below 0: it may be centred, so filters on its mean mislead.")
    if is_on_disk(cohort.X):
        notes.append("X is larger than 2 GB: it stays in its file and is read in blocks of rows.")
    if "symbol" not in cohort.var:
        cohort.var["symbol"] = cohort.var_names
    types = np.atleast_1d(cohort.uns.get("default_types", []))
    cohort.uns |= {
        "name": str(cohort.uns.get("name", path.stem)),
        "unit": str(cohort.uns.get("unit", "unknown unit, log scale assumed")),
        "feature": str(cohort.uns.get("feature") or guess_feature(cohort.var_names)),
        "default_types": [str(cancer_type) for cancer_type in types],
        "notes": notes,
    }
