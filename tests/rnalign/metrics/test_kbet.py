import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, chisquare

import helpers.rnalign.metrics.kbet as module
from helpers.rnalign.metrics.kbet import Neighbourhoods, kbet, kbet_by_type


def naive_rejection(x, is_line, k, alpha=0.05):
    """scipy's χ² test of every neighbourhood, one by one."""
    rejected = []
    for i in range(len(x)):
        gaps = np.linalg.norm(x - x[i], axis=1)
        gaps[i] = np.inf
        lines = is_line[np.argsort(gaps, kind="stable")[:k]].sum()
        expected = k * np.array([is_line.mean(), 1 - is_line.mean()])
        rejected.append(chisquare([lines, k - lines], expected).pvalue < alpha)
    return np.mean(rejected)


@pytest.mark.parametrize("shift", [0, 0.5, 2])
def test_rejection_equals_a_loop_with_scipy(paired, shift):
    sizes = (20, 20, 20)
    x, is_line, names = paired(shift, n_tumours=sizes, n_lines=sizes)
    table = kbet(x, is_line, names, test=Neighbourhoods((5, 10, 20), n_draws=1))
    assert (table["n"] == 40).all()  # all samples, so the draw cannot differ
    for _, row in table.iterrows():
        inside = names == row["cancer_type"]
        expected = naive_rejection(x[inside].astype(float), is_line[inside], row["k"])
        assert row["rejection"] == pytest.approx(expected)


def test_a_draw_at_a_time_finds_the_neighbours_that_all_pairs_do(paired, monkeypatch):
    given = paired(0.5, n_tumours=(60, 60, 60), n_lines=(60, 60, 60))
    whole = kbet(*given)
    monkeypatch.setattr(module, "MOST_PAIRS", 10)
    pd.testing.assert_frame_equal(kbet(*given), whole)


def test_many_samples_of_a_type_never_meet_in_one_matrix():
    n = 6000
    x = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    given = x, np.arange(n) % 2 == 0, np.full(n, "skin")
    tracemalloc.start()
    kbet(*given, test=Neighbourhoods((5, 10), n_each=n // 2, n_draws=1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < n * n  # bytes: an eighth of the distances of all pairs


@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_the_null_is_what_permuted_origins_give(paired, alpha):
    """A loop of permutations over one neighbourhood's places: 20,000 have an error below .01."""
    sizes = (60, 60, 60)
    table = kbet(
        *paired(0, n_tumours=sizes, n_lines=sizes), test=Neighbourhoods((10, 15, 25), alpha=alpha)
    )
    rng = np.random.default_rng(0)
    origins = np.tile(np.repeat([0, 1], table["n"].iloc[0] // 2), (20_000, 1))
    for k, rows in table.groupby("k"):
        lines = rng.permuted(origins, axis=1)[:, :k].sum(axis=1)
        p = chi2.sf(2 * (lines - k / 2) ** 2 / (k / 2), 1)
        np.testing.assert_allclose(rows["null"], (p < alpha).mean(), atol=0.01)
        np.testing.assert_allclose(rows["null"], alpha, rtol=0.75)
    assert (table["delta"].abs() < 0.06).all()  # tumours and lines are mixed


def test_apart_is_one_at_every_k_that_fits(paired):
    table = kbet(*paired(20), test=Neighbourhoods((5, 10, 15, 25)))
    kept = table[~table["skipped"]]
    np.testing.assert_allclose(kept["rejection"], 1)
    np.testing.assert_allclose(kept["delta"], 1 - kept["null"])
    assert set(table.loc[table["skipped"], "k"]) == {25}
    assert table.loc[table["skipped"], ["rejection", "null", "delta"]].isna().all(axis=None)


def test_the_number_of_samples_is_fixed_over_types_and_methods(paired):
    x, is_line, names = paired(1, n_tumours=(200, 30, 20), n_lines=(90, 12, 25))
    assert set(kbet(x, is_line, names)["n"]) == {24}
    table = kbet(x, is_line, names, test=Neighbourhoods(n_each=20))
    sizes = table.groupby("cancer_type")["n"].first()
    assert sizes.to_dict() == {"brain": 40, "eye": 24, "kidney": 40}
    other = kbet(3 * x + 1, is_line, names)  # the same neighbours, so the same everything
    pd.testing.assert_frame_equal(other, kbet(x, is_line, names))
    assert not other.equals(kbet(x, is_line, names, seed=1))


def test_more_lines_do_not_change_what_apart_means(paired):
    # The planted error: with 18 of 98 samples lines, wholly apart looks mixed at k = 10.
    x, is_line, names = paired(20, n_tumours=(80, 30, 20), n_lines=(18, 15, 25))
    inside = names == "brain"
    assert naive_rejection(x[inside].astype(float), is_line[inside], 10) < 0.25
    table = kbet(x, is_line, names, test=Neighbourhoods((10,))).set_index("cancer_type")
    assert table.loc["brain", "rejection"] == 1


def test_coinciding_samples_are_finite(paired):
    x, is_line, names = paired()
    table = kbet(np.zeros_like(x), is_line, names)
    assert np.isfinite(table.loc[~table["skipped"], "delta"]).all()


def test_types_are_compared_at_the_k_they_share():
    table = pd.DataFrame(
        [("a", 5, 0.5), ("a", 10, 0.9), ("b", 5, 0.3), ("b", 10, np.nan), ("c", 5, 0.1)],
        columns=["cancer_type", "k", "delta"],
    ).assign(rejection=lambda rows: rows["delta"] + 0.05, null=0.05)
    means = kbet_by_type(table)
    assert means["delta"].to_dict() == pytest.approx({"a": 0.5, "b": 0.3, "c": 0.1})
    assert means.attrs["k"] == [5]
    small = table.assign(delta=table["delta"].where(table["cancer_type"] != "b"))
    means = kbet_by_type(small)
    assert np.isnan(means.loc["b", "delta"]) and means.attrs["k"] == [5]


def test_a_neighbourhood_of_one_is_refused():
    with pytest.raises(ValueError, match="numbers from 2"):
        Neighbourhoods((1, 10))
