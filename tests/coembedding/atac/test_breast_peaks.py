"""Cohort tcga-brca-atac: the published facts on its files, and the loader on small ones."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from helpers.coembedding.atac import breast_peaks
from helpers.coembedding.atac.breast_peaks import build_peaks_cohort, load_brca_atac, read_peaks
from helpers.coembedding.atac.genome import check_peaks
from helpers.coembedding.cohorts import COHORTS
from helpers.cohorts.sources import DataUnavailable
from helpers.cohorts.tcga.genes import load_gene_annotation
from tests.fixtures import r_workspaces as r

SAMPLES = ["TCGA-A1-A0SE-01A", "TCGA-3C-AALJ-01A"]
CLINICAL = pd.DataFrame(
    {"age": [50.0], "sex": ["female"], "race": ["WHITE"], "stage": ["Stage I"]}
    | {"os_time": [100.0], "os_event": [1.0]},
    index=["TCGA-A1-A0SE"],
)


def table(chrom, starts, samples=SAMPLES):
    positions = {"chrom": chrom, "chromEnd": [s + 501 for s in starts], "chromStart": starts}
    values = {name: np.arange(len(starts)) + i / 10 for i, name in enumerate(samples)}
    return pd.DataFrame(positions | values)


def write_table(path, data):
    path.write_bytes(r.workspace(r.pair("data", r.plain_frame(data))))


@pytest.fixture
def small(tmp_path):
    """Two chromosomes, in the wrong order and with peaks in the wrong order."""
    tables = []
    for name, data in {"b": table("chr10", [900, 100]), "a": table("chr9", [5, 50])}.items():
        write_table(tmp_path / f"{name}.rdata", data)
        tables.append(read_peaks(tmp_path / f"{name}.rdata"))
    return tables


def test_peaks_come_in_genomic_order_and_samples_in_alphabetical(small):
    cohort = build_peaks_cohort(small, CLINICAL)
    assert list(cohort.var_names) == [
        *("chr9:5-506", "chr9:50-551", "chr10:100-601", "chr10:900-1401")
    ]
    assert list(cohort.obs_names) == sorted(SAMPLES)
    np.testing.assert_allclose(cohort["TCGA-A1-A0SE-01A"].X.ravel(), [0, 1, 1, 0])
    np.testing.assert_allclose(cohort["TCGA-3C-AALJ-01A"].X.ravel(), [0.1, 1.1, 1.1, 0.1])
    assert cohort.obs["age"].tolist()[1] == 50.0
    assert cohort.X.dtype == np.float32 and cohort.uns["feature"] == "peak"


def test_missing_chromosomes_are_said_with_what_one_misses_and_where_they_are(small):
    (note, *_) = build_peaks_cohort(small, CLINICAL).uns["notes"]
    assert note.startswith("2 chromosomes of 24: chr 1, 2, 3, 4, 5, 6, 7, 8, 11,")
    assert "X and Y are missing, and with them ESR1, ERBB2 and MYC. The publisher has more" in note
    assert note.endswith("cohort tcga-brca-atac-whole fetches those.")
    chromosomes = [f"chr{name}" for name in (*range(1, 23), "X")]
    names = {"chromStart": "start", "chromEnd": "end"}
    others = [table(name, [5]).rename(columns=names) for name in chromosomes]
    (note, *_) = build_peaks_cohort(others, CLINICAL).uns["notes"]
    assert note == "23 chromosomes of 24: chr Y is missing."


def test_the_whole_genome_is_both_groups_of_files(monkeypatch, tmp_path):
    asked = []

    def fetch(group):
        asked.append(group)
        chrom = "chr9" if group == "tcga-brca-atac" else "chr8"
        write_table(tmp_path / f"{chrom}.rdata", table(chrom, [100]))
        return [tmp_path / f"{chrom}.rdata"]

    monkeypatch.setattr(breast_peaks, "fetch_group", fetch)
    monkeypatch.setattr(breast_peaks, "load_clinical", lambda: CLINICAL)
    monkeypatch.setattr(breast_peaks, "load_subtypes", lambda: None)
    whole = load_brca_atac(whole=True)
    assert whole.var["chrom"].tolist() == ["chr8", "chr9"] and whole.uns["name"].endswith("whole")
    assert asked == ["tcga-brca-atac", "tcga-brca-atac-rest"]
    assert load_brca_atac().var["chrom"].tolist() == ["chr9"]


def test_without_a_network_the_whole_genome_is_refused_in_one_line(monkeypatch, empty_cache):
    monkeypatch.setattr("helpers.cohorts.cohort_spec.fetch_group", unavailable)
    spec = next(spec for spec in COHORTS if spec.name == "tcga-brca-atac-whole")
    with pytest.raises(DataUnavailable, match=r"^tcga-brca-atac-rest is not to be had$"):
        spec.load()


def unavailable(group, progress=False):
    if group == "tcga-brca-atac-rest":
        raise DataUnavailable(f"{group} is not to be had")


def test_chromosomes_of_other_samples_are_refused(small):
    small[1] = small[1].drop(columns=SAMPLES[1])
    with pytest.raises(ValueError, match="same samples; chr9 and chr10 differ in TCGA-3C-AALJ"):
        build_peaks_cohort(small, CLINICAL)


def test_a_repeated_chromosome_is_refused(small):
    with pytest.raises(ValueError, match="is repeated"):
        build_peaks_cohort([small[0], small[0]], CLINICAL)


def test_a_file_without_positions_is_refused(tmp_path):
    write_table(tmp_path / "x.rdata", pd.DataFrame({"a": [1.0]}))
    with pytest.raises(ValueError, match="must have columns chrom"):
        read_peaks(tmp_path / "x.rdata")


@pytest.fixture(scope="module")
def cohort(real_data):
    return load_brca_atac()


@pytest.mark.real
def test_published_facts(cohort):
    assert cohort.shape == (72, 122_690)
    check_peaks(cohort.var)
    here = ["4", "5", "7", *map(str, range(9, 17)), *map(str, range(18, 23)), "X"]
    assert list(dict.fromkeys(cohort.var["chrom"])) == [f"chr{name}" for name in here]
    assert (cohort.var["end"] - cohort.var["start"]).between(500, 502).all()
    assert round(float(cohort.X.min()), 2) == -1.62 and round(float(cohort.X.max()), 2) == 7.85
    assert round(float(cohort.X.mean(dtype=np.float64)), 2) == 1.47
    assert np.isfinite(cohort.X).all()
    assert cohort.obs["patient"].is_unique
    assert cohort.obs["subtype"].value_counts()["LumA"] == 29
    assert cohort.obs["os_time"].notna().all()


@pytest.mark.real
@pytest.mark.parametrize(
    ("a", "b", "rho"), [("FOXA1", "TFF1", 0.66), ("FOXA1", "KRT5", -0.61), ("KRT5", "SOX10", 0.62)]
)
def test_promoters_of_luminal_and_basal_genes_correlate(cohort, a, b, rho):
    assert spearmanr(promoter(cohort, a), promoter(cohort, b))[0] == pytest.approx(rho, abs=0.006)


def promoter(cohort, symbol, reach=2_000):
    """Mean accessibility within 2 kb of the start of the gene."""
    genes = load_gene_annotation()
    gene = genes[genes["symbol"] == symbol].iloc[0]
    middle = (cohort.var["start"] + cohort.var["end"]) / 2
    near = (cohort.var["chrom"] == f"chr{gene['chrom']}") & ((middle - gene["tss"]).abs() <= reach)
    assert near.any()
    return cohort.X[:, near.to_numpy()].mean(axis=1)
