"""Cohort `ccle-brca`: breast cancers of TCGA and breast lines of DepMap, subtypes of both.

For table 3 of paper 4. The tumours are those of cohort `tcga-brca` with PAM50, the lines have what
DepMap says of their receptors. Only 138 genes are in both, and the published tumour values are
z-scores, so each gene is standardised within tumours and within lines: what a mean shift and a
scale could remove is gone before any method starts.
"""

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.skewness import ShiftedLog
from helpers.rnalign.ccle import CellLines, drop_unfit
from helpers.rnalign.purity_estimates import tumour_purity

UNIT = "SD of a gene within tumours and within cell lines, skew of tumours undone"
OF_PAM50 = {"Basal": "basal", "Her2": "HER2-enriched", "LumA": "luminal", "LumB": "luminal"}
"""PAM50 class of a tumour → subtype, as in the paper; Normal-like tumours have none."""
OF_RECEPTORS = {
    "ERneg_HER2neg": "basal",
    "ERneg_HER2pos": "HER2-enriched",
    "ERpos_HER2pos": "HER2-enriched",
    "ERpos_HER2neg": "luminal",
}
"""DepMap's receptor status of a line → subtype: a stand-in for PAM50, which lines do not have."""


def build_ccle_brca(
    lines: CellLines, tumours: anndata.AnnData, purity: pd.DataFrame
) -> anndata.AnnData:
    """One cohort of breast lines and tumours on the genes that both have and that differ in both.

    `tumours`: cohort `tcga-brca`, one primary tumour a patient; `purity`: `load_purity`.
    obs: patient, cancer_type ("breast"), sample_type ("cell line" for lines), batch, purity,
    purity_source, subtype (basal, HER2-enriched, luminal; "" where not known), pam50, line_name,
    model_id, receptors; "" where it does not apply.
    """
    annotation, _ = drop_unfit(lines.annotation.loc[lines.expression.index])
    annotation = annotation[annotation["OncotreeLineage"] == "Breast"]
    genes = [gene for gene in tumours.var_names if gene in lines.expression.columns]
    of_tumours = np.asarray(tumours[:, genes].X, np.float64)
    of_tumours = ShiftedLog().fit(of_tumours)(of_tumours)
    of_lines = lines.expression.loc[annotation.index, genes].to_numpy(np.float64)
    varies = (of_tumours.std(axis=0) > 0) & (of_lines.std(axis=0) > 0)
    sides = [_standardised(values[:, varies]) for values in (of_tumours, of_lines)]
    obs = pd.concat([_describe_tumours(tumours.obs, purity), _describe_lines(annotation)])
    obs = obs.fillna({name: "" for name in obs.select_dtypes(object)})
    var = tumours.var.loc[np.array(genes)[varies], ["symbol"]].copy()
    cohort = anndata.AnnData(np.vstack(sides).astype(np.float32), obs, var)
    cohort.uns = {"name": "ccle-brca", "unit": UNIT, "feature": "gene", "default_types": []}
    cohort.uns["notes"] = _notes(cohort)
    return cohort


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(axis=0)) / values.std(axis=0)


def _describe_tumours(obs: pd.DataFrame, purity: pd.DataFrame) -> pd.DataFrame:
    """Columns of obs for the tumours, named by the barcode of a primary tumour."""
    names = pd.Index([f"{patient}-01" for patient in obs["patient"]])
    known = tumour_purity(names, obs["cancer_type"], purity)
    return known.assign(
        patient=obs["patient"].to_numpy(),
        cancer_type="breast",
        sample_type="primary",
        batch="TCGA",
        subtype=obs["subtype"].map(OF_PAM50).fillna("").to_numpy(object),
        pam50=obs["subtype"].to_numpy(object),
    )


def _describe_lines(annotation: pd.DataFrame) -> pd.DataFrame:
    """Columns of obs for the breast lines."""
    receptors = annotation["LegacySubSubtype"].astype(object).fillna("")
    return pd.DataFrame(
        {
            "purity": 1.0,
            "purity_source": "cell line",
            "patient": annotation["PatientID"].astype(str),
            "cancer_type": "breast",
            "sample_type": "cell line",
            "batch": "DepMap",
            "subtype": receptors.map(OF_RECEPTORS).fillna(""),
            "line_name": annotation["StrippedCellLineName"],
            "model_id": annotation.index,
            "receptors": receptors,
        },
        index=annotation.index,
    )


def _notes(cohort: anndata.AnnData) -> list[str]:
    is_line = cohort.obs["sample_type"] == "cell line"
    return [
        f"{(~is_line).sum()} tumours and {is_line.sum()} cell lines of the breast on the "
        f"{cohort.n_vars} genes that both tables have.",
        "Tumours are published as z-scores, lines as log2(TPM+1): each gene is standardised within "
        "tumours and within lines, so the input is already shifted and scaled to match.",
        "Subtype is PAM50 for tumours (LumA and LumB are luminal, Normal-like has none) and "
        "receptor status for lines (HER2+ is HER2-enriched, ER−HER2− basal, ER+HER2− luminal).",
    ]
