from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group

from helpers.pancan_vae.latent_space.seed_stability import (
    agreement,
    compare_seeds,
    match_dimensions,
    pairwise_stability,
    permuted_match,
    seed_stability,
    subspace_similarity,
)


def embedding(seed=0, n=500, d=6):
    return np.random.default_rng(seed).normal(size=(n, d))


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(6)), st.lists(st.sampled_from([-3.0, 0.5]), min_size=6, max_size=6))
def test_permuted_scaled_and_flipped_dimensions_are_found(order, scale):
    a = embedding()
    table = match_dimensions(a, a[:, order] * scale + 7)
    np.testing.assert_allclose(table["r"].abs(), 1)
    for _, row in table.iterrows():
        assert order[int(row["dim_b"])] == row["dim_a"]
        assert np.sign(row["r"]) == np.sign(scale[int(row["dim_b"])])


def test_the_match_is_the_best_of_all():
    a, b = embedding(0, 20, 4), embedding(1, 20, 4)
    r = np.abs(np.corrcoef(a.T, b.T)[:4, 4:])
    best = max(sum(r[i, j] for i, j in enumerate(order)) for order in permutations(range(4)))
    assert match_dimensions(a, b)["r"].abs().sum() == pytest.approx(best)


def test_names_unequal_widths_and_constants():
    a = pd.DataFrame(embedding(d=3), columns=["p", "q", "r"])
    b = a[["q", "p"]].assign(flat=1.0, other=embedding(1)[:, 0])
    table = match_dimensions(a, b).set_index("dim_a")
    assert table.loc["p", "dim_b"] == "p"
    assert table.loc["q", "r"] == pytest.approx(1)
    assert len(match_dimensions(a, b[["q"]])) == 1
    assert match_dimensions(a[["p"]], b[["flat"]])["r"].item() == 0


def test_the_control_breaks_the_pairing():
    a = embedding()
    assert permuted_match(a, a)["r"].abs().max() < 0.2
    assert match_dimensions(a, a)["r"].min() == pytest.approx(1)


def test_subspace_similarity_equals_canonical_correlation():
    from statsmodels.multivariate.cancorr import CanCorr

    a = embedding(0, 300, 4)
    b = a @ embedding(1, 4, 5) + 2 * embedding(2, 300, 5)
    expected = np.mean(CanCorr(a - a.mean(0), b - b.mean(0)).cancorr)
    assert subspace_similarity(a, b) == pytest.approx(expected, abs=1e-12)


def test_subspace_similarity_ignores_the_axes():
    a = embedding()
    assert subspace_similarity(a, a @ ortho_group.rvs(6, random_state=0) + 3) == pytest.approx(1)
    assert subspace_similarity(a, a[:, [0, 0, 1]]) == pytest.approx(1)
    assert subspace_similarity(a, embedding(1)) < 0.15
    assert subspace_similarity(a, np.ones((500, 2))) == 0
    with pytest.raises(ValueError, match="more samples than dimensions"):
        subspace_similarity(a[:12], a[:12])


def test_stability_of_seeds_that_share_half_the_dimensions():
    a, b, c = embedding(0), embedding(1), embedding(2)
    b[:, :3], c[:, :3] = -a[:, [2, 0, 1]], a[:, :3]
    table = seed_stability([a, b, c])
    assert (table.loc[:2, "min_r"] > 0.999).all()
    assert (table.loc[3:, "mean_r"] < 0.2).all()
    assert (table["control"] < 0.2).all()
    pairs = pairwise_stability([a, b, c])
    assert pairs[["a", "b"]].to_numpy().tolist() == [[0, 1], [0, 2], [1, 2]]
    assert (pairs["matched_r"] > pairs["control"] + 0.3).all()


def test_agreement_is_the_mean_over_pairs():
    a, b, c = embedding(0), embedding(1), embedding(2)
    table = agreement({"axes": [a, b, c], "same": [a, a, a]})
    pairs = pairwise_stability([a, b, c])
    assert table.loc["axes", "matched_r"] == pairs["matched_r"].mean()
    assert table.loc["same", ["matched_r", "subspace"]].tolist() == pytest.approx([1, 1])


def test_one_seed_or_unequal_widths_are_refused():
    with pytest.raises(ValueError, match="at least two embeddings"):
        seed_stability([embedding()])
    with pytest.raises(ValueError, match=r"widths \[5, 6\]"):
        seed_stability([embedding(), embedding(d=5)])
    with pytest.raises(ValueError, match="499 rows"):
        match_dimensions(embedding(), embedding(n=499))


def test_seeds_are_compared_over_all_samples_and_in_both_readings(runs):
    found = compare_seeds(runs, 3)
    pairs = pairwise_stability([run.z["all"] for run in runs], 3)
    assert found.agreement.loc["axes", "subspace"] == pairs["subspace"].item()
    assert found.metrics["stability.control.axes"] == pairs["control"].item()
    assert found.metrics["stability.subspace"] == pairs["subspace"].item()
    assert len(found.metrics) == 5
    expected = seed_stability([run.directions["all"] for run in runs], 3)
    pd.testing.assert_frame_equal(found.tables["stability"], expected)
    with pytest.raises(ValueError, match="at least two embeddings"):
        compare_seeds(runs[:1], 3)
