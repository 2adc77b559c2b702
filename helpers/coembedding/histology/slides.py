"""Cohorts `tcga-brca-histology` and `tcga-histology`: HIPT embeddings of slides, and expression.

Each slide (H&E, formalin-fixed, barcode …-01Z-00-DX1 or, with other names, …-01A-01-DX1) is cut
into regions of 4,096 pixels, each a 192-number embedding of a vision transformer trained without
labels (Chen et al. 2022, CVPR 16144). Expression is the patient's, not the slide's: microRNA as
log2(RPM+1), and mRNA z-scores as published, whose skew is to be undone on training rows. Slides of
twelve cancers (`slide_listing`) have microRNA alone: those z-scores are within a cancer.
"""

from collections.abc import Mapping
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.atac.components import one_aliquot_a_patient
from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes
from helpers.cohorts.tcga.clinical import add_clinical

N_EMBEDDING = 192
FEATURE_TYPES = ("microRNA", "gene")
NOTES = [
    "Expression is of the patient's frozen sample, the slide of another piece of the same tumour; "
    "all slides of a patient carry the same expression.",
    "Tissue source site carries much of the signal: hold out patients and also whole sites.",
]
MRNA_NOTE = (
    "mRNA is about 1,550 genes of chosen families as z-scores of linear expression within BRCA: "
    "very skewed, and not comparable with other cancers."
)


def load_slides() -> dict[str, np.ndarray]:
    """Region embeddings (float32, region × 192) of every published slide, by slide name.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    return {path.stem: read_regions(path) for path in fetch_group("tcga-brca-hipt")}


def read_regions(path: Path) -> np.ndarray:
    """One slide's file, float32 region × 192; no code in the file is run.

    Raises:
        ValueError: it is not such a table of finite numbers.
    """
    import torch

    regions = torch.load(path, weights_only=True).numpy()
    if regions.ndim != 2 or not len(regions) or regions.shape[1] != N_EMBEDDING:
        raise ValueError(
            f"{path.name} must be regions × {N_EMBEDDING}, one region or more; got {regions.shape}"
        )
    if not np.isfinite(regions).all():
        raise ValueError(f"{path.name} must hold finite numbers only")
    return regions.astype(np.float32)


def build_histology_cohort(
    slides: Mapping[str, np.ndarray],
    mirna: anndata.AnnData,
    mrna: pd.DataFrame | None,
    clinical: pd.DataFrame,
    subtypes: pd.DataFrame | None = None,
) -> anndata.AnnData:
    """Slides × (microRNAs, genes): those of a primary tumour whose patient has expression.

    mirna: cohort `tcga-mirna`, of which primary tumours are used; mrna: patient × gene of breast
    cancers, and then all slides are of those; None for slides of any cancer, by their patients'.
    What a patient lacks is NaN: see `with_expression`. uns["regions"]
    (region × 192), uns["region_slide"] (row of each region's slide); obsm["slide"] is the mean of
    a slide's regions; var["feature_type"] is "microRNA" or "gene". A microRNA and a gene never
    share a name.

    Raises:
        ValueError: no slide is left.
    """
    is_breast = mrna is not None
    mirna = mirna[(mirna.obs["sample_type"] == "primary").to_numpy()]
    if is_breast:
        mirna = mirna[(mirna.obs["cancer_type"] == "BRCA").to_numpy()]
    mirna = mirna[one_aliquot_a_patient(mirna.obs)]
    types = mirna.obs.set_index("patient")["cancer_type"]
    obs = _describe(pd.Index(sorted(slides)), None if is_breast else types)
    is_primary = obs["sample_type"] == "primary"
    has_rna = obs["patient"].isin(mirna.obs["patient"])
    has_rna |= obs["patient"].isin(mrna.index if is_breast else [])
    notes = [*NOTES, *([MRNA_NOTE] if is_breast else []), _dropped(obs, is_primary, has_rna)]
    obs = add_clinical(obs[is_primary & has_rna].copy(), clinical, subtypes)
    levels = pd.DataFrame(np.asarray(mirna.X), mirna.obs["patient"].to_numpy(), mirna.var_names)
    x, var = _expression(obs["patient"], levels, mrna)
    cohort = slide_cohort(x, obs, var, [slides[name] for name in obs.index])
    cohort.uns |= {"name": "tcga-histology", "feature": "microRNA", "notes": notes}
    cohort.uns["unit"] = "log2(RPM+1)"
    if is_breast:
        cohort.uns |= {"name": "tcga-brca-histology", "feature": "microRNA and gene"}
        cohort.uns["unit"] = "microRNA log2(RPM+1), mRNA z-score of linear expression"
    return cohort


def _expression(
    patients: pd.Series, mirna: pd.DataFrame, mrna: pd.DataFrame | None
) -> tuple[np.ndarray, pd.DataFrame]:
    """Slide × feature, NaN where a patient lacks a kind, and what the features are."""
    tables = [mirna, *([] if mrna is None else [mrna])]
    x = np.concatenate([t.reindex(patients).to_numpy(np.float32) for t in tables], axis=1)
    kinds = np.repeat(FEATURE_TYPES[: len(tables)], [table.shape[1] for table in tables])
    var = pd.DataFrame({"feature_type": kinds}, index=[name for t in tables for name in t.columns])
    return x, var.assign(symbol=var.index)


def slide_cohort(
    x: np.ndarray, obs: pd.DataFrame, var: pd.DataFrame, regions: list[np.ndarray]
) -> anndata.AnnData:
    """A histology cohort: one row a slide, ragged regions stacked in uns.

    x: slide × feature; regions: one array region × embedding per slide, in the rows' order.

    Raises:
        ValueError: there are no slides, one has no region, or they are not one array per row.
    """
    if not len(regions) or len(regions) != len(obs):
        raise ValueError(
            f"there must be regions for each of one or more slides; got {len(regions)} arrays for "
            f"{len(obs)} slides"
        )
    sizes = np.array([len(r) for r in regions])
    if (sizes == 0).any():
        name = obs.index[np.flatnonzero(sizes == 0)[0]]
        raise ValueError(f"every slide must have one region or more; {name} has none. Drop it")
    cohort = anndata.AnnData(np.asarray(x, np.float32), obs, var)
    cohort.uns["regions"] = np.concatenate(regions).astype(np.float32)
    cohort.uns["region_slide"] = np.repeat(np.arange(len(regions)), sizes)
    cohort.obsm["slide"] = np.stack([r.mean(axis=0) for r in regions]).astype(np.float32)
    cohort.obs["n_regions"] = sizes
    cohort.uns["default_types"] = []
    return cohort


def select_slides(cohort: anndata.AnnData, keep: np.ndarray) -> anndata.AnnData:
    """The slides where `keep` (bool per row) is true, with their regions renumbered.

    Plain indexing of the AnnData would leave uns["regions"] and uns["region_slide"] as they were.

    Raises:
        ValueError: `keep` is not one bool per slide, or keeps none.
    """
    keep = np.asarray(keep)
    if keep.dtype != bool or keep.shape != (cohort.n_obs,) or not keep.any():
        raise ValueError(
            f"keep must be one bool for each of {cohort.n_obs} slides and keep one or more; got "
            f"{keep.dtype} of shape {keep.shape} with {np.count_nonzero(keep)} kept"
        )
    selected = cohort[keep].copy()
    of_slide = np.asarray(cohort.uns["region_slide"])
    is_kept = keep[of_slide]
    selected.uns["regions"] = np.asarray(cohort.uns["regions"])[is_kept]
    selected.uns["region_slide"] = (np.cumsum(keep) - 1)[of_slide[is_kept]]
    return selected


def with_expression(cohort: anndata.AnnData, feature_type: str) -> anndata.AnnData:
    """Slides whose patient has microRNA or mRNA, and those features only ("microRNA" | "gene").

    Raises:
        ValueError: no such feature type, or no slide has it.
    """
    if feature_type not in set(cohort.var["feature_type"]):
        raise ValueError(
            f"feature_type must be one of {', '.join(sorted(set(cohort.var['feature_type'])))}; "
            f"got {feature_type!r}"
        )
    part = cohort[:, (cohort.var["feature_type"] == feature_type).to_numpy()].copy()
    part.uns["feature"] = feature_type
    return select_slides(part, np.isfinite(part.X).all(axis=1))


def _describe(slides: pd.Index, types: pd.Series | None) -> pd.DataFrame:
    """slide, patient, sample_type and site from the slides' names; cancer type by patient, or BRCA.

    A patient without a type has none: such a slide has no expression either.
    """
    obs = describe_barcodes(slides.str[:23])
    obs.index = slides
    obs.insert(0, "slide", slides.to_numpy(object))
    obs.insert(2, "cancer_type", "BRCA" if types is None else obs["patient"].map(types))
    return obs.rename_axis(None)


def _dropped(obs: pd.DataFrame, is_primary: pd.Series, has_rna: pd.Series) -> str:
    n_other, n_without = int((~is_primary).sum()), int((is_primary & ~has_rna).sum())
    if not (is_primary & has_rna).any():
        raise ValueError(
            f"a slide of a primary tumour with expression must be there; of {len(obs)} slides "
            f"{n_other} are of other samples and {n_without} have no expression"
        )
    return (
        f"Of {len(obs)} slides, left out: {n_other} not of a primary tumour, {n_without} whose "
        "patient has neither microRNA nor mRNA."
    )
