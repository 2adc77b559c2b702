"""The VQ-VAE: its losses, its two forms, usage per epoch, exact resume, no collapse."""

import numpy as np
import pytest
import torch
from jaxtyping import Float, jaxtyped
from scipy.stats import norm
from torch import Tensor

from helpers.models import training
from helpers.models.training import Training, fit
from helpers.models.training_step import CapturedStep
from helpers.vqvae_subtyping.argument_groups import Codebook
from helpers.vqvae_subtyping.extractors.vqvae import VQVAE, codebook_usage
from helpers.vqvae_subtyping.loss_terms import codebook_loss, commitment_loss
from tests.fixtures.tape import TapeRecorder

FORMS = pytest.mark.parametrize("form", ["single", "multi"])
DECAYS = pytest.mark.parametrize("ema_decay", [0.0, 0.9])


def small(form="multi", **changes):
    torch.manual_seed(0)
    codes = {"n_codes": 4, "code_dim": 2, "ema_decay": 0.0}
    codebook = Codebook(**{name: changes.pop(name, value) for name, value in codes.items()})
    arguments = {"noise_sd": 0.8, "dropout": 0.0} | changes
    return VQVAE(12, [8], 5, form=form, codebook=codebook, **arguments)


def planted(n=300, n_kinds=4, seed=0):
    """Samples of a few kinds in 12 features, and their kinds."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(n_kinds, size=n)
    centres = np.random.default_rng(99).normal(size=(n_kinds, 12))
    return torch.tensor(centres[kind] + 0.3 * rng.normal(size=(n, 12)), dtype=torch.float32), kind


def weights_of(model):
    codebook = {"codebook": 1.0} if model.has_codebook_loss else {}
    return {"reconstruction": 1.0, "commitment": 0.25} | codebook


def train(model, x=None, *, seed=5, checkpoint=None, **changes):
    x = planted()[0] if x is None else x
    how = Training(**{"n_epochs": 12, "minibatch_size": 32, "learning_rate": 1e-2} | changes)
    given = {"weights": weights_of(model), "seed": seed, "checkpoint": checkpoint}
    return fit(model, x[:200], x[200:], training=how, **given)


def copied(model):
    return {name: value.clone() for name, value in model.state_dict().items()}


# Losses


@FORMS
@DECAYS
def test_loss_terms_equal_numpys(form, ema_decay):
    model, x = small(form, ema_decay=ema_decay).eval(), planted()[0]
    terms = {name: term.item() for name, term in model.loss_terms(x).items()}
    z, e = model.continuous(x), model.latent(x)
    squared = ((z - e) ** 2).sum(axis=1).mean()
    mean = model.decode(torch.tensor(e)).mean.detach().numpy()
    expected = {
        "reconstruction": -norm(mean, 0.8).logpdf(x.numpy()).sum(axis=1).mean(),
        "commitment": squared,
    } | ({"codebook": squared} if ema_decay == 0 else {})
    assert terms == pytest.approx(expected, rel=1e-5)


def test_codebook_loss_moves_codes_alone_and_commitment_moves_latents_alone():
    z, e = torch.randn(6, 4, requires_grad=True), torch.randn(6, 4, requires_grad=True)
    codebook_loss(z, e).backward()
    assert z.grad is None
    torch.testing.assert_close(e.grad, 2 * (e - z).detach() / 6)
    e.grad = None
    commitment_loss(z, e).backward()
    assert e.grad is None
    torch.testing.assert_close(z.grad, 2 * (z - e).detach() / 6)
    assert commitment_loss(e, e).item() == codebook_loss(z, z).item() == 0


def test_the_encoder_learns_from_the_reconstruction_by_the_straight_through_gradient():
    model, x = small(), planted()[0][:10]
    model.loss_terms(x)["reconstruction"].backward()
    reached = model.bottleneck.weight.grad
    z = model.encode(x).detach().requires_grad_()
    e = torch.tensor(model.latent(x)).requires_grad_()
    (at_code,) = torch.autograd.grad(-model.decode(e).log_prob(x).sum(dim=-1).mean(), e)
    expected = at_code.T @ model.encoder(x).detach()
    torch.testing.assert_close(reached, expected)
    assert model.quantizer.codebook.grad is None
    assert z.shape == e.shape


@FORMS
@DECAYS
def test_extreme_inputs_give_finite_losses_and_gradients(form, ema_decay):
    model = small(form, ema_decay=ema_decay).train()
    terms = model.loss_terms(1e4 * torch.ones(4, 12))
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) for term in terms.values())
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())
    assert all(torch.isfinite(value).all() for value in model.state_dict().values())


# The two forms


@jaxtyped(typechecker=None)
def test_shapes_of_the_two_forms():
    x = planted()[0]
    single, multi = small("single"), small("multi")
    assert single.quantizer.codebook.shape == (1, 4, 5)  # one book of codes as wide as the latent
    assert multi.quantizer.codebook.shape == (5, 4, 2)  # a book for each of five latents
    assert single.codes(x).shape == (300, 1) and single.latent(x).shape == (300, 5)
    assert multi.codes(x).shape == (300, 5) and multi.latent(x).shape == (300, 10)
    decoded = multi.decode(torch.tensor(multi.latent(x)))
    assert isinstance(decoded.mean, Float[Tensor, "300 12"])


def test_a_single_code_gives_at_most_as_many_points_as_codes_and_many_latents_give_more():
    x = torch.randn(300, 12, generator=torch.Generator().manual_seed(0))
    single, multi = small("single"), small("multi")
    for model in (single, multi):
        model.start_codebook(x, seed=0)
    assert len(np.unique(single.latent(x), axis=0)) == 4
    assert len(np.unique(multi.latent(x), axis=0)) > 100
    assert codebook_usage(single, x)["distinct"] == 4


def test_latents_are_the_codes_looked_up_and_levels_put_them_in_order():
    model, x = small(code_dim=1), planted()[0]
    codes, latent, levels = model.codes(x), model.latent(x), model.levels(x)
    book = model.quantizer.codebook.detach().numpy()[..., 0]
    np.testing.assert_array_equal(latent, book[np.arange(5), codes])
    for position in range(5):
        order = np.argsort(np.argsort(book[position]))
        np.testing.assert_array_equal(levels[:, position], order[codes[:, position]])
        assert (np.diff(levels[np.argsort(latent[:, position]), position]) >= 0).all()


# Training


@FORMS
@DECAYS
def test_the_codebook_moves_in_training_and_never_in_eval(form, ema_decay):
    model, x = small(form, ema_decay=ema_decay), planted()[0]
    before = copied(model)
    model.eval()
    model.loss_terms(x), model.latent(x), model.codes(x), model.after_epoch(x)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    model.train()
    model.latent(x), model.codes(x)  # reading out is `eval()` too
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    train(model, n_epochs=1)
    assert not torch.equal(before["quantizer.codebook"], model.quantizer.codebook)


@FORMS
@DECAYS
def test_resume_equals_an_uninterrupted_run_exactly(tmp_path, form, ema_decay):
    """With dropout, moving averages and restarts of dead codes, which draw random rows."""
    settings = {"form": form, "ema_decay": ema_decay, "dropout": 0.2, "n_codes": 16}
    path = tmp_path / "c.pt"
    whole, first, second = (small(**settings) for _ in range(3))
    straight = train(whole, n_epochs=8, keep="last")
    train(first, n_epochs=4, keep="last", checkpoint=path, checkpoint_every=2)
    resumed = train(second, n_epochs=8, keep="last", checkpoint=path, checkpoint_every=2)
    assert resumed.rows == straight.rows
    assert resumed.measures == straight.measures
    result, expected = copied(second), copied(whole)
    assert all(torch.equal(expected[name], value) for name, value in result.items())


@FORMS
@DECAYS
def test_a_recorded_step_trains_the_same_codes(monkeypatch, form, ema_decay):
    """What a GPU would replay: codes, moving averages and restarts all change tensors in place."""
    straight, recorded = (small(form, ema_decay=ema_decay, n_codes=16) for _ in range(2))
    train(straight, n_epochs=3, keep="last")

    def new_step(model, optimizer, data, minibatch_size, capture):
        recorder = TapeRecorder(model, optimizer)
        return CapturedStep(model, optimizer, data, minibatch_size, recorder)

    monkeypatch.setattr(training, "new_step", new_step)
    train(recorded, n_epochs=3, keep="last")
    for name, value in copied(straight).items():
        torch.testing.assert_close(recorded.state_dict()[name], value, rtol=1e-3, atol=1e-3)


def test_usage_is_told_for_every_epoch_over_all_training_rows():
    model, x = small(), planted()[0]
    model.quantizer.restart_dead = lambda z: 0  # so that usage is still that of the last epoch
    history = train(model, x, n_epochs=3, keep="last")
    assert {row["epoch"] for row in history.measures} == {1, 2, 3}
    last = {row["measure"]: row["value"] for row in history.measures if row["epoch"] == 3}
    assert last == codebook_usage(model, x[:200])


def test_dead_codes_come_back_after_an_epoch():
    x = planted()[0]
    for restarts in (False, True):
        model = small("single", n_codes=8, ema_decay=0.9)
        if not restarts:
            model.quantizer.restart_dead = lambda z: 0
        model.quantizer.set_codes(0, torch.arange(1, 8), torch.full((7, 5), 1e3))
        train(model, x, n_epochs=10, keep="last")
        used = codebook_usage(model, x[:200])["used"]
        assert used > 4 if restarts else used == 1


def test_kmeans_start_uses_all_codes_before_the_first_step():
    x = planted()[0]
    model = small("multi", code_dim=1, ema_decay=0.9)
    model.start_codebook(x, seed=0)
    assert codebook_usage(model, x)["used_least"] == 4
    assert not any(name.endswith("grad") for name in model.state_dict())


@FORMS
def test_training_recovers_planted_kinds_and_leaves_no_code_unused(form):
    x, kind = planted()
    model = small(form, code_dim=1, ema_decay=0.95)
    model.start_codebook(x[:200], seed=0)
    train(model, x, n_epochs=80)
    assert codebook_usage(model, x)["used_least"] == 4
    with torch.no_grad():
        residual = x[200:] - model.decode(torch.tensor(model.latent(x[200:]))).mean
    within = 0.09 / float(x.var())  # the planted noise
    assert float(residual.var() / x[200:].var()) < 1.5 * within
    if form == "single":
        table = np.zeros((4, 4))
        np.add.at(table, (kind, model.codes(x)[:, 0]), 1)
        assert table.max(axis=0).sum() / 300 > 0.98  # purity


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"form": "many"}, "`form` must be one of single, multi; got 'many'"),
        ({"n_codes": 0}, "must be at least 1"),
        ({"noise_sd": 0.0}, "`noise_sd` must be above 0"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small(**changes)
