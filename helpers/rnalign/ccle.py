"""Cohort `ccle-tcga`: cell lines of DepMap 23Q2 and TCGA tumours on the genes that both have.

The published copy of DepMap holds 535 genes of cancer and development, in log2(TPM+1); the tumours
are those of cohort `tcga-mrna`, in log2(CPM+1). Types are named after the lineage both belong to.
"""

from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.sources import fetch_group
from helpers.rnalign.purity_estimates import tumour_purity

LINEAGES = {
    "GBM": "brain",
    "KICH": "kidney",
    "UCS": "uterus",
    "DLBC": "lymphoid",
    "CHOL": "biliary",
    "PAAD": "pancreas",
    "UVM": "eye",
    "ACC": "adrenal",
}
"""TCGA study → lineage shared with cell lines."""

_ONCOTREE = {
    "CNS/Brain": "brain",
    "Kidney": "kidney",
    "Uterus": "uterus",
    "Lymphoid": "lymphoid",
    "Biliary Tract": "biliary",
    "Pancreas": "pancreas",
    "Eye": "eye",
    "Adrenal Gland": "adrenal",
}
_ANNOTATION = {
    "StrippedCellLineName": "line_name",
    "OncotreePrimaryDisease": "disease",
    "OncotreeSubtype": "disease_subtype",
    "PrimaryOrMetastasis": "taken_from",
    "GrowthPattern": "growth",
    "Sex": "sex",
    "Age": "age",
}


@dataclass(frozen=True)
class CellLines:
    """DepMap's three tables, indexed by model (ACH-…).

    expression  model × gene symbol, log2(TPM+1), float32
    annotation  model × what DepMap says of it (its own column names)
    mutations   model × gene symbol, True where a driver mutation was found
    """

    expression: pd.DataFrame
    annotation: pd.DataFrame
    mutations: pd.DataFrame


def load_cell_lines() -> CellLines:
    """DepMap 23Q2 as published: 1,450 models with expression, 1,864 annotated, 1,738 sequenced.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the file.
    """
    (path,) = fetch_group("ccle")
    tables = read_r_objects(path)
    return parse_cell_lines(tables["expression"], tables["metadata"], tables["mutation"])


def parse_cell_lines(
    expression: pd.DataFrame, metadata: pd.DataFrame, mutation: pd.DataFrame
) -> CellLines:
    """The three data frames of the course file, whose columns end in `_Exp` and `_Mut`."""
    by_model = [table.set_index("ModelID") for table in (expression, metadata, mutation)]
    values, annotation, mutations = (table.rename_axis(None) for table in by_model)
    return CellLines(
        expression=values.rename(columns=lambda name: name.removesuffix("_Exp")).astype(np.float32),
        annotation=annotation,
        mutations=mutations.rename(columns=lambda name: name.removesuffix("_Mut")).astype(bool),
    )


def drop_unfit(annotation: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """Annotation without non-cancerous models and organoids, and how many there were of each."""
    is_normal = annotation["OncotreePrimaryDisease"] == "Non-Cancerous"
    is_organoid = annotation["GrowthPattern"] == "Organoid"
    n_dropped = {"non-cancerous": int(is_normal.sum()), "organoid": int(is_organoid.sum())}
    return annotation[~is_normal & ~is_organoid], n_dropped


def build_ccle_tcga(
    lines: CellLines, tumours: anndata.AnnData, purity: pd.DataFrame
) -> anndata.AnnData:
    """One cohort of lines and tumours: the lineages and the genes that both have.

    Normal samples are left out; several aliquots of a patient stay (`select_alignment` takes one).
    obs: patient, cancer_type (lineage), sample_type ("cell line" for lines), batch, purity,
    purity_source, tcga_type, line_name, model_id, disease, disease_subtype, subtype (PanCancerAtlas
    subtype of a tumour), taken_from, growth, sex, age (years), os_time (days), os_event; "" or NaN
    where it does not apply.
    """
    annotation, n_dropped = drop_unfit(lines.annotation.loc[lines.expression.index])
    line_obs = _describe_lines(annotation)
    tumour_obs = _describe_tumours(tumours.obs, purity)
    shared = set(line_obs["cancer_type"]) & set(tumour_obs["cancer_type"])
    obs = pd.concat([table[table["cancer_type"].isin(shared)] for table in (tumour_obs, line_obs)])
    obs = _without_gaps(obs)
    genes = [gene for gene in tumours.var_names if gene in lines.expression.columns]
    values = pd.DataFrame(tumours[:, genes].X, tumours.obs_names, genes)
    x = pd.concat([values, lines.expression[genes]]).loc[obs.index]
    cohort = anndata.AnnData(x.to_numpy(np.float32), obs, tumours.var.loc[genes].copy())
    cohort.uns = {
        "name": "ccle-tcga",
        "unit": "log2(TPM+1) of cell lines, log2(CPM+1) of tumours",
        "feature": "gene",
        "default_types": [],
        "notes": _notes(cohort, lines, n_dropped),
    }
    return cohort


def _describe_lines(annotation: pd.DataFrame) -> pd.DataFrame:
    """Columns of obs for the models whose lineage has tumours."""
    annotation = annotation[annotation["OncotreeLineage"].isin(_ONCOTREE)]
    facts = annotation[list(_ANNOTATION)].rename(columns=_ANNOTATION)
    facts["sex"] = facts["sex"].str.lower().replace("unknown", "")
    return facts.assign(
        patient=annotation["PatientID"].astype(str),
        cancer_type=annotation["OncotreeLineage"].map(_ONCOTREE),
        sample_type="cell line",
        batch="DepMap",
        purity=1.0,
        purity_source="cell line",
        model_id=annotation.index,
    )


def _describe_tumours(obs: pd.DataFrame, purity: pd.DataFrame) -> pd.DataFrame:
    """Columns of obs for the tumours, with their lineage and purity."""
    obs = obs[obs["cancer_type"].isin(LINEAGES) & (obs["sample_type"] != "normal")]
    known = tumour_purity(obs.index, obs["cancer_type"], purity)
    kept = ["patient", "sample_type", "subtype", "sex", "age", "stage", "os_time", "os_event"]
    described = obs[[column for column in kept if column in obs]].join(known)
    return described.assign(
        cancer_type=obs["cancer_type"].map(LINEAGES), tcga_type=obs["cancer_type"], batch="TCGA"
    )


def _without_gaps(obs: pd.DataFrame) -> pd.DataFrame:
    """Text columns with "" where nothing is known, the chapter's own columns first."""
    first = ["patient", "cancer_type", "sample_type", "batch", "purity", "purity_source"]
    obs = obs[[*first, *(column for column in obs if column not in first)]].copy()
    for column in obs.select_dtypes(object):
        obs[column] = obs[column].fillna("").astype(str)
    return obs


def _notes(cohort: anndata.AnnData, lines: CellLines, n_dropped: dict[str, int]) -> list[str]:
    obs = cohort.obs
    is_line = obs["sample_type"] == "cell line"
    n_lines = obs[is_line]["cancer_type"].value_counts()
    sources = obs[~is_line]["purity_source"].value_counts()
    return [
        f"{is_line.sum()} cell lines and {(~is_line).sum()} tumour samples on {cohort.n_vars} of "
        f"DepMap's {lines.expression.shape[1]} genes in this copy: genes of cancer and "
        "development, not a random draw of the transcriptome.",
        "Cell lines are log2(TPM+1), tumours log2(CPM+1): CPM does not divide by gene length, so "
        "part of the shift between them is the unit. A constant per gene, as a mean shift removes.",
        f"Dropped from DepMap before choosing lineages: {n_dropped['non-cancerous']} non-cancerous "
        f"models and {n_dropped['organoid']} organoids.",
        "Kidney tumours are chromophobe (KICH), kidney lines are mostly clear cell or of no stated "
        "type: they come from different cells, and are expected not to align.",
        f"Adrenal has {n_lines.get('adrenal', 0)} cell line: its tumours can be aligned and its "
        "match cannot be scored.",
        "Each tumour type comes from a TCGA study of its own with its own sequencing centre: among "
        "the tumours, cancer type and centre cannot be told apart.",
        "Purity of tumours: " + ", ".join(f"{name} {n}" for name, n in sources.items()) + ".",
    ]
