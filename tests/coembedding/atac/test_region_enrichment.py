"""A genome built by hand, small enough that every domain and every p can be written down."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, fisher_exact

from helpers.coembedding.atac.region_enrichment import region_enrichment, regulatory_domains

SIZES = {"chr1": 100_000, "chr2": 50_000}


def genes(**rows):
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["chrom", "tss", "strand"])
    return table


def intervals(domains):
    return {gene: tuple(row) for gene, row in domains[["start", "end"]].iterrows()}


def test_basal_domains_follow_the_strand_and_stop_at_the_chromosome():
    table = genes(plus=("chr1", 20_000, 1), minus=("chr1", 60_000, -1), edge=("chr2", 1_000, 1))
    domains = regulatory_domains(table, SIZES, extension=0)
    assert intervals(domains) == {
        "plus": (15_000, 21_000),
        "minus": (59_000, 65_000),
        "edge": (0, 2_000),
    }


def test_domains_grow_to_the_next_basal_domain_or_the_limit():
    table = genes(plus=("chr1", 20_000, 1), minus=("chr1", 60_000, -1), edge=("chr2", 1_000, 1))
    whole = intervals(regulatory_domains(table, SIZES))
    assert whole == {"plus": (0, 59_000), "minus": (21_000, 100_000), "edge": (0, 50_000)}
    limited = intervals(regulatory_domains(table, SIZES, extension=10_000))
    assert limited == {"plus": (10_000, 30_000), "minus": (50_000, 70_000), "edge": (0, 11_000)}


def test_a_basal_domain_is_kept_where_another_lies():
    table = genes(a=("chr1", 20_000, 1), b=("chr1", 21_500, -1), c=("chr1", 20_500, 1))
    found = intervals(regulatory_domains(table, SIZES))
    # Basal: a 15,000–21,000, c 15,500–21,500, b 20,500–26,500; all overlap, so none grows inwards.
    assert found == {"a": (0, 21_000), "c": (15_500, 21_500), "b": (20_500, 100_000)}


def test_no_domain_reaches_into_another_basal_domain_it_did_not_overlap():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"chrom": "chr1", "tss": rng.integers(0, 100_000, 12)})
    table["strand"] = rng.choice([1, -1], 12)
    basal = regulatory_domains(table, SIZES, extension=0)
    grown = regulatory_domains(table, SIZES).loc[basal.index]
    assert (grown["start"] <= basal["start"]).all() and (grown["end"] >= basal["end"]).all()
    for gene in basal.index:
        others = basal.drop(gene)
        reach = grown.loc[gene]
        new = (others["start"] < reach["end"]) & (others["end"] > reach["start"])
        old = (others["start"] < basal.loc[gene, "end"]) & (
            others["end"] > basal.loc[gene, "start"]
        )
        assert (new == old).all()


def built_genome():
    """Ten genes, 5 kb apart basal domains only; 40 peaks, four a gene, the last ten off genes."""
    table = pd.DataFrame({"chrom": "chr1", "tss": 5_000 + 10_000 * np.arange(10), "strand": 1})
    table.index = [f"g{i}" for i in range(10)]
    domains = regulatory_domains(table, SIZES, upstream=1_000, downstream=1_000, extension=0)
    starts = np.concatenate([t - 800 + 400 * np.arange(3) for t in table["tss"]])
    starts = np.concatenate([starts, 10_000 * np.arange(10)])
    peaks = pd.DataFrame({"chrom": "chr1", "start": starts, "end": starts + 100})
    return domains, peaks


def test_p_values_equal_scipys_on_the_built_genome():
    domains, peaks = built_genome()
    is_hit = np.zeros(40, bool)
    is_hit[[0, 1, 2, 3, 4, 15, 30, 31]] = True  # five at g0 and g1, one at g5, two off genes
    sets = {"first": ["g0", "g1"], "last": ["g8", "g9", "unknown"]}
    table = region_enrichment(is_hit, peaks, domains, sets, SIZES, min_size=2).set_index("set")
    first = table.loc["first"]
    assert (first["n_genes"], first["n_hits"], first["n_overlap"]) == (2, 8, 5)
    assert first["coverage"] == pytest.approx(4_000 / 150_000)
    assert first["fold"] == pytest.approx(5 / (8 * 4_000 / 150_000))
    expected = binomtest(5, 8, 4_000 / 150_000, alternative="greater").pvalue
    assert first["p_binomial"] == pytest.approx(expected)
    fisher = fisher_exact([[5, 3], [1, 31]], alternative="greater").pvalue
    assert first["p_peaks"] == pytest.approx(fisher)
    assert table.loc["last", "n_genes"] == 2
    assert table.loc["last", ["p_binomial", "p_peaks"]].tolist() == [1, 1]
    assert table.index[0] == "first"


def test_overlapping_domains_are_covered_once_and_a_peak_counts_once():
    table = genes(a=("chr1", 20_000, 1), b=("chr1", 21_000, 1), far=("chr2", 20_000, 1))
    domains = regulatory_domains(table, SIZES, extension=0)
    peaks = pd.DataFrame({"chrom": ["chr1"], "start": [20_000], "end": [20_100]})
    found = region_enrichment([True], peaks, domains, {"s": ["a", "b", "far"]}, SIZES, min_size=3)
    # a 15,000–21,000 and b 16,000–22,000 unite to 7,000; far adds 6,000.
    assert found["coverage"][0] == pytest.approx(13_000 / 150_000)
    assert found["n_overlap"][0] == 1


def test_peaks_at_genes_fool_the_genome_background_and_not_the_peaks():
    rng = np.random.default_rng(0)
    domains, peaks = built_genome()
    peaks = peaks.iloc[:30]  # every peak lies at a gene
    is_hit = rng.random(30) < 0.5
    sets = {"even": [f"g{i}" for i in range(0, 10, 2)]}
    row = region_enrichment(is_hit, peaks, domains, sets, SIZES).iloc[0]
    assert row["p_binomial"] < 1e-4 and row["p_peaks"] > 0.05


def test_without_hits_every_p_is_1():
    domains, peaks = built_genome()
    sets = {"s": [f"g{i}" for i in range(5)]}
    row = region_enrichment(np.zeros(40, bool), peaks, domains, sets, SIZES).iloc[0]
    assert (row["p_binomial"], row["p_peaks"]) == (1, 1) and np.isnan(row["fold"])


def test_bad_input_is_named():
    domains, peaks = built_genome()
    with pytest.raises(ValueError, match="the same chromosome names"):
        regulatory_domains(genes(a=("1", 10, 1)), SIZES)
    with pytest.raises(ValueError, match="a is at chr2:90,000"):
        regulatory_domains(genes(a=("chr2", 90_000, 1)), SIZES)
    with pytest.raises(ValueError, match=r"got .*'chr9'.* as well"):
        region_enrichment([True] * 40, peaks.assign(chrom="chr9"), domains, {"s": ["g0"]}, SIZES)
    with pytest.raises(ValueError, match="no set has 5 to 500 of the 10 genes"):
        region_enrichment([True] * 40, peaks, domains, {"s": ["g0"]}, SIZES)
    with pytest.raises(ValueError, match="40 samples, `is_hit` has 3"):
        region_enrichment([True] * 3, peaks, domains, {"s": ["g0"]}, SIZES)
