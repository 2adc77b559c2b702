"""One call an extractor: what it gives back, that seeds and data decide it, what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from helpers.models.training import Training
from helpers.vqvae_subtyping.argument_groups import Codebook, ExtractorSettings, Network, Weights
from helpers.vqvae_subtyping.extractors.codebook_usage import code_usage
from helpers.vqvae_subtyping.extractors.extractor import EXTRACTORS, extract

EACH = pytest.mark.parametrize("extractor", EXTRACTORS)
SETTINGS = ExtractorSettings(
    Network((16,), n_latent=6, noise_sd=1.0, dropout=0.1),
    {
        "vqvae": Codebook(4, 1, 0.95),
        "vqvae_single": Codebook(9, 6, 0.95),
        "vqvae_vector": Codebook(7, 3, 0.95),
    },
    Weights(commitment=0.25, kl=1.0),
    Training(5, minibatch_size=32, learning_rate=3e-2, keep="last", device="cpu"),
    starts_at_pca=True,
)


def profiles(n=150, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, 3)) @ rng.normal(size=(3, 20)) + 0.2 * rng.normal(size=(n, 20))


def run(extractor, x=None, seed=0, **changes):
    x = profiles() if x is None else x
    return extract(extractor, x[:100], x, replace(SETTINGS, **changes), seed)


def with_codes(**codes):
    return {name: Codebook(*values) for name, values in codes.items()}


@EACH
def test_what_comes_back(extractor):
    result = run(extractor)
    assert result.latent.shape == result.continuous.shape == (150, 6)
    assert np.isfinite(result.latent).all()
    assert len(np.unique(result.continuous, axis=0)) == 150
    assert not result.model.training
    if extractor in ("vae", "ae"):
        assert result.codes is None and result.levels is None and result.usage == {}
        assert result.history.measures == []
        np.testing.assert_array_equal(result.latent, result.continuous)
    else:
        n_codes = {"vqvae": 6, "vqvae_single": 1, "vqvae_vector": 2}[extractor]
        assert result.codes.shape == result.levels.shape == (150, n_codes)
        n_books = {"vqvae": 9, "vqvae_single": 9, "vqvae_vector": 7}[extractor]
        assert result.usage == code_usage(torch.as_tensor(result.codes), n_books)
        assert {row["epoch"] for row in result.history.measures} == {1, 2, 3, 4, 5}


def test_each_form_has_its_own_number_of_codes():
    assert run("vqvae").codes.max() < 4
    single = run("vqvae_single")
    assert single.codes.max() == 8
    assert len(np.unique(single.latent, axis=0)) <= 9
    assert (
        run("vqvae_single", codebooks=with_codes(vqvae_single=(3, 6, 0.95))).model.quantizer.n_codes
        == 3
    )


def test_codes_learn_by_a_loss_term_where_there_are_no_moving_averages():
    terms = {
        row["term"] for row in run("vqvae", codebooks=with_codes(vqvae=(4, 1, 0.0))).history.rows
    }
    assert terms == {"reconstruction", "codebook", "commitment", "total"}
    terms = {row["term"] for row in run("vqvae").history.rows}
    assert terms == {"reconstruction", "commitment", "total"}


@EACH
def test_same_seed_same_latents_other_seed_others_and_the_callers_state_stays(extractor):
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    one = run(extractor)
    assert torch.equal(torch.rand(3), expected)
    np.testing.assert_array_equal(one.latent, run(extractor).latent)
    assert not np.array_equal(one.latent, run(extractor, seed=1).latent)


@EACH
def test_rows_not_trained_on_change_nothing(extractor):
    """The planted error: a codebook started on all patients would notice."""
    x, other = profiles(), profiles()
    other[100:] += 100
    one, two = run(extractor, x), run(extractor, other)
    np.testing.assert_array_equal(one.latent[:100], two.latent[:100])
    assert one.history.best_epoch == 5  # the last


@EACH
def test_without_the_start_at_pca_there_is_no_linear_path(extractor):
    for starts in (False, True):
        weights = run(extractor, starts_at_pca=starts).model.state_dict()
        assert ("linear_encoder.weight" in weights) is starts


def test_vector_codes_hold_all_latents_whatever_their_size():
    for dim, n_positions in [(3, 2), (4, 2), (6, 1), (99, 1)]:
        codebooks = with_codes(vqvae_vector=(7, dim, 0.95))
        result = run("vqvae_vector", codebooks=codebooks)
        assert result.codes.shape == (150, n_positions)
        assert result.latent.shape == (150, n_positions * min(dim, 6))
    one = run("vqvae_vector", codebooks=with_codes(vqvae_vector=(9, 6, 0.95)))
    np.testing.assert_array_equal(one.latent, run("vqvae_single").latent)
    scalar = run("vqvae_vector", codebooks=with_codes(vqvae_vector=(4, 1, 0.95)))
    np.testing.assert_array_equal(scalar.latent, run("vqvae").latent)


def test_an_unknown_extractor_is_refused():
    with pytest.raises(
        ValueError, match="`extractor` must be one of vqvae, vqvae_single, vqvae_vec"
    ):
        run("vq-vae")


def test_fewer_patients_than_codes_are_refused():
    with pytest.raises(ValueError, match="at least `n_codes` samples: 100 for 200 codes"):
        run("vqvae_single", codebooks=with_codes(vqvae_single=(200, 6, 0.95)))


def test_training_that_keeps_the_best_epoch_is_refused_as_no_patient_is_set_aside():
    with pytest.raises(ValueError, match="without `validation` no epoch is best"):
        run("ae", training=replace(SETTINGS.training, keep="best"))
