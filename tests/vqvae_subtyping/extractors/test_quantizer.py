"""Nearest code, straight-through, moving averages, k-means start, dead codes, order of codes."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import Float, Int, jaxtyped
from sklearn.cluster import KMeans
from torch import Tensor

from helpers.vqvae_subtyping.extractors.quantizer import Quantizer, kmeans_centres, nearest_codes


def quantizer(n_positions=3, n_codes=4, code_dim=2, **changes):
    torch.manual_seed(0)
    return Quantizer(n_positions, n_codes, code_dim, **changes)


def latents(n=20, n_positions=3, code_dim=2, seed=1):
    return torch.randn(n, n_positions, code_dim, generator=torch.Generator().manual_seed(seed))


def codes_by_numpy(z, codebook):
    """One position after another, the plain way."""
    z, codebook = np.asarray(z), np.asarray(codebook)
    return np.stack(
        [
            ((z[:, p, None] - codebook[p if len(codebook) > 1 else 0]) ** 2).sum(-1).argmin(-1)
            for p in range(z.shape[1])
        ],
        axis=1,
    )


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_positions=st.integers(1, 5),
    n_codes=st.integers(1, 9),
    code_dim=st.integers(1, 4),
)
def test_nearest_code_is_numpys_argmin(seed, n_positions, n_codes, code_dim):
    torch.manual_seed(seed)
    model = Quantizer(n_positions, n_codes, code_dim)
    z = torch.randn(11, n_positions, code_dim)
    expected = codes_by_numpy(z, model.codebook.detach())
    result = model(z)
    np.testing.assert_array_equal(result.codes, expected)
    book = np.asarray(model.codebook.detach())
    for position in range(n_positions):
        rows = book[position][expected[:, position]]
        np.testing.assert_array_equal(result.nearest.detach()[:, position], rows)


def test_a_latent_that_is_a_code_is_that_code_and_ties_go_to_the_first():
    model = quantizer()
    z = model.codebook.detach()[:, 2][None]  # code 2 of every position
    assert model(z).codes.tolist() == [[2, 2, 2]]
    book = torch.tensor([[[1.0], [-1.0], [1.0]]])
    assert nearest_codes(torch.tensor([[[0.0]], [[1.0]]]), book).tolist() == [[0], [0]]


@jaxtyped(typechecker=None)
def test_shapes():
    result = quantizer()(latents())
    assert isinstance(result.codes, Int[Tensor, "20 3"])
    assert isinstance(result.nearest, Float[Tensor, "20 3 2"])
    assert isinstance(result.straight_through, Float[Tensor, "20 3 2"])


def test_straight_through_has_the_codes_values_and_the_latents_gradient():
    model, z = quantizer(), latents().requires_grad_()
    result = model(z)
    torch.testing.assert_close(result.straight_through, result.nearest)
    pull = torch.randn(20, 3, 2)
    (gradient,) = torch.autograd.grad((result.straight_through * pull).sum(), z)
    assert torch.equal(gradient, pull)


def test_the_straight_through_value_tells_the_codebook_nothing_but_nearest_does():
    model, z = quantizer(), latents()
    assert not model(z).straight_through.requires_grad
    model(z).nearest.sum().backward()
    counts = torch.stack([torch.bincount(c, minlength=4) for c in model(z).codes.T])
    expected = counts[..., None].expand(3, 4, 2).float()
    torch.testing.assert_close(model.codebook.grad, expected)


# Moving averages


def test_moving_averages_equal_a_computation_by_hand():
    model, decay = quantizer(ema_decay=0.9), 0.9
    size = np.ones((3, 4))
    total = model.codebook.numpy().astype(float)
    for seed in range(3):
        z = latents(seed=seed)
        codes = codes_by_numpy(z, model.codebook)
        model.train()(z)
        count, rows = np.zeros_like(size), np.zeros_like(total)
        for sample in range(20):
            for position in range(3):
                count[position, codes[sample, position]] += 1
                rows[position, codes[sample, position]] += z[sample, position].numpy()
        size = decay * size + (1 - decay) * count
        total = decay * total + (1 - decay) * rows
        np.testing.assert_allclose(model.codebook, total / size[..., None], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(model.size, size, rtol=1e-5)


def test_codes_move_in_training_and_never_in_eval():
    model = quantizer(ema_decay=0.9)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    model.eval()(latents())
    assert model.restart_dead(100 + latents()) == 0
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    model.train()(latents())
    assert not torch.equal(before["codebook"], model.codebook)


def test_a_code_nobody_uses_stays_where_it_is_for_ever():
    model = quantizer(n_positions=1, n_codes=2, code_dim=1, ema_decay=0.5)
    model.set_codes(0, torch.tensor([0, 1]), torch.tensor([[0.0], [50.0]]))
    for _ in range(300):  # its size underflows
        model.train()(0.1 * latents(n_positions=1, code_dim=1))
    assert float(model.codebook[0, 1]) == pytest.approx(50.0, rel=1e-5)
    assert abs(float(model.codebook[0, 0])) < 0.1


def test_moving_averages_settle_on_the_mean_of_what_a_code_stands_for():
    model = quantizer(n_positions=1, n_codes=1, ema_decay=0.5)
    z = latents(n_positions=1)
    for _ in range(60):
        model.train()(z)
    torch.testing.assert_close(model.codebook[0, 0], z[:, 0].mean(dim=0))


def test_codes_trained_by_gradient_are_weights_and_moving_averages_are_not():
    assert [name for name, _ in quantizer().named_parameters()] == ["codebook"]
    assert list(quantizer(ema_decay=0.9).parameters()) == []


# Start and restart


def planted(n_codes=5, code_dim=3, n=200):
    rng = np.random.default_rng(0)
    centres = 10 * rng.normal(size=(n_codes, code_dim))
    kind = rng.integers(n_codes, size=n)
    return torch.tensor(centres[kind] + 0.1 * rng.normal(size=(n, code_dim)), dtype=torch.float32)


def test_kmeans_finds_what_sklearn_finds():
    rows = planted()
    centres = kmeans_centres(rows[:, None], 5, torch.Generator().manual_seed(0))[0]
    expected = KMeans(5, n_init=10, random_state=0).fit(rows.numpy()).cluster_centers_
    order, expected_order = centres[:, 0].argsort(), expected[:, 0].argsort()
    np.testing.assert_allclose(centres[order], expected[expected_order], rtol=1e-4, atol=1e-4)


def test_every_position_has_the_centres_that_it_has_by_itself():
    """Planted groups are found from any start, so the random numbers do not matter."""
    z = torch.stack([planted(), planted().flip(0) + 3], dim=1)
    together = kmeans_centres(z, 5, torch.Generator().manual_seed(0))
    for position in range(2):
        expected = KMeans(5, n_init=10, random_state=0).fit(z[:, position]).cluster_centers_
        found = together[position][together[position][:, 0].argsort()]
        np.testing.assert_allclose(found, expected[expected[:, 0].argsort()], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_kmeans_start_uses_every_code_and_depends_on_the_seed_alone(decay):
    z = latents(n=60)
    one, two, other = (quantizer(ema_decay=decay) for _ in range(3))
    one.start_by_kmeans(z, seed=3), two.start_by_kmeans(z, seed=3), other.start_by_kmeans(z, seed=4)
    assert torch.equal(one.codebook, two.codebook)
    assert not torch.equal(one.codebook, other.codebook)
    for position in range(3):
        assert len(one(z).codes[:, position].unique()) == 4
    assert len(one(z).codes.unique()) == 4


def test_kmeans_start_of_identical_rows_is_finite():
    model = quantizer()
    model.start_by_kmeans(torch.ones(10, 3, 2), seed=0)
    assert torch.equal(model.codebook, torch.ones(3, 4, 2))


def test_kmeans_start_needs_as_many_rows_as_codes():
    with pytest.raises(ValueError, match=r"at least `n_codes` samples: 3 for 4 codes.*`n_codes`"):
        quantizer().start_by_kmeans(latents(n=3), seed=0)


@pytest.mark.parametrize("decay", [0.0, 0.9])
def test_dead_codes_come_back_as_latents_and_live_ones_stay(decay):
    model = quantizer(ema_decay=decay).train()
    z = latents(n=60)
    model.start_by_kmeans(z, seed=0)
    far = torch.full((2, 2), 1e3)
    model.set_codes(1, torch.tensor([0, 3]), far)  # position 1 loses two codes
    before = model.codebook.detach().clone()
    assert model.restart_dead(z) == 2
    changed = (model.codebook != before).any(dim=-1)
    assert changed.nonzero().tolist() == [[1, 0], [1, 3]]
    for code in (0, 3):
        assert (z[:, 1] == model.codebook[1, code]).all(dim=-1).any()
    assert len(model(z).codes[:, 1].unique()) == 4
    assert model.restart_dead(z) == 0


def test_dead_codes_become_different_latents_as_far_as_there_are_any():
    model = quantizer(n_positions=1, n_codes=9, code_dim=2).train()
    model.set_codes(0, torch.arange(9), torch.full((9, 2), 1e3) + torch.arange(9)[:, None])
    z = latents(n=6, n_positions=1)
    assert model.restart_dead(z) == 6
    rows = {tuple(row) for row in z[:, 0].tolist()}
    assert rows <= {tuple(code) for code in model.codebook[0].tolist()}


# Order of codes


def test_ranks_are_the_order_of_values_in_one_dimension():
    model = quantizer(code_dim=1)
    expected = np.argsort(np.argsort(model.codebook.detach().numpy()[..., 0], axis=1), axis=1)
    np.testing.assert_array_equal(model.ranks(), expected)


def test_ranks_follow_the_main_axis():
    model = quantizer(n_positions=1, n_codes=4, code_dim=2)
    along = torch.tensor([3.0, -1.0, 8.0, 0.5])
    codebook = along[:, None] * torch.tensor([0.2, 0.9]) + torch.tensor([5.0, 5.0])
    model.set_codes(0, torch.arange(4), codebook)
    assert model.ranks().tolist() == [[2, 0, 3, 1]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_codes": 0}, "must be at least 1; got 3, 0 and 2"),
        ({"ema_decay": 1.0}, "`ema_decay` must be at least 0 and below 1; got 1.0"),
        ({"ema_decay": -0.1}, "`ema_decay` must be at least 0 and below 1"),
    ],
)
def test_impossible_sizes_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        quantizer(**changes)
