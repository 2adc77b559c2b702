"""Tail probabilities against all subsets counted, and against half a million random sets."""

from itertools import combinations

import numpy as np
import pytest

from helpers.evaluate.rare_enrichment import RELATIVE_ERROR, tail_probabilities
from helpers.evaluate.running_sum import enrichment_score

N_SEEDS = 20


def gaussian(n_ranked, seed=0):
    return np.abs(np.sort(np.random.default_rng(seed).standard_normal(n_ranked))[::-1])


def estimates(weights, size, score):
    """p and its standard error, a row a seed."""
    test = weights, np.array([size]), np.array([score])
    found = [tail_probabilities(*test, np.random.default_rng(seed)) for seed in range(N_SEEDS)]
    return np.array(found)[:, :, 0]


@pytest.mark.parametrize(("n_ranked", "size"), [(150, 3), (600, 2)])
def test_the_estimate_is_that_of_all_subsets(n_ranked, size):
    weights = gaussian(n_ranked)
    subsets = np.fromiter(combinations(range(n_ranked), size), np.dtype((np.intp, size)))
    scores = enrichment_score(subsets, weights)
    for share in (0.05, 1e-3, 1e-4):
        score = np.quantile(scores, 1 - share)
        exact = (scores >= score).mean()
        p, error = estimates(weights, size, score).T
        assert p.mean() == pytest.approx(exact, abs=4 * p.std() / np.sqrt(N_SEEDS) + 0.02 * exact)
        # The standard error that it says is the spread over seeds, give or take its own.
        assert 0.5 < p.std() / error.mean() < 1.8


@pytest.mark.parametrize("size", [8, 40])
def test_rare_scores_agree_with_half_a_million_random_sets(size):
    weights, rng = gaussian(1000), np.random.default_rng(1)
    scores = []
    for _ in range(5):
        places = np.sort(rng.integers(0, 1000, (200_000, size)), axis=1)
        is_set = (places[:, 1:] != places[:, :-1]).all(axis=1)
        scores.append(enrichment_score(places[is_set][:100_000], weights))
    scores = np.concatenate(scores)
    for share in (0.01, 1e-3, 1e-4):
        score = np.quantile(scores, 1 - share)
        p, _ = estimates(weights, size, score).T
        spread = np.hypot(p.std() / np.sqrt(N_SEEDS), np.sqrt(share / len(scores)))
        assert p.mean() == pytest.approx(share, abs=3.5 * spread)


def test_a_rarer_score_has_a_smaller_p_down_to_the_floor():
    weights = gaussian(3000)
    scores = np.linspace(0.2, 0.9, 15)
    sizes = np.full(15, 60)
    p, error = tail_probabilities(weights, sizes, scores, np.random.default_rng(0))
    assert (np.diff(p[p > 1e-6]) < 0).all() and p[0] > 0.2
    assert (p[-5:] < 1e-6).all()
    assert (error[p > 1e-6] <= RELATIVE_ERROR * p[p > 1e-6]).all()


def test_short_rankings_and_large_sets_have_a_p():
    rng = np.random.default_rng(0)
    for n_ranked, size in [(2, 1), (10, 10), (20, 19), (120, 119), (300, 150)]:
        test = gaussian(n_ranked), np.array([size]), np.array([0.3])
        p, _ = tail_probabilities(*test, rng)
        assert 0 <= p.item() <= 1
    subsets = np.array(list(combinations(range(14), 7)))
    scores = enrichment_score(subsets, gaussian(14))
    p, _ = estimates(gaussian(14), 7, np.quantile(scores, 0.99)).T
    assert p.mean() == pytest.approx(0.01, rel=0.2)  # is stopped once it is known to a quarter


def test_one_feature_may_outweigh_all_others():
    """The score then depends on whether it is in the set: two modes, which both proposals meet."""
    weights = gaussian(1000)
    weights[0] = 40.0
    rng = np.random.default_rng(0)
    places = np.sort(rng.permuted(np.tile(np.arange(1000), (20_000, 1)), axis=1)[:, :10], axis=1)
    scores = enrichment_score(places, weights)
    for share in (0.05, 0.005):
        score = np.quantile(scores, 1 - share)
        exact = (scores >= score).mean()
        p, _ = estimates(weights, 10, score).T
        assert p.mean() == pytest.approx(exact, rel=0.3)
