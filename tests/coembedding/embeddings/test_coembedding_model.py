"""Co-embedding: what each term trains, that cancer types and pairs bring modalities together."""

import copy
from itertools import islice

import numpy as np
import pytest
import torch

from helpers.coembedding.argument_groups import Network
from helpers.coembedding.embeddings.coembedding_model import (
    Coembedding,
    cycle_loss,
    fit_coembedding,
)
from helpers.coembedding.embeddings.matched_minibatches import two_modalities
from helpers.models.adversarial_turns import Turns
from helpers.models.losses import weighted_sum
from helpers.models.training import Training

WEIGHTS = {
    "rna_reconstruction": 1.0, "atac_reconstruction": 1.0, "rna_kl": 0.1, "atac_kl": 0.1,
    "cycle": 1.0, "match": 0.0, "pair": 0.0,
}  # fmt: skip
OWN = {"adversarial": {"discriminator": -1.0}, "contrastive": {"triplet": 1.0}}
KINDS = list(OWN)


def model(kind="adversarial", **changes):
    torch.manual_seed(0)
    return Coembedding(7, 5, 3, kind=kind, network=Network(n_hidden=8, n_latent=4, **changes))


def minibatch(n=12, n_paired=6):
    generator = torch.Generator().manual_seed(1)
    rna, atac = torch.randn(n, 7, generator=generator), torch.randn(n, 5, generator=generator)
    label = torch.arange(n) % 3
    own = torch.randn(n, 7, generator=generator)
    return rna, atac, label, label, own, torch.arange(n) < n_paired


@pytest.fixture(scope="module")
def donors():
    """Four types and two factors within a type, seen by both modalities through other maps."""
    rng = np.random.default_rng(0)
    label = np.arange(240) % 4
    hidden = np.c_[2 * np.eye(4)[label], rng.standard_normal((240, 2))]
    rna = hidden @ rng.standard_normal((6, 20)) + 0.3 * rng.standard_normal((240, 20))
    atac = hidden @ rng.standard_normal((6, 15)) + 0.3 * rng.standard_normal((240, 15))
    names = np.array(["BRCA", "COAD", "KIRP", "PRAD"])[label]
    return rna / rna.std(), atac / atac.std(), names


def fitted(donors, kind="contrastive", n_epochs=30, labels=None, **changes):
    """Trained on RNA of rows 0–119 and ATAC of 60–179: 60 donors have both, the last 60 neither."""
    rna, atac, names = donors
    weights = WEIGHTS | OWN[kind] | changes.pop("weights", {})
    labels = names[60:180] if labels is None else labels
    data = two_modalities(
        rna[:120], atac[60:180], names[:120], labels, pairs=changes.pop("pairs", None)
    )
    return fit_coembedding(
        data,
        kind,
        network=Network(n_hidden=32, n_latent=8, dropout=changes.pop("dropout", 0.0)),
        weights=weights,
        training=Training(n_epochs, minibatch_size=32, learning_rate=5e-3, device="cpu"),
        seed=changes.pop("seed", 0),
    )


def foscttm(a, b):
    """Share of samples closer to a sample than its own other half, both ways."""
    distance = np.linalg.norm(a[:, None] - b[None], axis=2)
    own = np.diag(distance)
    return ((distance < own[:, None]).mean() + (distance < own[None]).mean()) / 2


def held_out(trained, donors):
    rna, atac, _ = donors
    return foscttm(trained.embed_rna(rna[180:]), trained.embed_atac(atac[180:]))


# Terms


@pytest.mark.parametrize("kind", KINDS)
def test_terms_are_named_and_finite(kind):
    terms = model(kind).loss_terms(*minibatch())
    assert set(terms) == set(WEIGHTS) | set(OWN[kind])
    assert all(torch.isfinite(term) and term.ndim == 0 for term in terms.values())


def test_discriminator_has_three_layers_and_the_contrastive_model_none():
    linear = [m for m in model().discriminator if isinstance(m, torch.nn.Linear)]
    assert [m.weight.shape for m in linear] == [(8, 4), (8, 8), (1, 8)]
    assert not hasattr(model("contrastive"), "discriminator")
    told = model(tell_label=True).discriminator[0]
    assert told.weight.shape == (8, 4 + 3)


def test_discriminator_term_is_the_mean_cross_entropy_of_both_modalities():
    trained, batch = model().eval(), minibatch()
    with torch.no_grad():
        rna = torch.sigmoid(trained.discriminator(trained.rna.encode(batch[0]).mean))
        atac = torch.sigmoid(trained.discriminator(trained.atac.encode(batch[1]).mean))
    expected = -(rna.log().mean() + (1 - atac).log().mean()) / 2
    torch.testing.assert_close(trained.loss_terms(*batch)["discriminator"], expected)
    torch.testing.assert_close(next(trained.discriminator_losses(*batch)), expected)


def test_discriminator_loss_reaches_no_autoencoder():
    trained = model()
    next(trained.discriminator_losses(*minibatch())).backward()
    assert all(w.grad is None for part in (trained.rna, trained.atac) for w in part.parameters())
    assert all(weight.grad is not None for weight in trained.discriminator.parameters())


def state(module):
    return copy.deepcopy(module.state_dict())


def same(before, module):
    return all(torch.equal(value, module.state_dict()[name]) for name, value in before.items())


@pytest.mark.parametrize("is_judges_turn", [True, False])
def test_either_turn_moves_its_own_side_alone(is_judges_turn):
    trained, batch = model(tell_label=True), minibatch()
    turns = Turns(trained, WEIGHTS | OWN["adversarial"], Training(5, 12, learning_rate=0.01))
    rna, atac, judge = state(trained.rna), state(trained.atac), state(trained.discriminator)
    if is_judges_turn:
        turns.discriminator_steps(batch, 1)
    else:
        turns.autoencoder_step(batch)
    moved = not same(rna, trained.rna), not same(atac, trained.atac)
    assert moved == (not is_judges_turn,) * 2
    assert same(judge, trained.discriminator) == (not is_judges_turn)


def test_the_judge_sees_newly_drawn_latents_each_time():
    trained, batch = model(), minibatch()
    losses = [float(loss.detach()) for loss in islice(trained.discriminator_losses(*batch), 3)]
    assert len(set(losses)) == 3


@pytest.mark.parametrize("linear_skip", [False, True])
def test_cycle_is_the_papers_formula(linear_skip):
    trained, (rna, atac, *_) = model(linear_skip=linear_skip).eval(), minibatch()
    z_rna, z_atac = trained.rna.encode(rna).mean, trained.atac.encode(atac).mean
    there = trained.rna.encode(trained.rna.decode(z_atac).mean).mean
    back = trained.atac.encode(trained.atac.decode(z_rna).mean).mean
    expected = ((there - z_atac) ** 2).sum(1).mean() + ((back - z_rna) ** 2).sum(1).mean()
    torch.testing.assert_close(cycle_loss(trained.rna, trained.atac, z_rna, z_atac), expected)


def test_cycle_trains_the_decoders_and_never_an_encoder():
    trained = model(linear_skip=True)
    trained.loss_terms(*minibatch())["cycle"].backward()
    for name, weight in [*trained.rna.named_parameters(), *trained.atac.named_parameters()]:
        is_encoder = name.startswith(("encoder", "posterior", "linear_encoder"))
        assert (weight.grad is None) == is_encoder, name


def test_match_and_pair_are_squared_distances_of_means():
    trained, batch = model().eval(), minibatch()
    rna, atac, _, _, own, is_paired = batch
    terms = trained.loss_terms(*batch)
    z_rna, z_own = trained.rna.encode(rna).mean, trained.rna.encode(own).mean
    z_atac = trained.atac.encode(atac).mean
    torch.testing.assert_close(terms["match"], ((z_rna - z_atac) ** 2).sum(1).mean())
    expected = ((z_own - z_atac) ** 2).sum(1)[is_paired].mean()
    torch.testing.assert_close(terms["pair"], expected)
    assert float(trained.loss_terms(*minibatch(n_paired=0))["pair"]) == 0


def test_the_coin_gives_both_modalities_their_turn():
    trained, batch = model("contrastive"), minibatch()
    torch.manual_seed(0)
    reached = {"rna": 0, "atac": 0}
    for _ in range(40):
        trained.zero_grad()
        trained.loss_terms(*batch)["triplet"].backward()
        parts = {"rna": trained.rna, "atac": trained.atac}
        got = [n for n, part in parts.items() if part.posterior.mean.weight.grad is not None]
        assert len(got) == 1
        reached[got[0]] += 1
    assert min(reached.values()) > 8


def test_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="`kind` must be one of"):
        model("diffusion")


def test_weights_must_be_the_terms_of_the_kind():
    terms = model("contrastive").loss_terms(*minibatch())
    with pytest.raises(ValueError, match="exactly the model's loss terms"):
        weighted_sum(terms, WEIGHTS | OWN["adversarial"])


# What training does


@pytest.mark.parametrize("kind", KINDS)
def test_matched_types_bring_held_out_donors_together_and_pairs_closer(kind, donors):
    unpaired = held_out(fitted(donors, kind, weights={"match": 1.0}), donors)
    pairs = np.c_[np.arange(60), 60 + np.arange(60)]
    paired = fitted(donors, kind, weights={"match": 0.1, "pair": 5.0}, pairs=pairs)
    # All types right and nothing within a type would be 1/8.
    assert unpaired < 0.25
    assert held_out(paired, donors) < min(0.09, unpaired)


def test_the_papers_terms_alone_do_not_say_which_type_is_which(donors):
    assert held_out(fitted(donors), donors) > 0.3


def test_permuted_labels_and_pairs_bring_nobody_together(donors):
    rng = np.random.default_rng(0)
    labels = rng.permutation(donors[2][60:180])
    pairs = np.c_[np.arange(60), 60 + rng.permutation(60)]
    weights = {"match": 1.0, "pair": 1.0}
    assert held_out(fitted(donors, labels=labels, weights=weights, pairs=pairs), donors) > 0.35


def test_one_modality_predicts_the_other(donors):
    rna, atac, _ = donors
    pairs = np.c_[np.arange(60), 60 + np.arange(60)]
    trained = fitted(donors, n_epochs=80, weights={"match": 0.1, "pair": 5.0}, pairs=pairs)
    for imputed, truth in (
        (trained.impute_rna(atac[180:]), rna[180:]),
        (trained.impute_atac(rna[180:]), atac[180:]),
    ):
        assert imputed.shape == truth.shape
        assert ((imputed - truth) ** 2).mean() < 0.6 * truth.var(0).mean()
        assert ((imputed - truth[::-1]) ** 2).mean() > truth.var(0).mean()  # of another donor


def test_a_seed_fixes_everything_and_leaves_the_callers_random_numbers_alone(donors):
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, second, other = (fitted(donors, n_epochs=2, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(before, torch.get_rng_state())
    atac = donors[1]
    np.testing.assert_array_equal(first.embed_atac(atac), second.embed_atac(atac))
    assert not np.allclose(first.embed_atac(atac), other.embed_atac(atac))


def test_embeddings_are_means_in_eval_and_history_has_every_term(donors):
    trained = fitted(donors, "adversarial", n_epochs=2, dropout=0.5)
    assert not trained.training
    trained.train()
    rna = donors[0]
    np.testing.assert_array_equal(trained.embed_rna(rna), trained.embed_rna(rna))
    terms = {row["term"] for row in trained.history.rows}
    assert terms == {*WEIGHTS, "discriminator", "total"}
    assert trained.history.n_epochs == 2
