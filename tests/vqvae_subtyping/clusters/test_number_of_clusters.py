"""The search for the number of clusters: the tables of its two parts, and what was chosen."""

from helpers.vqvae_subtyping.clusterers.consensus_nmf import cophenetic_curve
from helpers.vqvae_subtyping.clusters.cluster_stability import choose_k, stability_over_k
from helpers.vqvae_subtyping.clusters.number_of_clusters import Effort, search_k


def test_both_spaces_are_looked_at_with_the_first_seed(profiles, extractions):
    result = search_k(profiles, extractions, [2, 3], Effort(2, 2, 3))
    alone = stability_over_k(profiles.x, [2, 3], n_resamples=2, n_nulls=2, seed=3)
    assert result.stability["raw"].equals(alone)
    assert result.metrics == {
        f"stability.chosen_k.{space}": choose_k(of_k) for space, of_k in result.stability.items()
    }
    assert result.cophenetic.equals(cophenetic_curve(profiles.common, [2, 3], n_runs=3, seed=3))
    table = result.tables["stability_over_k"]
    assert table["space"].tolist() == ["vqvae", "vqvae", "raw", "raw"]
    assert table["k"].tolist() == [2, 3, 2, 3]
