"""Memory at n, 2n and 4n: what may grow with the data does so in proportion, nothing faster."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.atac.peak_windows import PeakWindows, write_peaks
from helpers.coembedding.atac.region_enrichment import region_enrichment, regulatory_domains
from helpers.coembedding.benchmarks.foscttm import foscttm, nearest_type_rate
from helpers.coembedding.benchmarks.grassmann import grassmann_distance
from helpers.coembedding.benchmarks.imputation import imputation_scores
from helpers.coembedding.donors import scaling
from helpers.coembedding.donors.matching import match_correlated
from helpers.coembedding.donors.scaling import ModalityScaling, QuantileNormaliser
from helpers.evaluate import differential

RNG = np.random.default_rng(0)


def _peak_memory(function, *arguments):
    tracemalloc.start()
    function(*arguments)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def _pairs(n):
    z, types = RNG.normal(size=(n, 8)), RNG.choice([*"abcd"], n)
    foscttm(z, z + 1)
    nearest_type_rate(z, z, types, types)


def _subspaces(n):
    grassmann_distance(RNG.normal(size=(n, 8)), RNG.choice([*"abcd"], n), n_angles=8, n_shuffles=1)


def _imputed(n):
    truth = RNG.normal(size=(n, 6))
    imputation_scores(truth, truth + 1, RNG.choice([*"abcd"], n), n_shuffles=1)


def _ranked(n):
    x = RNG.normal(size=(n, 50))
    QuantileNormaliser().fit(x).transform(x)


def _regions(n_peaks):
    """GREAT with ten times as many sets as a peak has genes: peaks × sets would be dense."""
    sizes = {"chr1": 200_000_000}
    tss = np.sort(RNG.choice(199_000_000, 400, replace=False))
    genes = pd.DataFrame({"chrom": "chr1", "tss": tss, "strand": 1}, index=map(str, range(400)))
    start = np.sort(RNG.integers(0, 199_999_000, n_peaks))
    peaks = pd.DataFrame({"chrom": "chr1", "start": start, "end": start + 501})
    sets = {f"set {i}": [str(g) for g in RNG.choice(400, 8, replace=False)] for i in range(200)}
    domains = regulatory_domains(genes, sizes)
    region_enrichment(RNG.random(n_peaks) < 0.1, peaks, domains, sets, sizes)


@pytest.mark.parametrize(
    ("function", "n"), [(_pairs, 1000), (_subspaces, 1000), (_imputed, 2000), (_ranked, 2000)]
)
def test_benchmarks_take_memory_in_proportion_to_the_donors(function, n):
    function(n)  # what is imported or cached at the first call is no growth
    small, middle, large = (_peak_memory(function, k * n) for k in (1, 2, 4))
    assert middle < 2.3 * small + 1e6 and large < 2.3 * middle + 1e6


def test_region_enrichment_takes_memory_in_proportion_to_the_peaks():
    _regions(5_000)
    small, middle, large = (_peak_memory(_regions, 10_000 * k) for k in (1, 2, 4))
    assert middle < 2.3 * small and large < 2.3 * middle
    assert large < 40_000 * 200 * 8 / 2  # a table of every peak and every set is never made


def test_a_pass_over_windows_holds_one_of_them_however_many_there_are(tmp_path):
    def one_pass(store):
        for _, x, _ in PeakWindows(store, window=2_500, slide=0):
            x.sum()

    peaks = []
    for n_peaks in (20_000, 40_000, 80_000):
        var = pd.DataFrame({"chrom": "chr1", "start": np.arange(n_peaks) * 1_000})
        var["end"] = var["start"] + 501
        obs = pd.DataFrame(index=[f"S{number}" for number in range(40)])
        blocks = (np.ones((40, 5_000), np.float32) for _ in range(n_peaks // 5_000))
        store = write_peaks(
            blocks, tmp_path / f"{n_peaks}.zarr", obs, var.set_axis(map(str, var.index))
        )
        one_pass(store)
        peaks.append(_peak_memory(one_pass, store))
    # Besides a window of 40 × 2,500 numbers only the peaks' places grow, some 100 bytes each.
    assert peaks[2] - peaks[0] < 200 * 60_000


@pytest.mark.parametrize("step", ["scaling", "matching"])
def test_rna_of_many_donors_is_copied_in_float32_at_most(step, monkeypatch):
    """The steps before training: a few copies of the RNA as it comes, none twice as wide."""
    for module in (scaling, differential):
        monkeypatch.setattr(module, "_VALUES_AT_ONCE", 2**14)
    rna = RNG.normal(5, 1, (6000, 400)).astype(np.float32)
    obs = pd.DataFrame({"cancer_type": ["a", "b"] * 3000})
    run = {
        "scaling": lambda: ModalityScaling(quantile=True).fit_transform(rna, obs),
        "matching": lambda: match_correlated(rna[:40], rna),
    }[step]
    ModalityScaling().fit_transform(rna[:9], obs[:9]), match_correlated(rna[:9], rna[:9])
    assert _peak_memory(run) < {"scaling": 3.7, "matching": 1.0}[step] * rna.nbytes
