"""Agreement of two labellings: scikit-learn's values from counts alone, also at the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from helpers.vqvae_subtyping.clusters.label_agreement import ami, ari, nmi, shuffled_nmi

SAME_AS = {
    nmi: metrics.normalized_mutual_info_score,
    ari: metrics.adjusted_rand_score,
    ami: metrics.adjusted_mutual_info_score,
}


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 40), st.integers(1, 6), st.integers(1, 6), st.integers(0, 10_000))
def test_values_are_scikit_learns(n, n_true, n_clusters, seed):
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, n_true, n).astype(str)
    for labels in (rng.integers(0, n_clusters, n), truth, np.arange(n), np.zeros(n)):
        for mine, other in SAME_AS.items():
            assert mine(labels, truth) == pytest.approx(other(truth, labels), abs=1e-12)


def test_counts_of_many_samples_do_not_overflow():
    truth = np.repeat([0, 1], 200_000)
    assert ari(truth, truth) == 1 and ari(np.roll(truth, 1), truth) > 0.9999


def test_shufflings_are_those_of_the_names():
    rng = np.random.default_rng(3)
    truth, labels = rng.choice(["x", "y", "z"], 50), rng.integers(0, 4, 50)
    draws = np.random.default_rng(3)
    shuffled = [
        metrics.normalized_mutual_info_score(labels, draws.permutation(truth)) for _ in range(5)
    ]
    assert shuffled_nmi(labels, truth, seed=3) == pytest.approx(np.mean(shuffled), abs=1e-12)


def test_labels_of_other_samples_are_refused():
    with pytest.raises(ValueError, match="`labels` must have one label per sample: 3 samples"):
        ari([0, 1], ["a", "b", "c"])
