"""Cohort `tcga-atac-rna`: ATAC of 401 TCGA patients as 200 components, and microRNA of 9,500.

The components are those of all 562,709 peaks (Corces et al. 2018, Science 362:eaav1898), computed
over *all* patients by their publisher: whatever is held out here was seen by that PCA. They are not
standardised: a component's variance is what it explains, and equal variances would make the last
of them as loud as the first (1-nearest-neighbour cancer type .885 as published).

`gram_components` computes the same thing from peaks on disk, on training samples only.
"""

from collections.abc import Iterable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.donors.modalities import join_modalities
from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes
from helpers.cohorts.tcga.clinical import add_clinical, load_clinical, load_subtypes

TUMOURS = ("primary", "blood", "metastasis", "recurrent", "additional primary")
UNIT = "principal component of log2 counts per million, not standardised"
NOTES = [
    "ATAC is 200 principal components of 562,709 peaks, fitted on all 401 patients by their "
    "publisher: every ATAC score here is transductive, held-out patients included.",
    "The RNA modality is microRNA (680 stem-loops), not mRNA.",
    "RNA and ATAC of a patient are of the same donor, not always of the same piece of tumour.",
]


def load_atac_components() -> anndata.AnnData:
    """401 patients × 200 components; obs: patient, cancer_type, sample_type, clinical facts.

    sample_type is that of the patient's ATAC libraries.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    paths = {path.name: path for path in fetch_group("tcga-atac-pcs")}
    return build_components_cohort(
        components=read_components(paths["all.pca"]),
        patients=pd.read_csv(paths["all.clinic"], encoding="utf-8-sig", index_col=0),
        libraries=pd.read_csv(paths["TCGA_identifier_mapping.txt"], sep="\t"),
        clinical=load_clinical(),
        subtypes=load_subtypes(),
    )


def read_components(path: Path) -> pd.DataFrame:
    """Patient × component, float32; columns pc001, pc002, …

    Raises:
        ValueError: something in the table is not a number.
    """
    table = pd.read_csv(path, sep="\t", index_col=0)
    if not np.isfinite(table.to_numpy(float)).all():
        raise ValueError(f"{path.name}: every component must be a finite number")
    names = [f"pc{number + 1:03d}" for number in range(table.shape[1])]
    return table.astype(np.float32).set_axis(names, axis=1)


def build_components_cohort(
    components: pd.DataFrame,
    patients: pd.DataFrame,
    libraries: pd.DataFrame,
    clinical: pd.DataFrame,
    subtypes: pd.DataFrame | None = None,
) -> anndata.AnnData:
    """The cohort from its tables: components, cancer type by patient, libraries of the patients.

    Raises:
        ValueError: a patient of the components has no cancer type or no library.
    """
    samples = describe_barcodes(pd.Index(libraries["Case_ID"]))
    sample_type = samples.drop_duplicates("patient").set_index("patient")["sample_type"]
    for table, what in ((patients, "a cancer type"), (sample_type, "an ATAC library")):
        unknown = components.index.difference(table.index)
        if len(unknown):
            raise ValueError(f"every patient must have {what}; {unknown[0]} has none")
    index = components.index
    obs = pd.DataFrame({"patient": index.to_numpy(object)}, index=index.rename(None))
    obs["cancer_type"] = patients.loc[index, "acronym"].to_numpy(object)
    obs["sample_type"] = sample_type[index].to_numpy(object)
    cohort = anndata.AnnData(
        components.to_numpy(np.float32),
        add_clinical(obs, clinical, subtypes),
        pd.DataFrame(index=components.columns),
    )
    cohort.uns = {"name": "tcga-atac-pcs", "unit": UNIT, "feature": "component"}
    cohort.uns |= {"default_types": [], "notes": NOTES}
    return cohort


def build_atac_rna(mirna: anndata.AnnData, atac: anndata.AnnData) -> anndata.AnnData:
    """Cohort `tcga-atac-rna` of `tcga-mirna` and the components: one row a patient.

    Of a patient's microRNA aliquots: tumours only; the one of the ATAC's sample type first, then a
    primary, then the first barcode. obs["atac_sample_type"] keeps the ATAC's. microRNA patients of
    a cancer without ATAC are kept: they are unpaired.
    """
    wanted = atac.obs.set_index("patient")["sample_type"]
    rows = one_aliquot_a_patient(mirna.obs, wanted)
    rna = mirna[rows].copy()
    atac = atac.copy()
    atac.obs["atac_sample_type"] = atac.obs["sample_type"]
    joined = join_modalities(rna, atac, "tcga-atac-rna")
    joined.obs["batch"] = joined.obs["batch"].fillna("no microRNA")
    joined.obs["site"] = joined.obs["patient"].str[5:7]
    joined.obs["atac_sample_type"] = joined.obs["atac_sample_type"].fillna("")
    joined.obs["subtype"] = joined.obs["subtype"].fillna("")
    joined.uns["default_types"] = []
    n_paired = int((joined.obs["has_rna"] & joined.obs["has_atac"]).sum())
    joined.uns["notes"] = [
        *NOTES,
        f"{n_paired} of {atac.n_obs} ATAC patients have microRNA of a tumour; the other "
        f"{rna.n_obs - n_paired:,} microRNA patients have no ATAC.",
        *(note for note in mirna.uns["notes"] if note.startswith(("Two seq", "OV", "COAD"))),
    ]
    return joined


def one_aliquot_a_patient(obs: pd.DataFrame, wanted: pd.Series | None = None) -> np.ndarray:
    """Positions of one tumour row per patient, in the order of `obs`.

    `wanted`: sample type by patient; a row of that type comes before a primary, and that before
    blood, metastases and recurrences; then the alphabetical order of the names decides.
    """
    table = pd.DataFrame({"patient": obs["patient"], "kind": obs["sample_type"]})
    table["row"] = np.arange(len(obs))
    table = table[table["kind"].isin(TUMOURS)]
    asked = table["patient"].map(wanted if wanted is not None else {})
    table["order"] = table["kind"].map(TUMOURS.index)
    table["other"] = table["kind"].ne(asked)
    table["name"] = table.index
    best = table.sort_values(["other", "order", "name"]).drop_duplicates("patient")
    return np.sort(best["row"].to_numpy())


def gram_components(
    blocks: Iterable[tuple[object, np.ndarray]], train_rows: np.ndarray, n_components: int
) -> np.ndarray:
    """Principal components (sample × component) of peaks that are never in memory at once.

    `blocks` yields (anything, samples × some peaks), each peak once. The axes are those of the
    training rows: with C the training-centred data, C_train C_trainᵀ = U Λ Uᵀ gives the scores
    C C_trainᵀ U Λ^(−1/2). Memory: samples², whatever the number of peaks. Components beyond the
    training rank are left out; each one's sign is fixed by its largest training score.

    Raises:
        ValueError: there are no blocks, or fewer than two training rows.
    """
    train_rows = np.asarray(train_rows)
    if len(train_rows) < 2:
        raise ValueError(f"a PCA must have two or more training rows; got {len(train_rows)}")
    products = 0.0
    for _, block in blocks:
        block = np.asarray(block, dtype=np.float64)
        block = block - block[train_rows].mean(axis=0)
        products = products + block @ block[train_rows].T
    if np.ndim(products) == 0:
        raise ValueError("there must be peaks to take components of; got no block")
    variance, axes = np.linalg.eigh(products[train_rows])
    order = np.argsort(-variance)[:n_components]
    order = order[variance[order] > 1e-9 * max(variance.max(), 1e-300)]
    scores = products @ axes[:, order] / np.sqrt(variance[order])
    largest = np.abs(scores[train_rows]).argmax(axis=0)
    return (scores * np.sign(scores[train_rows][largest, np.arange(len(order))])).astype(np.float32)
