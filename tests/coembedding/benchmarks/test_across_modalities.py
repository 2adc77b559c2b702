"""One modality from the other over seeds; planted links are found by whoever imputes the truth."""

from types import SimpleNamespace

import numpy as np
import pytest

from helpers.coembedding.benchmarks.across_modalities import impute_across, recover_links
from helpers.coembedding.benchmarks.one_split import imputation_table
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.coembedding.simulation import simulate_multiomics
from tests.coembedding.conftest import PREPARATION


def test_imputation_is_each_seeds_and_metrics_are_by_target(split, models):
    trained = [TrainedSeed(seed, split, models) for seed in (0, 1)]
    found = impute_across(trained)
    one = imputation_table(split, models, 0)[0]
    assert len(found.scores) == 2 * len(one)
    of = one.set_index(["method", "direction"])
    ridge = of.loc[("ridge", "RNA → ATAC"), "explained"]
    assert found.metrics["imputation.explained_atac.ridge"] == pytest.approx(ridge)
    assert "imputation.spearman_rna.contrastive" in found.metrics
    assert found.values("atac", "ridge", "explained").tolist() == pytest.approx([ridge, ridge])
    assert set(found.of_first_seed["seed"]) == {0}


@pytest.fixture(scope="module")
def planted():
    """Donors with planted links, and models that impute the truth, or another donor's."""
    donors = simulate_multiomics(0)
    split = split_multiomics(donors, PREPARATION, 0)
    order = np.random.default_rng(0).permutation(len(split.test_rna))
    truth = SimpleNamespace(impute_rna=lambda atac: split.test_rna)
    wrong = SimpleNamespace(impute_rna=lambda atac: split.test_rna[order])
    models = {"adversarial": truth, "contrastive": truth, "ridge": truth, "shuffled": wrong}
    return donors, [TrainedSeed(0, split, models)]


def test_whoever_imputes_the_truth_finds_the_links_as_observed_genes_do(planted):
    found = recover_links(*planted)
    auroc = found.recovery.set_index("score")["auroc"]
    assert auroc["contrastive"] == auroc["observed"] > 0.7
    assert auroc["shuffled"] == pytest.approx(0.5, abs=0.1)
    assert auroc["distance"] > 0.6
    assert found.metrics["truth.link_auroc.observed"] == auroc["observed"]
    assert list(found.tables) == ["links"] and "base_rate" in found.summary


def test_without_truth_or_peaks_there_is_nothing_to_find(planted):
    donors, trained = planted
    for change in ({"truth": None}, {"atac_feature": "component"}):
        other = donors.copy()
        other.uns |= change
        found = recover_links(other, trained)
        assert found.tables == {} and found.metrics == {} and found.summary.empty
