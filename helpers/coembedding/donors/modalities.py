"""Two modalities of the same donors in one cohort: how they are loaded, joined and checked.

A multi-omics cohort is one AnnData with one row a patient:

====================  ======================================================================
part                  what it is
====================  ======================================================================
``X``                 RNA modality, float32 patient × feature; a row of NaN where there is none
``obsm["atac"]``      ATAC modality, float32 patient × feature; a row of NaN where there is none
``obs``               has_rna, has_atac (bool), patient, cancer_type and what else is known
``uns``               unit and feature of X; atac_unit; atac_feature ("peak" | "component");
                      atac_var (one row per ATAC feature; of peaks chrom, start, end, hg38,
                      in genomic order)
====================  ======================================================================

It comes from the registry as one cohort, or as a cohort of RNA and one of ATAC with one sample a
patient each, obs["patient"] saying which belong together. ATAC is sample × peak on a log scale with
var["chrom"], ["start"], ["end"] (hg38, in genomic order), or uns["feature"] = "component".
"""

import anndata
import numpy as np
import pandas as pd
from scipy import sparse

from helpers.coembedding.atac.genome import check_peaks
from helpers.cohorts.registry import load_cohort

ATAC_FEATURES = ("peak", "component")
_FEWEST_SHARED = 2  # donors; one is trained on, one is tested


def load_multiomics(cohort: str, atac_cohort: str = "", seed: int = 0) -> anndata.AnnData:
    """The multi-omics cohort `cohort`, or RNA of `cohort` joined with ATAC of `atac_cohort`.

    Either is a registered name or the path of a `.h5ad`. A file of both modalities need not say
    which donors have which (has_rna, has_atac are told from its values), nor that its ATAC is
    peaks; nor need one of ATAC.

    Raises:
        ValueError: `atac_cohort` beside a cohort that has ATAC, or `cohort` alone without; as
            `join_modalities` and `check_multiomics`; or as the registry.
        DataUnavailable, CorruptDownload: a registered cohort's files cannot be had.
    """
    rna = load_cohort(cohort, seed)
    if not atac_cohort:
        return _with_both(rna, cohort)
    if "atac" in rna.obsm:
        raise ValueError(
            f"atac_cohort goes with a cohort of RNA alone; {cohort!r} has ATAC already. "
            "Give RNA and ATAC, or leave atac_cohort empty"
        )
    atac = _as_atac(load_cohort(atac_cohort, seed), atac_cohort)
    return join_modalities(rna, atac, f"{rna.uns['name']}+{atac.uns['name']}")


def join_modalities(rna: anndata.AnnData, atac: anndata.AnnData, name: str) -> anndata.AnnData:
    """The multi-omics cohort of an RNA and an ATAC cohort, each with one row a patient.

    Rows are all patients of either, in alphabetical order; facts in obs are the RNA cohort's,
    and the ATAC cohort's where that has none. `atac.uns["feature"]` is "peak" or "component".

    Raises:
        ValueError: a patient is there twice, they share no patient, or a modality is empty.
    """
    for kind, part in (("RNA", rna), ("ATAC", atac)):
        _check_one_row_a_patient(part, kind)
    rna_obs, atac_obs = (part.obs.set_index("patient", drop=False) for part in (rna, atac))
    patients = rna_obs.index.union(atac_obs.index).sort_values().rename(None)
    obs = _facts(rna_obs, atac_obs).loc[patients]
    obs["has_rna"], obs["has_atac"] = patients.isin(rna_obs.index), patients.isin(atac_obs.index)
    joined = anndata.AnnData(_rows(rna, rna_obs, patients), obs, rna.var.copy())
    joined.obsm["atac"] = _rows(atac, atac_obs, patients)
    joined.uns = dict(rna.uns) | {
        "name": name,
        "notes": list(dict.fromkeys([*rna.uns.get("notes", []), *atac.uns.get("notes", [])])),
        "atac_unit": atac.uns.get("unit", "unknown unit"),
        "atac_feature": str(atac.uns.get("feature", "peak")),
        "atac_var": atac.var.copy(),
    }
    check_multiomics(joined)
    return joined


def check_multiomics(cohort: anndata.AnnData, paired: bool = True) -> None:
    """Return if `cohort` is a multi-omics cohort; with `paired`, one whose modalities share donors.

    Raises:
        ValueError: something the table above asks for is missing; a modality is empty; has_rna or
            has_atac is at odds with the values; peaks are unsorted or off the genome; no donor has
            both. Says which and what to do.
    """
    _check_parts(cohort)
    for kind, values in (("RNA", cohort.X), ("ATAC", cohort.obsm["atac"])):
        _check_rows(np.asarray(values), cohort.obs[f"has_{kind.lower()}"], kind)
    if cohort.uns["atac_feature"] == "peak":
        check_peaks(pd.DataFrame(cohort.uns["atac_var"]))
    n_shared = int((cohort.obs["has_rna"] & cohort.obs["has_atac"]).sum())
    if paired and n_shared < _FEWEST_SHARED:
        raise ValueError(
            f"{_FEWEST_SHARED} or more donors must have both RNA and ATAC, to be held out; "
            f'{n_shared} have. Give both modalities the same names in obs["patient"], such as '
            "TCGA-A1-A0SE"
        )


def splittable_donors(cohort: anndata.AnnData) -> pd.DataFrame:
    """Rows of obs of the donors with both modalities, of types that have two of them or more.

    Raises:
        ValueError: there are none.
    """
    paired = cohort.obs[cohort.obs["has_rna"] & cohort.obs["has_atac"]]
    n_patients = paired.groupby("cancer_type", observed=True)["patient"].nunique()
    splittable = paired[paired["cancer_type"].isin(n_patients.index[n_patients > 1])]
    if splittable.empty:
        raise ValueError(
            "one cancer type or more must have two donors with both RNA and ATAC to be split; "
            f"the largest has {n_patients.max()}. Add paired donors, or merge cancer types"
        )
    return splittable


def modality(cohort: anndata.AnnData, name: str) -> tuple[np.ndarray, np.ndarray]:
    """(values, rows) of the donors that have a modality, "rna" or "atac"; rows count in the cohort.

    Raises:
        ValueError: no such modality.
    """
    if name not in ("rna", "atac"):
        raise ValueError(f'modality must be "rna" or "atac"; got {name!r}')
    rows = np.flatnonzero(cohort.obs[f"has_{name}"].to_numpy(bool))
    values = cohort.X if name == "rna" else cohort.obsm["atac"]
    return np.asarray(values)[rows], rows


def peaks_of(cohort: anndata.AnnData) -> anndata.AnnData | None:
    """The ATAC of a multi-omics cohort as a cohort of peaks; None if its ATAC is components."""
    if cohort.uns["atac_feature"] != "peak":
        return None
    values, rows = modality(cohort, "atac")
    return anndata.AnnData(values, cohort.obs.iloc[rows], pd.DataFrame(cohort.uns["atac_var"]))


def _with_both(cohort: anndata.AnnData, name: str) -> anndata.AnnData:
    """The cohort, checked, with what it does not say of its two modalities filled in."""
    if "atac" not in cohort.obsm:
        raise ValueError(
            f'{name} lacks obsm["atac"]. Add it, or give ATAC as a second cohort in `atac_cohort`'
        )
    atac = cohort.obsm["atac"]
    atac = atac.toarray() if sparse.issparse(atac) else np.asarray(atac)
    cohort.obsm["atac"] = atac.astype(np.float32, copy=False)
    for column, values in (("has_rna", cohort.X), ("has_atac", cohort.obsm["atac"])):
        if column not in cohort.obs:
            cohort.obs[column] = np.isfinite(values).all(axis=1)
    cohort.uns.setdefault("atac_feature", "peak")
    cohort.uns.setdefault("atac_unit", "unknown unit")
    check_multiomics(cohort)
    return cohort


def _as_atac(atac: anndata.AnnData, name: str) -> anndata.AnnData:
    """A cohort of samples × peaks or components, checked; what is taken for genes is peaks."""
    feature = str(atac.uns["feature"])
    feature = "peak" if feature == "gene" else feature
    if feature not in ATAC_FEATURES:
        raise ValueError(
            f'uns["feature"] of {name} must be {" or ".join(ATAC_FEATURES)}; got {feature!r}'
        )
    if feature == "peak":
        check_peaks(atac.var)
    atac.uns["feature"] = feature
    return atac


def _facts(rna_obs: pd.DataFrame, atac_obs: pd.DataFrame) -> pd.DataFrame:
    """Columns of both; the RNA cohort's value first. Where their cancer types differ is refused."""
    shared = rna_obs.index.intersection(atac_obs.index)
    types = [obs.loc[shared, "cancer_type"].astype(str) for obs in (rna_obs, atac_obs)]
    different = shared[(types[0] != types[1]).to_numpy()]
    if len(different):
        raise ValueError(
            f'both modalities must give a patient the same obs["cancer_type"]; {different[0]} is '
            f"{types[0][different[0]]} in RNA and {types[1][different[0]]} in ATAC"
        )
    return rna_obs.combine_first(atac_obs)[list(dict.fromkeys([*rna_obs, *atac_obs]))]


def _rows(part: anndata.AnnData, obs: pd.DataFrame, patients: pd.Index) -> np.ndarray:
    """The part's values in the order of `patients`, NaN where a patient is not in it."""
    values = np.full((len(patients), part.n_vars), np.nan, dtype=np.float32)
    values[patients.get_indexer(obs.index)] = np.asarray(part.X, dtype=np.float32)
    return values


def _check_one_row_a_patient(part: anndata.AnnData, kind: str) -> None:
    repeated = part.obs["patient"][part.obs["patient"].duplicated()]
    if len(repeated):
        raise ValueError(
            f"the {kind} cohort must have one sample a patient; {repeated.iloc[0]} has more. Keep "
            'one with: adata = adata[~adata.obs["patient"].duplicated()].copy()'
        )


def _check_parts(cohort: anndata.AnnData) -> None:
    needs = {"obs": ("patient", "cancer_type", "has_rna", "has_atac"), "obsm": ("atac",)}
    for part, names in (needs | {"uns": ("atac_feature", "atac_var")}).items():
        lacking = [name for name in names if name not in getattr(cohort, part)]
        if lacking:
            raise ValueError(
                f'a multi-omics cohort must have {part}["{lacking[0]}"]; {cohort.uns.get("name")} '
                "has not. Join an RNA and an ATAC cohort with join_modalities(rna, atac, name)"
            )
    if cohort.uns["atac_feature"] not in ATAC_FEATURES:
        raise ValueError(
            f'uns["atac_feature"] must be {" or ".join(ATAC_FEATURES)}; got '
            f"{cohort.uns['atac_feature']!r}"
        )
    n_features = len(cohort.uns["atac_var"]), cohort.obsm["atac"].shape[1]
    if n_features[0] != n_features[1]:
        raise ValueError(
            f'uns["atac_var"] must have one row per column of obsm["atac"]; it has '
            f"{n_features[0]:,} for {n_features[1]:,}"
        )


def _check_rows(values: np.ndarray, has: pd.Series, kind: str) -> None:
    has = has.to_numpy(bool)
    if not has.any() or values.shape[1] == 0:
        raise ValueError(
            f"both modalities must have samples and features; {kind} is empty "
            f"({has.sum()} samples × {values.shape[1]} features). Give a cohort that has both"
        )
    # A row's sum is NaN or infinite if one of its values is; no second table is made.
    is_finite = np.isfinite(values.sum(axis=1, dtype=np.float64))
    if (has & ~is_finite).any():
        patient = np.flatnonzero(has & ~is_finite)[0]
        raise ValueError(
            f"{kind} must be finite where has_{kind.lower()} is true; row {patient} is not. Set "
            f'obs["has_{kind.lower()}"] to false for it, or impute it'
        )
