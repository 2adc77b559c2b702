"""Planted truth of `demo-multiomics`: the chapter's co-embeddings with the chapter's parameters."""

import numpy as np
import pytest

from helpers.coembedding.argument_groups import Network, Preparation, Weights
from helpers.coembedding.atac.peak_gene_links import cis_candidates, link_correlation, link_recovery
from helpers.coembedding.benchmarks.one_split import pair_table
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.embeddings.every_embedding import fit_embeddings
from helpers.coembedding.simulation import simulate_multiomics
from helpers.models.training import Training
from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import find_notebook

pytestmark = pytest.mark.slow

SEEDS = (0, 1)
N_EPOCHS = 50  # half of the chapter's


@pytest.fixture(scope="module")
def outcome():
    p = {x.name: x.default for x in notebook_parameters(find_notebook("02_coembedding"))}
    cohort = simulate_multiomics(0)
    terms = ("kl", "cycle", "match", "pair", "discriminator", "triplet")
    rate, size = p["learning_rate"], p["minibatch_size"]
    settings = {
        "network": Network(p["n_hidden"], p["n_latent"], p["dropout"]),
        "weights": Weights(**{term: p[f"{term}_weight"] for term in terms}),
        "training": Training(N_EPOCHS, size, rate, device="cpu"),
    }
    preparation = Preparation(p["test_fraction"], p["min_mean"], p["quantile"], p["matching"])
    found = {}
    for seed in SEEDS:
        split = split_multiomics(cohort, preparation, seed)
        models = fit_embeddings(split, **settings, seed=seed, with_pairs=False)
        found[seed] = split, models, pair_table(split, models, seed).set_index("model")
    return cohort, found


@pytest.mark.parametrize("kind", ["adversarial", "contrastive"])
@pytest.mark.parametrize("seed", SEEDS)
def test_donors_meet_without_pairs_and_types_are_kept(outcome, kind, seed):
    scores = outcome[1][seed][2]
    assert scores.loc[kind, "foscttm"] < 0.1
    assert scores.loc[kind, "foscttm"] < 0.5 * scores.loc["single", "foscttm"]
    assert scores.loc[kind, "foscttm_inside_type"] < 0.25
    assert scores.loc[kind, "label_accuracy"] >= scores.loc["single", "label_accuracy"] - 0.02


@pytest.mark.parametrize("seed", SEEDS)
def test_single_modalities_and_the_shuffled_control_stay_near_chance(outcome, seed):
    scores = outcome[1][seed][2]
    assert scores.loc["single", "foscttm"] == pytest.approx(0.5, abs=0.12)
    assert scores.loc["shuffled", "foscttm"] == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("kind", ["adversarial", "contrastive"])
def test_planted_links_are_found_by_imputation(outcome, kind):
    cohort, found = outcome
    split, models, _ = found[0]
    genes = cohort.var[split.rna_scaling.kept_]
    peaks = cohort.uns["atac_var"][split.atac_scaling.kept_]
    near = cis_candidates(genes, peaks)
    planted = set(map(tuple, cohort.uns["truth"]["links"][["gene", "peak"]].to_numpy()))
    is_link = [pair in planted for pair in zip(near["gene"], near["peak"], strict=True)]
    at = genes.index.get_indexer(near["gene"]), peaks.index.get_indexer(near["peak"])
    auroc = {}
    for name in (kind, "shuffled"):
        imputed = models[name].impute_rna(split.test_atac)
        score = np.abs(link_correlation(imputed, split.test_atac, *at))
        auroc[name] = link_recovery(score, is_link)["auroc"]
    assert auroc[kind] > 0.7
    assert auroc["shuffled"] < 0.6
