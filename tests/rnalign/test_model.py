"""RNAlign: what the labels do, that L_grad is of second order, and that alignment aligns."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from jaxtyping import Float, jaxtyped
from torch import Tensor
from torch.distributions import Normal, kl_divergence

from helpers.models.history import History
from helpers.models.losses import kl_loss, weighted_sum
from helpers.models.training import Training, fit
from helpers.rnalign.argument_groups import Network, Regularisers, Settings
from helpers.rnalign.conditions import Conditions
from helpers.rnalign.loss_terms import distance_correlation
from helpers.rnalign.model import RNAlign, TrainedRNAlign, fit_rnalign

N_GENES, N_LABELS = 12, 5
NETWORK = Network((9,), 3, 0.0, 1.0, 1.0, "norm", encoder_sees_labels=True)
WEIGHTS = {
    "reconstruction": 1.0,
    "kl": 0.1,
    "distance_correlation": 1.0,
    "label_gradient": 0.3,
}


def small_model(gradient="norm", **changes):
    torch.manual_seed(0)
    return RNAlign(N_GENES, N_LABELS, replace(NETWORK, gradient=gradient, **changes))


def samples(n=20, dtype=torch.float32):
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(n, N_GENES, generator=generator, dtype=dtype)
    kind = torch.randint(0, 2, (n,), generator=generator)
    line = torch.randint(0, 2, (n,), generator=generator)
    purity = torch.rand(n, generator=generator, dtype=dtype)
    one_hot = torch.nn.functional.one_hot
    y = torch.cat([one_hot(kind, 2), one_hot(line, 2), purity[:, None]], dim=1).to(dtype)
    return x, y


def weight_gradients(model, weights=WEIGHTS):
    """Gradients of the whole objective with the same draws of z."""
    x, y = samples()
    torch.manual_seed(7)
    model.zero_grad()
    terms = model.loss_terms(x, y)
    weighted_sum(terms, {name: weights[name] for name in terms}).backward()
    return [parameter.grad.clone() for parameter in model.parameters()]


def are_equal(a, b):
    return all(torch.equal(p, q) for p, q in zip(a, b, strict=True))


@jaxtyped(typechecker=None)
def test_shapes():
    model, (x, y) = small_model(), samples()
    qz = model.encode(x, y)
    assert isinstance(qz.mean, Float[Tensor, "20 3"])
    assert isinstance(model.decode(qz.mean, y).mean, Float[Tensor, "20 12"])


# L_grad


def test_trained_gradient_loss_changes_the_weights_and_the_inert_one_does_not():
    inert, off = weight_gradients(small_model("inert")), weight_gradients(small_model("off"))
    assert are_equal(inert, off)
    for form in ("norm", "log_norm"):
        assert not are_equal(weight_gradients(small_model(form)), off)


def test_inert_loss_reports_the_value_of_the_trained_one():
    values = []
    for form in ("norm", "inert"):
        torch.manual_seed(7)
        values.append(float(small_model(form).loss_terms(*samples())["label_gradient"].detach()))
    assert values[0] == values[1] < 0


@pytest.mark.parametrize("form", ["norm", "log_norm"])
def test_gradient_loss_matches_finite_differences_in_the_weights(form):
    """∂L_grad/∂w by central differences: the second-order path, weight by weight."""
    model = small_model(form).double().eval()
    x, y = samples(dtype=torch.float64)

    def loss():
        return model.loss_terms(x, y)["label_gradient"]

    model.zero_grad()
    loss().backward()
    step = 1e-5
    for name, weight in model.named_parameters():
        if weight.grad is None:
            continue
        flat, index = weight.data.view(-1), int(weight.grad.abs().argmax())
        at = float(flat[index])
        values = []
        for value in (at + step, at - step):
            flat[index] = value
            values.append(float(loss().detach()))
        flat[index] = at
        numeric = (values[0] - values[1]) / (2 * step)
        assert float(weight.grad.view(-1)[index]) == pytest.approx(numeric, rel=1e-4, abs=1e-8), (
            name
        )


def test_gradient_norm_matches_finite_differences_in_the_labels():
    model = small_model().double().eval()
    x, y = samples(dtype=torch.float64)

    def reconstruction(labels):
        return -model.decode(model.encode(x, labels).mean, labels).log_prob(x).sum(dim=1)

    step = 1e-6
    columns = []
    for label in range(N_LABELS):
        shift = torch.zeros_like(y)
        shift[:, label] = step
        columns.append((reconstruction(y + shift) - reconstruction(y - shift)) / (2 * step))
    expected = -torch.stack(columns, dim=1).norm(dim=1).mean()
    found = model.loss_terms(x, y)["label_gradient"].detach()
    assert float(found) == pytest.approx(float(expected), 1e-6)


def differentiated_twice(model, x, y):
    """The objective with L_grad as autograd makes it of the likelihood itself; z as in `eval()`."""
    labels = y.clone().requires_grad_()
    qz = model.encode(x, labels)
    likelihood = -model.decode(qz.mean, labels).log_prob(x).sum(dim=1)
    (gradient,) = torch.autograd.grad(likelihood.sum(), labels, create_graph=True)
    norm = gradient.norm(dim=1)
    pull = norm if model.network.gradient == "norm" else torch.log1p(norm)
    terms = {"reconstruction": likelihood.mean(), "kl": kl_loss(qz), "label_gradient": -pull.mean()}
    return terms | {"distance_correlation": distance_correlation(y, qz.mean)}


@pytest.mark.parametrize("form", ["norm", "log_norm"])
@pytest.mark.parametrize("sees", [True, False])
@pytest.mark.parametrize("n_hidden", [(9,), (9, 7, 8)])
def test_every_gradient_is_that_of_two_derivatives_of_the_likelihood(form, sees, n_hidden):
    changes = {"encoder_sees_labels": sees, "n_hidden": n_hidden, "noise_sd": 0.6}
    model = small_model(form, **changes).double().eval()
    x, y = samples(dtype=torch.float64)
    weights = [*model.parameters()]
    found, expected = (
        (terms, torch.autograd.grad(weighted_sum(terms, WEIGHTS), weights))
        for terms in (model.loss_terms(x, y), differentiated_twice(model, x, y))
    )
    for name, value in expected[0].items():
        torch.testing.assert_close(found[0][name], value, rtol=1e-11, atol=1e-12)
    for ours, theirs in zip(found[1], expected[1], strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-11)


def test_training_on_the_gradient_alone_makes_the_decoder_more_sensitive():
    x, y = samples(60)
    before, after = small_model(), small_model()
    weights = dict.fromkeys(WEIGHTS, 0.0) | {"reconstruction": 1.0, "label_gradient": 0.03}
    how = {"training": Training(30, 20, 1e-2, keep="last", device="cpu"), "seed": 0}
    fit(before, (x, y), None, weights=weights | {"label_gradient": 0.0}, **how)
    fit(after, (x, y), None, weights=weights, **how)
    losses = [float(model.loss_terms(x, y)["label_gradient"].detach()) for model in (before, after)]
    assert losses[1] < losses[0]


def test_gradient_is_there_under_no_grad_too():
    """Validation passes run without a graph."""
    with torch.no_grad():
        assert float(small_model().eval().loss_terms(*samples())["label_gradient"]) < 0


# Labels


def test_encoder_that_does_not_see_labels_ignores_them():
    model, (x, y) = small_model(encoder_sees_labels=False), samples()
    assert torch.equal(model.encode(x, y).mean, model.encode(x, 1 - y).mean)
    assert not torch.equal(small_model().encode(x, y).mean, small_model().encode(x, 1 - y).mean)


@pytest.mark.parametrize("sd", [1.0, 0.3])
def test_reconstruction_is_the_likelihood_of_the_decoded_distribution(sd):
    model, (x, y) = small_model(noise_sd=sd).eval(), samples()
    px = model.decode(model.encode(x, y).mean, y)
    expected = -px.log_prob(x).sum(dim=-1).mean()
    torch.testing.assert_close(model.loss_terms(x, y)["reconstruction"], expected)


def test_sampling_sd_zero_decodes_posterior_means_in_training():
    model, (x, y) = small_model(sampling_sd=0.0, gradient="off"), samples()
    trained = model.train().loss_terms(x, y)["reconstruction"]
    assert torch.equal(trained, model.eval().loss_terms(x, y)["reconstruction"])


# Alignment


def shifted_origins(n=400, seed=0):
    """Two types, a shared factor, and a constant shift between tumours and lines."""
    rng = np.random.default_rng(seed)
    kind, line = rng.integers(0, 2, n), rng.integers(0, 2, n).astype(bool)
    factor = rng.normal(size=n)
    a, b, c = rng.normal(size=(3, N_GENES))
    x = np.outer(kind, a) + np.outer(factor, b) + 2 * np.outer(line, c)
    x = (x - x.mean(axis=0)) / x.std(axis=0) + 0.1 * rng.normal(size=x.shape)
    return x, (line, np.where(kind, "gut", "skin"), np.where(line, 1.0, 0.6)), factor


def trained(x, facts, types=("gut", "skin"), n_epochs=80):
    drops = (n_epochs // 2, 3 * n_epochs // 4)
    settings = Settings(
        replace(NETWORK, gradient="log_norm"),
        Conditions(types, purity_multiplier=1.0, with_purity=True),
        Regularisers(kl_weight=0.1, n_cycles=2, correlation_weight=1.5, gradient_weight=1.0),
        Training(n_epochs, 100, 1e-2, learning_rate_drops=drops, keep="last", device="cpu"),
    )
    return fit_rnalign(x, *facts, settings=settings, seed=0)


def test_aligned_tumours_lie_among_the_lines_and_keep_what_they_share():
    x, facts, factor = shifted_origins()
    moved = trained(x, facts).align(x, *facts)
    is_line = facts[0]

    def gap(values):
        return np.linalg.norm(values[is_line].mean(axis=0) - values[~is_line].mean(axis=0))

    assert gap(moved) < 0.2 * gap(x)
    direction = np.linalg.lstsq(moved, factor, rcond=None)[0]
    assert np.corrcoef(moved @ direction, factor)[0, 1] > 0.9


def test_changes_of_the_labels_are_the_papers_four():
    x, (line, kind, purity), _ = shifted_origins(60)
    fitted = trained(x, (line, kind, purity), n_epochs=2)
    facts = (line, kind, purity)
    both, none = fitted.align(x, *facts), fitted.align(x, *facts, change="none")
    as_lines = fitted.align(x, *facts, change="origin")
    purified = fitted.align(x, *facts, change="purity")
    np.testing.assert_allclose(both[line], none[line], rtol=1e-5)  # already pure lines
    moved = [np.abs(a - none)[~line].max() for a in (both, as_lines, purified)]
    assert min(moved) > 1e-4
    assert np.abs(as_lines - purified)[~line].max() > 1e-4
    with pytest.raises(ValueError, match="`change` must be one of both, origin, purity, none"):
        fitted.align(x, *facts, change="type")


def test_told_type_changes_what_is_decoded_and_not_z():
    x, facts, _ = shifted_origins(60)
    fitted = trained(x, facts, n_epochs=2)
    own, told = fitted.align(x, *facts), fitted.align(x, *facts, told_type=["gut"] * 60)
    is_gut = facts[1] == "gut"
    np.testing.assert_allclose(own[is_gut], told[is_gut], rtol=1e-5)
    assert np.abs(own - told)[~is_gut].max() > 1e-4
    assert fitted.latent(x, *facts).shape == (60, 3)


def test_without_types_none_is_told_and_origins_are_aligned():
    x, facts, factor = shifted_origins()
    fitted = trained(x, facts, types=())
    moved = fitted.align(x, *facts)
    assert fitted.conditions.n_labels == 3
    np.testing.assert_array_equal(moved, fitted.align(x, *facts, told_type=["gut"] * len(x)))
    direction = np.linalg.lstsq(moved, factor, rcond=None)[0]
    assert np.corrcoef(moved @ direction, factor)[0, 1] > 0.9
    line, kind = facts[:2]
    gaps = [moved[line & (kind == name)].mean(0) - moved[~line & (kind == name)].mean(0)
            for name in ("gut", "skin")]  # fmt: skip
    before = x[line].mean(axis=0) - x[~line].mean(axis=0)
    assert max(map(np.linalg.norm, gaps)) < 0.4 * np.linalg.norm(before)


def test_same_seed_same_alignment_and_the_global_generator_is_left_alone():
    x, facts, _ = shifted_origins(60)
    state = torch.get_rng_state()
    a, b = (trained(x, facts, n_epochs=2).align(x, *facts) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert torch.equal(state, torch.get_rng_state())


def test_reading_out_in_parts_changes_nothing(monkeypatch):
    x, facts, _ = shifted_origins(60)
    model = small_model("off", dropout=0.5)
    whole = TrainedRNAlign(model, Conditions(("gut", "skin"), 1.0, True), History())
    expected = whole.align(x, *facts)
    monkeypatch.setattr("helpers.models.row_source.N_ROWS", 7)
    np.testing.assert_allclose(whole.align(x, *facts), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gradient": "second"}, "`gradient` must be one of norm, norm_of_batch, log_norm"),
        ({"noise_sd": 0.0}, "`noise_sd` must be above 0"),
        ({"sampling_sd": -1.0}, "`sampling_sd` not below it"),
    ],
)
def test_impossible_settings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small_model(**changes)


def test_a_learnt_likelihood_learns_its_sd_and_has_epsilon_as_the_priors():
    model, (x, y) = (
        small_model("off", likelihood="learnt", sampling_sd=0.5, noise_sd=0.7),
        samples(),
    )
    assert float(model.noise_sd) == pytest.approx(0.7)
    model.eval()
    posterior = model.encode(x, y)
    squared = (x - model.decode(posterior.mean, y).mean).square().sum(dim=1)
    terms = model.loss_terms(x, y)
    prior = Normal(torch.zeros(()), torch.tensor(0.5))
    expected = kl_divergence(posterior, prior).sum(dim=1).mean()
    torch.testing.assert_close(terms["kl"], expected)
    likelihood = Normal(model.decode(posterior.mean, y).mean, 0.7)
    torch.testing.assert_close(terms["reconstruction"], -likelihood.log_prob(x).sum(1).mean())
    terms["reconstruction"].backward()
    # d/d log σ of Σ (x − m)² / 2σ² + n log σ
    slope = N_GENES - squared.mean() / 0.7**2
    torch.testing.assert_close(model.log_noise_sd.grad, slope.detach())
    with pytest.raises(ValueError, match="`sampling_sd` is the prior's SD here"):
        replace(NETWORK, likelihood="learnt", sampling_sd=0.0)
    with pytest.raises(ValueError, match="`likelihood` must be one of fixed, learnt; got 'own'"):
        replace(NETWORK, likelihood="own")
