"""Cohort `paper-multiomics`: PanCanAtlas mRNA and 562,709 ATAC peaks of 404 patients (UCSC Xena).

The ATAC matrix (`TCGA_ATAC_peak_Log2Counts_dedup_sample.gz`) is peak × sample, tab-separated and
gzipped, its peaks named and ordered by the cancer they were called in (`ACC_1`, …); their places
are in `TCGA_ATAC_peak.all.probeMap`. It is read in blocks, put into genomic order through a file,
and kept as a store for `PeakWindows`. In the cohort itself ATAC is the peaks' principal components:
10,000 patients × 562,709 peaks would take 20 GB, nearly all of it missing.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.atac.components import gram_components, one_aliquot_a_patient
from helpers.coembedding.atac.genome import genomic_order, peak_names
from helpers.coembedding.atac.peak_windows import PeakWindows, write_peaks
from helpers.coembedding.donors.modalities import join_modalities
from helpers.cohorts.sources import cache_folder, fetch_group
from helpers.cohorts.tcga.barcodes import describe_barcodes
from helpers.cohorts.tcga.clinical import add_clinical, parse_clinical
from helpers.cohorts.tcga.pancanatlas import build_xena_cohort
from helpers.cohorts.text_matrices import table_blocks, table_samples

N_COMPONENTS = 200
STORE = "paper-multiomics.zarr"
_PEAKS_AT_ONCE = 5_000
_POSITION = {"chrom": "chrom", "chromStart": "start", "chromEnd": "end"}


def load_paper_multiomics() -> anndata.AnnData:
    """The paper's kind of input, one row a patient; its peaks are at `peaks_store()`.

    Its files are 1.5 GB and come from the publisher's server only; the store takes 1 GB more.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    paths = {
        path.name.partition(".")[0]: path
        for group in ("paper-multiomics", "paper-pancan")
        for path in fetch_group(group, True)
    }
    survival = paths["Survival_SupplementalTable_S1_20171025_xena_sp"]
    rna = build_xena_cohort(
        matrix=paths["EB++AdjustPANCAN_IlluminaHiSeq_RNASeqV2"],
        survival=survival,
        phenotype=paths["TCGA_phenotype_denseDataOnlyDownload"],
    )
    matrix = paths["TCGA_ATAC_peak_Log2Counts_dedup_sample"]
    store = write_xena_peaks(matrix, paths["TCGA_ATAC_peak"], survival, peaks_store())
    return build_paper_multiomics(rna, store)


def peaks_store() -> Path:
    """Where the peaks of `paper-multiomics` are kept, for `PeakWindows`."""
    return cache_folder() / "cohorts" / STORE


def write_xena_peaks(matrix: Path, probe_map: Path, survival: Path, store: Path) -> Path:
    """Xena's peak × sample table as a store of peaks, sample × peak in genomic order.

    One tumour sample a patient. Memory: one block of the table and a few chunks of the store.

    Raises:
        ValueError: the table is not tab-separated, a peak has no place in the map, or is off hg38.
    """
    obs = _describe(pd.Index(table_samples(matrix)), survival)
    columns = one_aliquot_a_patient(obs)
    columns = columns[obs["cancer_type"].notna().to_numpy()[columns]]
    with tempfile.TemporaryDirectory(dir=store.parent if store.parent.exists() else None) as folder:
        file = Path(folder) / "peaks"
        names = _write_chosen(file, matrix, columns)
        table = np.memmap(file, np.float32, mode="r", shape=(len(names), len(columns)))
        var = _places(names, probe_map)
        order = genomic_order(var)
        blocks = _transposed(table, order)
        var = var.iloc[order].set_axis(peak_names(var.iloc[order]))
        return write_peaks(blocks, store, obs.iloc[columns], var)


def build_paper_multiomics(
    rna: anndata.AnnData, store: Path, n_components: int = N_COMPONENTS
) -> anndata.AnnData:
    """One tumour a patient of the mRNA cohort, joined with the components of the peaks in `store`.

    uns["peaks_store"] is the name of the store, which `load_peaks` takes its peaks from.

    Components are fitted on all patients with ATAC, as those of `tcga-atac-rna`: transductive. For
    components of training patients only, pass `PeakWindows` to `gram_components` with their rows.
    """
    peaks = PeakWindows(store, slide=0)
    blocks = ((index, x.numpy()) for index, x, _ in peaks)
    scores = gram_components(blocks, np.arange(peaks.n_samples), n_components)
    var = pd.DataFrame(index=[f"pc{number + 1:03d}" for number in range(scores.shape[1])])
    atac = anndata.AnnData(scores, peaks.obs.copy(), var)
    atac.uns = {"feature": "component", "unit": "principal component of log2 counts per million"}
    atac.uns["notes"] = [
        f"ATAC is {scores.shape[1]} principal components of {peaks.n_peaks:,} peaks, fitted on all "
        f"{peaks.n_samples} patients: transductive. The peaks themselves are kept on disk."
    ]
    wanted = atac.obs.set_index("patient")["sample_type"]
    joined = join_modalities(
        rna[one_aliquot_a_patient(rna.obs, wanted)].copy(), atac, "paper-multiomics"
    )
    joined.uns |= {"default_types": [], "peaks_store": store.name}
    return joined


def _describe(samples: pd.Index, survival: Path) -> pd.DataFrame:
    """Facts on sample barcodes, from themselves and the survival table; index is the barcode."""
    table = pd.read_csv(survival, sep="\t", low_memory=False).rename(
        columns={"_PATIENT": "bcr_patient_barcode", "cancer type abbreviation": "type"}
    )
    clinical = parse_clinical(table)
    obs = describe_barcodes(samples)
    obs.insert(1, "cancer_type", clinical["cancer_type"].reindex(obs["patient"]).to_numpy())
    return add_clinical(obs, clinical)


def _write_chosen(file: Path, matrix: Path, columns: np.ndarray) -> list[str]:
    """Write peak × chosen sample, float32, to `file`; returns the peaks' names, as they come."""
    names: list[str] = []
    with file.open("wb") as out:
        for block_names, block in table_blocks(matrix):
            names += block_names
            out.write(np.ascontiguousarray(block[:, columns]))
    return names


def _places(names: list[str], probe_map: Path) -> pd.DataFrame:
    places = pd.read_csv(probe_map, sep="\t", index_col=0)[list(_POSITION)].rename(
        columns=_POSITION
    )
    unknown = pd.Index(names)[~pd.Index(names).isin(places.index)]
    if len(unknown):
        raise ValueError(
            f"every peak must have a place in {probe_map.name}; {unknown[0]} has none "
            f"({len(unknown):,} of {len(names):,}). Take both files of one release"
        )
    return places.loc[names].astype({"chrom": object, "start": int, "end": int})


def _transposed(table: np.ndarray, order: np.ndarray) -> Iterator[np.ndarray]:
    """Blocks sample × peak, peaks in `order`."""
    for start in range(0, len(order), _PEAKS_AT_ONCE):
        yield np.asarray(table[order[start : start + _PEAKS_AT_ONCE]]).T
