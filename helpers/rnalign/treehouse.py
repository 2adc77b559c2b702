"""Cohort `paper-rnalign`: Treehouse Tumor Compendium v10 and DepMap 19Q4, as Celligner paired them.

Both were made with STAR and RSEM and are log2(TPM+1). The compendium's table is gene × sample,
gigabytes of text; DepMap's is line × gene with columns named `TSPAN6 (ENSG00000000003)`. Which
samples are used, and what they are, is Celligner's annotation (Warren 2021): 12,236 tumours, 1,249
lines.
"""

from collections.abc import Iterable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import SAMPLE_TYPES
from helpers.cohorts.tcga.genes import load_gene_annotation, protein_coding_genes
from helpers.cohorts.text_matrices import read_table, table_samples
from helpers.rnalign.purity_estimates import load_purity, tumour_purity

LINEAGES = {
    "central_nervous_system": "brain",
    "bile_duct": "biliary",
    "lymphocyte": "lymphoid",
    "adrenal_cortex": "adrenal",
}
"""Celligner's lineage → this project's name for it; the others keep theirs."""

SUBTYPES = {
    "basal": "basal",
    "basal A": "basal",
    "basal B": "basal",
    "HER2-enriched": "HER2-enriched",
    "HER2 amp": "HER2-enriched",
    "luminal HER2 amp": "HER2-enriched",
    "luminal": "luminal",
    "luminal A": "luminal",
    "luminal B": "luminal",
    "lung adenocarcinoma": "adenocarcinoma",
    "non-small cell lung cancer, adenocarcinoma": "adenocarcinoma",
    "lung squamous cell carcinoma": "squamous",
    "non-small cell lung cancer, squamous cell carcinoma": "squamous",
    "non-small cell lung cancer, adenosquamous carcinoma": "squamous",
}
"""Celligner's subtype of breast and lung samples → the paper's Table 3 (same numbers of each)."""

_LUNG_AND_BREAST = ("lung", "breast")


def load_paper_rnalign() -> anndata.AnnData:
    """The paper's own kind of input (the book's data page says what it takes).

    obs: patient, cancer_type, sample_type, batch (study), purity, purity_source, subtype, disease,
    disease_subtype, age (years), sex.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    tumours, clinical, lines = fetch_group("paper-rnalign", True)
    annotation = next(path for path in fetch_group("celligner") if "fullsample" in path.name)
    genes = protein_coding_genes(load_gene_annotation())["symbol"]
    return build_paper_rnalign(tumours, clinical, lines, annotation, load_purity(), set(genes))


def build_paper_rnalign(
    tumours: Path,
    clinical: Path,
    lines: Path,
    annotation: Path,
    purity: pd.DataFrame,
    genes: set[str],
) -> anndata.AnnData:
    """The cohort from the publishers' four files, on those of `genes` that both matrices have.

    Raises:
        ValueError: a file is not in its publisher's format, or has none of the annotated samples.
    """
    obs = read_celligner_annotation(annotation, purity)
    known = pd.read_csv(clinical, sep="\t", index_col=0)
    obs["disease"] = known["disease"].reindex(obs.index).fillna(obs["disease"]).astype(str)
    line_values = _annotated(read_depmap_matrix(lines, genes), obs, lines)
    found = pd.Index(table_samples(tumours))
    columns = _annotated(pd.Series(range(len(found)), found), obs, tumours)
    wanted = _FirstOf(line_values.columns)
    tumour_values, shared = read_table(tumours, wanted, columns.to_numpy())
    x = np.concatenate([tumour_values, line_values[shared].to_numpy(np.float32)])
    var = pd.DataFrame({"symbol": shared}, index=shared)
    cohort = anndata.AnnData(x, obs.loc[[*columns.index, *line_values.index]], var)
    cohort.uns = {
        "name": "paper-rnalign",
        "unit": "log2(TPM+1)",
        "feature": "gene",
        "default_types": [],
        "notes": _notes(cohort),
    }
    return cohort


class _FirstOf:
    """Asked of each gene in turn: whether it is one of `genes` and the first row of its symbol."""

    def __init__(self, genes: Iterable[str]):
        self._left = set(genes)

    def __call__(self, gene: str) -> bool:
        is_wanted = gene in self._left
        self._left.discard(gene)
        return is_wanted


def read_depmap_matrix(path: Path, genes: set[str]) -> pd.DataFrame:
    """Line (ACH-…) × gene symbol, float32, of those `genes` in the file; first of a symbol.

    Raises:
        ValueError: its columns are not named `SYMBOL (ENSG…)`.
    """
    columns = pd.read_csv(path, nrows=0, index_col=0).columns
    symbols = columns.str.extract(r"^(\S+) \((?:ENSG\d+|\d+)\)$")[0].to_numpy()
    if pd.isna(symbols).all():
        raise ValueError(
            f"columns of {path} must be named like 'TSPAN6 (ENSG00000000003)'; got "
            f"{', '.join(columns[:3])}"
        )
    first = pd.Series(columns, index=symbols)
    first = first[~first.index.duplicated() & first.index.isin(genes)]
    wanted = [0, *(columns.get_indexer(first) + 1)]
    types = dict.fromkeys(first, np.float32)
    table = pd.read_csv(path, usecols=sorted(wanted), index_col=0, dtype=types)
    return table[first.tolist()].set_axis(first.index, axis=1).rename_axis(None)


def read_celligner_annotation(path: Path, purity: pd.DataFrame) -> pd.DataFrame:
    """What Celligner says of its tumours and lines, as obs: indexed by sample, a row each.

    Every leukaemia that is not recurrent counts as "blood", whoever sequenced it.
    """
    table = pd.read_csv(path, index_col="sampleID", low_memory=False)
    is_line = table["type"] == "CL"
    cancer_type = table["lineage"].replace(LINEAGES)
    harmonised = table["subtype"].map(SUBTYPES).where(table["lineage"].isin(_LUNG_AND_BREAST))
    obs = pd.DataFrame(
        {
            "patient": _patients(table.index),
            "cancer_type": cancer_type,
            "sample_type": _sample_types(table.index, cancer_type).mask(is_line, "cell line"),
            "batch": np.where(is_line, "DepMap", table.index.str.extract(r"^(TCGA|TARGET)")[0]),
            "purity": 1.0,
            "purity_source": "cell line",
            "subtype": harmonised.fillna(""),
            "disease": table["disease"].fillna(""),
            "disease_subtype": table["subtype"].fillna(""),
            "age": pd.to_numeric(table["age"], errors="coerce"),
            "sex": table["sex"].str.lower().replace("unknown", ""),
        }
    ).rename_axis(None)
    obs["batch"] = obs["batch"].fillna("Treehouse")
    tumours = obs.index[~is_line.to_numpy()]
    obs.loc[tumours, ["purity", "purity_source"]] = tumour_purity(
        tumours, obs.loc[tumours, "cancer_type"], purity
    )
    return obs


def _annotated(
    values: pd.DataFrame | pd.Series, obs: pd.DataFrame, path: Path
) -> pd.DataFrame | pd.Series:
    """The rows whose sample Celligner describes."""
    known = values[values.index.isin(obs.index)]
    if known.empty:
        raise ValueError(
            f"{path} must have samples of Celligner's annotation, such as {obs.index[0]}; it has "
            f"{', '.join(map(str, values.index[:3]))}. Use the file of the release named here"
        )
    return known


def _patients(samples: pd.Index) -> np.ndarray:
    """TCGA-A1-A0SE-01 → TCGA-A1-A0SE; TARGET-40-PAMYYJ-01A-01R and TH27_1241_S01 likewise."""
    known = samples.str.extract(r"^(TCGA-..-....|TARGET-\d\d-[^-]+|THR?\d+_\d+)")[0]
    return known.fillna(pd.Series(samples)).to_numpy()


def _sample_types(samples: pd.Index, cancer_type: pd.Series) -> pd.Series:
    """By TCGA's and TARGET's two digits, "primary" where a name has none."""
    code = samples.str.extract(r"^(?:TCGA|TARGET)-\w\w-[^-]+-(\d\d)")[0].set_axis(samples)
    found = code.map(SAMPLE_TYPES).fillna("primary")
    return found.mask((cancer_type == "blood") & (found == "primary"), "blood")


def _notes(cohort: anndata.AnnData) -> list[str]:
    obs = cohort.obs
    is_line = obs["sample_type"] == "cell line"
    sources = obs[~is_line]["purity_source"].value_counts()
    return [
        f"{(~is_line).sum():,} tumours and {is_line.sum():,} cell lines of Celligner's 12,236 and "
        f"1,249, on {cohort.n_vars:,} protein-coding genes with a symbol of their own in both "
        "files; the paper does not say that it left other genes out.",
        "Purity by " + ", ".join(f"{name} ({n:,})" for name, n in sources.items()) + ". The paper "
        "used PUREE, a web service, whose values are not published with it.",
        "One sample a patient, and metastases only where they outnumber primaries (skin): fewer "
        "tumours are used than the paper's 12,236.",
    ]
