"""Planted truth of `demo-rnalign`: RNAlign with the chapter's parameters against its rivals.

A quarter of the chapter's epochs: more do not change who is ahead.
"""

from dataclasses import replace

import numpy as np
import pytest
from anndata import AnnData

from helpers.cohorts.preprocess import Preprocessor
from helpers.cohorts.registry import load_cohort
from helpers.models.training import Training
from helpers.rnalign.argument_groups import MoberSettings, Network, Regularisers, Settings
from helpers.rnalign.conditions import Conditions
from helpers.rnalign.metrics.delta_d import alignment_scores
from helpers.rnalign.metrics.planted import effect_removal
from helpers.rnalign.metrics.subtypes import subtype_silhouettes
from helpers.rnalign.model import fit_rnalign
from helpers.rnalign.rivals.comparison import align_rivals
from helpers.rnalign.samples import alignment_facts, select_alignment
from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import find_notebook

pytestmark = pytest.mark.slow

RIVALS = ["input", "mean_shift", "linear_projection", "combat", "celligner", "mober"]


@pytest.fixture(scope="module")
def outcome():
    p = {x.name: x.default for x in notebook_parameters(find_notebook("04_rnalign"))}
    samples = select_alignment(load_cohort("demo-rnalign", 0))
    scaling = Preprocessor(0.0, n_features=p["n_genes"], batch_correction=False).fit(samples)
    x = scaling.transform(samples)
    facts = alignment_facts(samples)
    n_epochs = p["n_epochs"] // 4
    training = Training(
        n_epochs, p["minibatch_size"], p["learning_rate"], p["weight_decay"],
        (n_epochs // 2, 3 * n_epochs // 4), keep="last", device="cpu",
    )  # fmt: skip
    mober = MoberSettings(
        (p["n_hidden"],), p["n_latent"], kl_weight=1.0, adversary_weight=10.0,
        training=replace(training, n_epochs=30),
    )  # fmt: skip
    types = tuple(sorted(set(facts.cancer_type)))
    layers = ("n_latent", "dropout", "noise_sd", "sampling_sd", "gradient", "encoder_sees_labels")
    weights = ("kl_weight", "n_cycles", "correlation_weight", "gradient_weight")
    settings = Settings(
        Network((p["n_hidden"],) * p["n_layers"], *(p[name] for name in layers)),
        Conditions(types, p["purity_multiplier"], p["use_purity"]),
        Regularisers(*(p[name] for name in weights)),
        training,
    )
    model = fit_rnalign(x, *facts, settings=settings, seed=0)
    aligned = align_rivals(x, *facts, scale=scaling.scale_, seed=0, mober=mober)
    aligned["rnalign"] = model.align(x, *facts)
    scores = alignment_scores(aligned, *facts.origins, samples.uns["scored_types"])
    return samples, scaling, x, facts, aligned, scores


@pytest.mark.parametrize(("metric", "sign"), [("delta_d", 1), ("delta_kbet", 1), ("match", -1)])
def test_rnalign_is_ahead_of_every_rival(outcome, metric, sign):
    scores = outcome[-1][metric] * sign
    assert scores["rnalign"] < scores[RIVALS].min()


def test_the_planted_difference_is_removed_and_little_else(outcome):
    samples, scaling, x, facts, aligned, _ = outcome
    as_is, target = (
        scaling.transform(AnnData(samples.layers[name], samples.obs, samples.var))
        for name in ("expected", "aligned")
    )
    removal = {
        name: effect_removal(x, aligned[name], as_is, target, facts.is_line)
        for name in [*RIVALS, "rnalign"]
    }
    assert removal["rnalign"]["mean_shift_r"] > 0.95
    assert removal["rnalign"]["r2"] > max(removal[name]["r2"] for name in RIVALS)


def test_subtypes_are_kept(outcome):
    samples, _, _, facts, aligned, _ = outcome
    subtype = samples.obs["subtype"].to_numpy(str)
    kept = {
        name: subtype_silhouettes(aligned[name], *facts.origins, subtype)["silhouette"]
        for name in ("input", "rnalign")
    }
    assert np.nanmean(kept["rnalign"]) >= np.nanmean(kept["input"])
