"""Cohort tcga-mrna: every published fact about its files, and the loader on small ones."""

import gzip
import time

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.mrna import (
    build_mrna_cohort,
    log_cpm,
    read_count_file,
    read_count_files,
    read_sample_barcodes,
)

CLINICAL = pd.DataFrame(columns=["age", "sex", "race", "stage", "os_time", "os_event"])


def _count_file(path, counts):
    rows = [f"{gene}\t{n}" for gene, n in counts.items()]
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    return path


def test_a_count_file_loses_versions_and_summary_rows(tmp_path):
    counts = {"ENSG1.13": 4, "ENSGR2.1": 0, "__no_feature": 9, "__ambiguous": 1}
    path = _count_file(tmp_path / "a.htseq.counts.gz", counts)
    assert read_count_file(path).to_dict() == {"ENSG1": 4, "ENSGR2": 0}


def test_two_files_of_a_sample_are_two_aliquots(tmp_path):
    paths = [_count_file(tmp_path / f"{name}.htseq.counts.gz", {"E1.1": 1}) for name in "ab"]
    barcodes = pd.Series({"a": "TCGA-06-0211-01A", "b": "TCGA-06-0211-01A"})
    columns = read_count_files(paths, barcodes).columns.tolist()
    assert columns == ["TCGA-06-0211-01A", "TCGA-06-0211-01A.2"]


def test_files_that_list_other_genes_are_aligned_by_name(tmp_path):
    counts = {"a": {"E1.1": 4, "E2.1": 5}, "b": {"E2.2": 6, "E1.7": 7}, "c": {"E2.1": 8}}
    paths = [_count_file(tmp_path / f"{name}.htseq.counts.gz", n) for name, n in counts.items()]
    barcodes = pd.Series({name: f"TCGA-06-021{name}-01A" for name in counts})
    table = read_count_files(paths, barcodes)
    np.testing.assert_array_equal(table.loc[["E1", "E2"]], [[4, 7, np.nan], [5, 6, 8]])


def test_library_size_counts_every_row():
    counts = pd.DataFrame({"s": [1, 3, 4]}, index=["E1", "E2", "not coding"])
    expected = np.log2(np.array([[1, 3]]) / 8 * 1e6 + 1)
    np.testing.assert_allclose(log_cpm(counts, pd.Index(["E1", "E2"])), expected, rtol=1e-6)


def test_only_genes_of_every_cancer_with_a_symbol_of_their_own():
    annotation = pd.DataFrame(
        {"symbol": ["A", "B", "B", "C", ""], "biotype": ["protein_coding"] * 5},
        index=pd.Index(["E1", "E2", "E3", "E4", "E5"], name="ensembl"),
    ).assign(chrom="1", start=1, end=2)
    genes = ["E1", "E2", "E3", "E4", "E5"]
    one = pd.DataFrame({"TCGA-AA-0001-01A": 1}, index=genes)
    two = pd.DataFrame({"TCGA-AA-0002-11A": 1}, index=["E1", "E2", "E3", "E5"])
    cohort = build_mrna_cohort({"ONE": one, "TWO": two}, annotation, CLINICAL)
    assert cohort.var_names.tolist() == ["A"]
    assert cohort.obs["cancer_type"].tolist() == ["ONE", "TWO"]


@pytest.mark.real
def test_samples(tcga_mrna):
    obs = tcga_mrna.obs
    assert tcga_mrna.shape == (558, 19_215)
    counts = {"GBM": 174, "UVM": 80, "ACC": 79, "KICH": 65, "UCS": 56, "DLBC": 48, "CHOL": 36}
    assert obs["cancer_type"].value_counts().to_dict() == counts | {"PAAD": 20}
    gbm = obs[obs["cancer_type"] == "GBM"]
    types = {"primary": 156, "recurrent": 13, "normal": 5}
    assert gbm["sample_type"].value_counts().to_dict() == types
    assert gbm["patient"].nunique() == 166
    assert obs.index.is_unique


@pytest.mark.real
def test_genes(tcga_mrna):
    var = tcga_mrna.var
    assert list(var.columns) == ["symbol", "ensembl", "chrom", "start", "end"]
    assert var.index.is_unique and var["ensembl"].is_unique
    assert (var["symbol"] == var.index).all()
    assert var.loc["ESR1", "ensembl"] == "ENSG00000091831"
    assert "MATR3" not in var.index, "two genes share this symbol"


@pytest.mark.real
@pytest.mark.parametrize(
    ("gene", "cancer_type", "median"),
    [
        ("GFAP", "GBM", 13.6),
        ("MLANA", "UVM", 11.1),
        ("CYP17A1", "ACC", 12.2),
        ("MS4A1", "DLBC", 9.5),
        ("ALB", "CHOL", 11.4),
        ("FOXI1", "KICH", 9.5),
        ("PRSS1", "PAAD", 6.7),
    ],
)
def test_medians_of_known_markers(tcga_mrna, gene, cancer_type, median):
    obs = tcga_mrna.obs
    primary = (obs["cancer_type"] == cancer_type) & (obs["sample_type"] == "primary")
    assert np.median(tcga_mrna[primary, gene].X) == pytest.approx(median, abs=0.05)


@pytest.mark.real
def test_values_are_those_of_a_file(tcga_mrna):
    """One sample recomputed from its own file, without the loader."""
    paths = {path.name: path for path in fetch_group("tcga-mrna-counts")}
    barcodes = read_sample_barcodes(paths["samples_description.csv"])
    path = next(p for name, p in paths.items() if name.endswith(".htseq.counts.gz"))
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    assert [line[:2] for line in lines[-5:]] == ["__"] * 5
    rows = [line.split("\t") for line in lines[:-5]]
    counts = {gene.split(".")[0]: int(n) for gene, n in rows}
    barcode = barcodes[path.name.split(".")[0]]
    gfap = counts[tcga_mrna.var.loc["GFAP", "ensembl"]]
    expected = np.log2(gfap / sum(counts.values()) * 1e6 + 1)
    assert tcga_mrna[barcode, "GFAP"].X.item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.real
def test_later_loads_take_at_most_2_seconds(tcga_mrna):
    from helpers.cohorts.registry import load_cohort

    start = time.process_time()
    load_cohort("tcga-mrna")
    assert time.process_time() - start <= 2
