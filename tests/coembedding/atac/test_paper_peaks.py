"""The paper's full-size input, read from small files in Xena's format."""

import gzip

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.atac import paper_peaks as xena_peaks
from helpers.coembedding.atac.paper_peaks import (
    build_paper_multiomics,
    peaks_store,
    write_xena_peaks,
)
from helpers.coembedding.atac.peak_windows import PeakWindows

SAMPLES = ["TCGA-OR-A5J1-01A", "TCGA-OR-A5J2-06A", "TCGA-OR-A5J2-01A", "TCGA-AB-2802-01A"]
SAMPLES += ["TCGA-ZZ-0000-01A", "TCGA-OR-A5J3-01A"]
PLACES = [("ACC_1", "chr2", 500), ("ACC_2", "chr10", 5), ("BRCA_1", "chr2", 100)]
PLACES += [("BRCA_2", "chr1", 7), ("UCEC_9", "chrX", 1)]


@pytest.fixture
def files(tmp_path):
    values = np.arange(30, dtype=float).reshape(5, 6) / 7
    matrix = pd.DataFrame(values, [name for name, *_ in PLACES], SAMPLES)
    (tmp_path / "m.gz").write_bytes(
        gzip.compress(matrix.to_csv(sep="\t", index_label="sample").encode())
    )
    places = pd.DataFrame(PLACES, columns=["id", "chrom", "chromStart"])
    places["chromEnd"], places["gene"], places["strand"] = places["chromStart"] + 500, "", "."
    places = pd.concat([places, places.assign(id=places["id"] + "x")])  # peaks of other sets
    places.to_csv(tmp_path / "map", sep="\t", index=False)
    patients = [sample[:12] for sample in dict.fromkeys(SAMPLES) if "ZZ" not in sample]
    facts = {"_PATIENT": patients, "cancer type abbreviation": "ACC"}
    facts |= {"age_at_initial_pathologic_diagnosis": 50, "gender": "MALE", "race": "WHITE"}
    facts |= {"ajcc_pathologic_tumor_stage": "Stage I", "clinical_stage": ""}
    facts |= {f"{e}{t}": 1 for e in ("OS", "PFI", "DSS", "DFI") for t in ("", ".time")}
    pd.DataFrame(facts).to_csv(tmp_path / "survival", sep="\t", index=False)
    return tmp_path / "m.gz", tmp_path / "map", tmp_path / "survival", tmp_path / "p.zarr", matrix


@pytest.mark.parametrize("at_once", [2, 5_000])
def test_peaks_are_sorted_and_one_tumour_a_patient_is_kept(files, monkeypatch, at_once):
    monkeypatch.setattr(xena_peaks, "_PEAKS_AT_ONCE", at_once)
    *paths, matrix = files
    store = anndata.read_zarr(write_xena_peaks(*paths))
    assert list(store.var_names) == [
        *("chr1:7-507", "chr2:100-600", "chr2:500-1000", "chr10:5-505", "chrX:1-501")
    ]
    # The primary of A5J2 before its metastasis; ZZ has no cancer type.
    assert list(store.obs_names) == [SAMPLES[0], SAMPLES[2], SAMPLES[3], SAMPLES[5]]
    expected = matrix.loc[["BRCA_2", "BRCA_1", "ACC_1", "ACC_2", "UCEC_9"], store.obs_names]
    np.testing.assert_allclose(store.X, expected.to_numpy().T, rtol=1e-6)
    assert store.obs["cancer_type"].tolist() == ["ACC"] * 4
    assert store.obs["age"].tolist() == [50] * 4


def test_components_are_joined_with_mrna(files):
    store = write_xena_peaks(*files[:4])
    rng = np.random.default_rng(0)
    samples = ["TCGA-OR-A5J1-01", "TCGA-OR-A5J2-01", "TCGA-OR-A5J9-01", "TCGA-OR-A5J1-11"]
    obs = pd.DataFrame({"patient": [s[:12] for s in samples]}, samples)
    obs["cancer_type"], obs["sample_type"] = "ACC", ["primary"] * 3 + ["normal"]
    rna = anndata.AnnData(rng.normal(size=(4, 3)).astype(np.float32), obs)
    rna.uns = {"feature": "gene", "unit": "log2", "notes": []}
    cohort = build_paper_multiomics(rna, store, 2)
    assert cohort.obs["has_rna"].sum() == 3 and cohort.obs["has_atac"].sum() == 4
    assert cohort.uns["atac_feature"] == "component" and cohort.obsm["atac"].shape == (5, 1)
    assert any("transductive" in note for note in cohort.uns["notes"])
    assert PeakWindows(store).n_peaks == 5  # the peaks stay on disk


def test_a_peak_without_a_place_is_refused(files):
    matrix, places, survival, store, _ = files
    table = pd.read_csv(places, sep="\t")
    table[table["id"] != "BRCA_2"].to_csv(places, sep="\t", index=False)
    with pytest.raises(ValueError, match="a place in map; BRCA_2 has none"):
        write_xena_peaks(matrix, places, survival, store)
    assert not store.exists()


def test_a_file_of_another_format_is_refused(files):
    matrix = files[0]
    matrix.write_bytes(gzip.compress(b"a,b,c\n1,2,3\n"))
    with pytest.raises(ValueError, match="must be tab-separated"):
        write_xena_peaks(*files[:4])


def test_the_store_lies_in_the_cache(empty_cache):
    assert peaks_store().is_relative_to(empty_cache)
