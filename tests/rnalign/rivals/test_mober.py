"""MOBER: autoencoder and adversary take turns, the origin leaves z and the types stay."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from jaxtyping import Float, jaxtyped
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from torch import Tensor

from helpers.models.adversarial_turns import Turns
from helpers.models.readout import posterior_mean
from helpers.models.training import Training, TrainingDiverged
from helpers.rnalign.argument_groups import MoberSettings
from helpers.rnalign.rivals.mober import (
    LINE,
    Mober,
    align_mober,
    decode_as,
    fit_mober,
)

TRAINING = Training(100, 64, 2e-3, keep="last", device="cpu")
SETTINGS = MoberSettings((64,), 8, kl_weight=1.0, adversary_weight=10.0, training=TRAINING)


@pytest.fixture(autouse=True)
def one_thread():
    """Layers this small are slower on two threads than on one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def standardised(x):
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32)


def small(**changes):
    torch.manual_seed(0)
    return Mober(12, [8, 6], 3, **({"line_share": 0.25, "dropout": 0.0} | changes))


def turns_of(model, rate, **weights):
    return Turns(model, weights, Training(10, 64, rate, keep="last", device="cpu"))


@pytest.fixture(scope="module")
def alignments():
    """Kept for the module: data → (model with the adversary, model without)."""
    return {}


@pytest.fixture
def models(planted, alignments):
    """Both models fitted on the planted cohort, once."""
    if not alignments:
        x = standardised(planted.x)
        for name, weight in [("adversary", 10.0), ("none", 0.0)]:
            settings = replace(SETTINGS, adversary_weight=weight)
            alignments[name] = fit_mober(x, planted.is_line, settings, seed=0)
    return alignments


def accuracy(z, labels):
    """Cross-validated, balanced over classes: 1 / classes is chance."""
    probe = LogisticRegression(max_iter=2000, class_weight="balanced")
    return cross_val_score(probe, z, labels, cv=5, scoring="balanced_accuracy").mean()


def test_each_optimiser_moves_its_own_weights_and_the_adversary_learns():
    x, origin = torch.randn(20, 12), torch.arange(20) % 2
    x[origin == 1] += 1
    model = small(line_share=0.5).train()
    turns = turns_of(model, 1e-2, reconstruction=1.0, kl=0.1, adversary=-1.0)
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    losses = []
    for _ in range(30):
        turns.discriminator_steps((x, origin), 2)
        with torch.no_grad():
            losses.append(float(model.adversary_loss(model.encode(x).mean, origin)))
    moved = {
        name for name, weight in model.named_parameters() if not torch.equal(before[name], weight)
    }
    assert moved == {name for name in before if name.startswith("discriminator")}
    assert losses[-1] < losses[0]


def test_the_encoder_climbs_the_adversarys_loss():
    """With nothing else to do, a step of the autoencoder makes the origin harder to guess."""
    torch.manual_seed(0)
    x, origin = torch.randn(40, 12), torch.arange(40) % 2
    x[origin == 1] += 1
    model = small(line_share=0.5)
    turns = turns_of(model, 1e-3, reconstruction=0.0, kl=0.0, adversary=-1.0)
    turns.discriminator_steps((x, origin), 200)
    before = float(model.adversary_loss(model.encode(x).mean, origin).detach())
    for _ in range(5):
        turns.autoencoder_step((x, origin))
    assert float(model.adversary_loss(model.encode(x).mean, origin).detach()) > before


@jaxtyped(typechecker=None)
def test_shapes():
    model, x = small(), torch.randn(5, 12)
    qz = model.encode(x)
    assert isinstance(qz.mean, Float[Tensor, "5 3"])
    decoded = model.decode(qz.mean, torch.zeros(5, dtype=torch.long)).mean
    assert isinstance(decoded, Float[Tensor, "5 12"])


def test_origins_weigh_the_same_however_many_samples_they_have():
    """A guess that says nothing costs ln 2, and a wrong line three times a wrong tumour."""
    model = small(line_share=0.25).eval()
    for weight in model.discriminator[-1].parameters():
        torch.nn.init.zeros_(weight)
    origin = torch.tensor([0, 0, 0, 1])
    with torch.no_grad():
        terms = model.loss_terms(torch.randn(4, 12), origin)
    assert float(terms["adversary"]) == pytest.approx(math.log(2), rel=1e-5)
    assert float(model.origin_weight[LINE] / model.origin_weight[0]) == pytest.approx(3)


def test_the_encoder_does_not_see_the_origin_and_the_decoder_does():
    model, x = small().eval(), torch.randn(4, 12)
    with torch.no_grad():
        terms = [model.loss_terms(x, torch.full((4,), origin)) for origin in (0, 1)]
    assert float(terms[0]["kl"]) == float(terms[1]["kl"])
    assert float(terms[0]["reconstruction"]) != float(terms[1]["reconstruction"])


def test_origin_cannot_be_told_from_z_while_types_can(planted, models):
    x = standardised(planted.x)
    z, plain = (posterior_mean(models[name], x) for name in ("adversary", "none"))
    assert accuracy(plain, planted.is_line) > 0.7
    assert accuracy(z, planted.is_line) < 0.6
    assert accuracy(z, planted.cancer_type) > 0.95


def test_decoded_as_lines_tumours_look_like_lines(planted, models, origin_gap, line_match):
    x = standardised(planted.x)
    aligned = decode_as(models["adversary"], x, np.ones(len(x), bool))
    assert aligned.shape == x.shape and np.isfinite(aligned).all()
    assert origin_gap(aligned, planted) < 0.1 * origin_gap(x, planted)
    assert line_match(aligned, planted) > 0.95


def test_alignment_is_inductive_and_repeats_itself(planted):
    x, settings = standardised(planted.x), replace(SETTINGS, training=replace(TRAINING, n_epochs=3))
    train = np.arange(320) % 4 > 0
    arguments = x[train], planted.is_line[train]
    aligned = align_mober(*arguments, x[~train], settings, seed=0)
    one = align_mober(*arguments, x[~train][:1], settings, seed=0)
    assert aligned.shape == (80, 120)
    np.testing.assert_allclose(one, aligned[:1], atol=1e-5)
    other = align_mober(*arguments, x[~train], settings, seed=1)
    assert np.abs(other - aligned).max() > 1e-3


def test_one_origin_is_an_error(planted):
    tumours = ~planted.is_line
    with pytest.raises(ValueError, match="got 240 tumours and 0 lines"):
        fit_mober(planted.x[tumours], planted.is_line[tumours], SETTINGS, seed=0)


def test_divergence_is_said_with_its_epoch(planted):
    settings = replace(SETTINGS, training=replace(TRAINING, minibatch_size=1000))
    with pytest.raises(TrainingDiverged, match=r"`reconstruction` became .* in epoch 1"):
        fit_mober(1e25 * standardised(planted.x), planted.is_line, settings, seed=0)
