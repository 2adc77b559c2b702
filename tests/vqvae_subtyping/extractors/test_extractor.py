"""One call an extractor: what it gives back, that seeds and data decide it, what it refuses."""

import numpy as np
import pytest
import torch

from helpers.vqvae_subtyping.extractors.codebook_usage import code_usage
from helpers.vqvae_subtyping.extractors.extractor import EXTRACTORS, extract

EACH = pytest.mark.parametrize("kind", EXTRACTORS)
SETTINGS = {
    "n_hidden": [16], "n_latent": 6, "n_codes": {"vqvae": 4, "vqvae_single": 9}, "code_dim": 1,
    "noise_sd": 1.0, "dropout": 0.1, "kl_weight": 1.0, "commitment_weight": 0.25,
    "ema_decay": 0.95, "n_epochs": 5, "minibatch_size": 32, "learning_rate": 3e-3,
    "patience": 50, "starts_at_pca": True, "seed": 0, "device": "cpu",
}  # fmt: skip


def profiles(n=150, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)) @ rng.normal(size=(3, 20)) + 0.2 * rng.normal(size=(n, 20))


def run(kind, x=None, **changes):
    x = profiles() if x is None else x
    return extract(kind, x[:100], x, x[100:], **(SETTINGS | changes))


@EACH
def test_what_comes_back(kind):
    result = run(kind)
    assert result.latent.shape == result.continuous.shape == (150, 6)
    assert np.isfinite(result.latent).all()
    assert len(np.unique(result.continuous, axis=0)) == 150
    assert not result.model.training
    if kind in ("vae", "ae"):
        assert result.codes is None and result.levels is None and result.usage == {}
        assert result.history.measures == []
        np.testing.assert_array_equal(result.latent, result.continuous)
    else:
        assert result.codes.shape == result.levels.shape == (150, 6 if kind == "vqvae" else 1)
        assert result.usage == code_usage(torch.as_tensor(result.codes), 9)
        assert {row["epoch"] for row in result.history.measures} == {1, 2, 3, 4, 5}


def test_each_form_has_its_own_number_of_codes():
    assert run("vqvae").codes.max() < 4
    single = run("vqvae_single")
    assert single.codes.max() == 8
    assert len(np.unique(single.latent, axis=0)) <= 9
    assert run("vqvae_single", n_codes=3).model.quantizer.n_codes == 3


def test_codes_learn_by_a_loss_term_where_there_are_no_moving_averages():
    terms = {row["term"] for row in run("vqvae", ema_decay=0.0).history.rows}
    assert terms == {"reconstruction", "codebook", "commitment", "total"}
    terms = {row["term"] for row in run("vqvae").history.rows}
    assert terms == {"reconstruction", "commitment", "total"}


@EACH
def test_same_seed_same_latents_other_seed_others_and_the_callers_state_stays(kind):
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    one = run(kind)
    assert torch.equal(torch.rand(3), expected)
    np.testing.assert_array_equal(one.latent, run(kind).latent)
    assert not np.array_equal(one.latent, run(kind, seed=1).latent)


@EACH
def test_rows_not_trained_on_change_nothing(kind):
    """The planted error: a codebook started on all patients would notice."""
    x, other = profiles(), profiles()
    other[100:] += 100
    common = SETTINGS | {"n_epochs": 2}
    one, two = (extract(kind, x[:100], rows, **common) for rows in (x, other))
    np.testing.assert_array_equal(one.latent[:100], two.latent[:100])
    assert one.history.best_epoch == 2


@EACH
def test_without_the_start_at_pca_there_is_no_linear_path(kind):
    for starts in (False, True):
        weights = run(kind, n_epochs=1, starts_at_pca=starts).model.state_dict()
        assert ("linear_encoder.weight" in weights) is starts


def test_an_unknown_extractor_is_refused():
    with pytest.raises(ValueError, match="`kind` must be one of vqvae, vqvae_single, vae, ae"):
        run("vq-vae")


def test_fewer_patients_than_codes_are_refused():
    with pytest.raises(ValueError, match="at least `n_codes` samples: 100 for 200 codes"):
        run("vqvae_single", n_codes=200)
