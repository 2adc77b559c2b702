"""RNA and ATAC of chapter 2: a registered cohort, two `.h5ad` files, or one that holds both.

Two files (`cohort`, `atac_cohort`): one sample a patient each; obs["patient"] says which belong
together. RNA as `helpers.cohorts.h5ad` describes; ATAC X sample × peak on a log scale with
var["chrom"], ["start"], ["end"] (hg38, in genomic order), or uns["feature"] = "component" and any
columns. One file: a multi-omics cohort as `modalities` describes, with obsm["atac"]; rows of NaN
where a donor lacks a modality.
"""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from helpers.coembedding.atac.genome import check_peaks
from helpers.coembedding.donors.modalities import ATAC_FEATURES, check_multiomics, join_modalities
from helpers.cohorts.h5ad import REQUIRED, load_h5ad
from helpers.cohorts.registry import load_cohort


def load_multiomics(cohort: str, atac_cohort: str = "", seed: int = 0) -> anndata.AnnData:
    """A multi-omics cohort by name, from one `.h5ad`, or from two (`atac_cohort` is the ATAC).

    Raises:
        ValueError: `atac_cohort` beside a registered cohort, or as the loaders of files below.
        DataUnavailable, CorruptDownload: a registered cohort's files cannot be had.
    """
    if not str(cohort).endswith(".h5ad"):
        if atac_cohort:
            raise ValueError(
                f"atac_cohort goes with a cohort that is an .h5ad of RNA; got cohort {cohort!r}. "
                "Give both files, or leave atac_cohort empty"
            )
        found = load_cohort(cohort, seed)
        check_multiomics(found)
        return found
    return load_h5ad_pair(cohort, atac_cohort) if atac_cohort else load_multiomics_h5ad(cohort)


def load_h5ad_pair(rna_path: str | Path, atac_path: str | Path) -> anndata.AnnData:
    """Two files as one multi-omics cohort, one row a patient.

    Raises:
        ValueError: a file cannot be used, they share no patient, a patient is there twice, or peaks
            are unsorted or off hg38; says which and what to do.
    """
    rna, atac = load_h5ad(rna_path), _load_atac(Path(atac_path))
    return join_modalities(rna, atac, f"{Path(rna_path).stem}+{Path(atac_path).stem}")


def load_multiomics_h5ad(path: str | Path) -> anndata.AnnData:
    """One file that holds both modalities, checked.

    has_rna and has_atac are told from the values where the file does not say; peaks are read from
    uns["atac_var"].

    Raises:
        ValueError: it cannot be read, or is no multi-omics cohort; says what it lacks.
    """
    cohort = _read(Path(path))
    if "atac" not in cohort.obsm:
        raise ValueError(
            f'{path} lacks obsm["atac"]. Add it, or give ATAC as a second file in `atac_cohort`'
        )
    cohort.X = _dense(cohort.X)
    cohort.obsm["atac"] = _dense(cohort.obsm["atac"])
    for name, values in (("has_rna", cohort.X), ("has_atac", cohort.obsm["atac"])):
        if name not in cohort.obs:
            cohort.obs[name] = np.isfinite(values).all(axis=1)
    cohort.uns.setdefault("atac_feature", "peak")
    cohort.uns |= {"name": str(cohort.uns.get("name", Path(path).stem))}
    for key, default in (("unit", "unknown unit"), ("atac_unit", "unknown unit")):
        cohort.uns[key] = str(cohort.uns.get(key, default))
    for key in ("notes", "default_types"):
        cohort.uns[key] = [str(value) for value in np.atleast_1d(cohort.uns.get(key, []))]
    check_multiomics(cohort)
    return cohort


def _load_atac(path: Path) -> anndata.AnnData:
    """Samples × peaks or components, checked; values are any finite numbers."""
    atac = _read(path)
    atac.X = _dense(atac.X)
    if not np.isfinite(atac.X).all():
        raise ValueError(f"X of {path} must be finite. Leave out the samples that have no ATAC")
    feature = str(atac.uns.get("feature", "peak"))
    if feature not in ATAC_FEATURES:
        raise ValueError(
            f'uns["feature"] of {path} must be {" or ".join(ATAC_FEATURES)}; got {feature!r}'
        )
    if feature == "peak":
        check_peaks(atac.var)
    atac.uns["feature"] = feature
    atac.uns["notes"] = [str(note) for note in np.atleast_1d(atac.uns.get("notes", []))]
    return atac


def _read(path: Path) -> anndata.AnnData:
    """The file with text columns as text, once it has the columns that are asked for."""
    try:
        cohort = anndata.read_h5ad(path)
    except Exception as error:  # h5py and anndata raise many kinds, all meaning "not an .h5ad"
        raise ValueError(
            f"{path} cannot be read as .h5ad ({type(error).__name__}: {error}). "
            "Write it with adata.write_h5ad(path)"
        ) from error
    for column in REQUIRED:
        if column not in cohort.obs or cohort.obs[column].isna().any():
            raise ValueError(
                f'{path} must have obs["{column}"] for every sample. Add it with: '
                f'adata.obs["{column}"] = …'
            )
    for table in (cohort.obs, cohort.var):
        for column in table.select_dtypes("category"):
            table[column] = table[column].astype(object)
    return cohort


def _dense(x: object) -> np.ndarray:
    if x is None:
        return np.empty((0, 0), np.float32)
    values = x.toarray() if sparse.issparse(x) else x
    if isinstance(values, pd.DataFrame):
        values = values.to_numpy()
    return np.asarray(values, dtype=np.float32)
