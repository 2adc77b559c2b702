"""Settings name exactly the terms that the models have."""

import pytest
import torch

from helpers.coembedding.argument_groups import Network, Steps, Weights
from helpers.coembedding.embeddings.coembedding_model import KINDS, Coembedding
from helpers.coembedding.embeddings.rna_vae import RnaVAE
from helpers.models.losses import weighted_sum

WEIGHTS = Weights(kl=0.1, cycle=2, match=3, pair=4, discriminator=5, triplet=6)


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_those_of_the_model(kind):
    label, is_paired = torch.arange(6) % 2, torch.ones(6, dtype=torch.bool)
    model = Coembedding(4, 3, 2, kind=kind, network=Network(n_hidden=5, n_latent=2))
    minibatch = torch.randn(6, 4), torch.randn(6, 3), label, label, torch.randn(6, 4), is_paired
    terms = model.loss_terms(*minibatch)
    weights = WEIGHTS.of_coembedding(kind)
    assert torch.isfinite(weighted_sum(terms, weights))  # refuses unknown and missing names
    assert weights["rna_kl"] == weights["atac_kl"] == 0.1 and weights["match"] == 3
    assert weights.get("discriminator", -5) == -5 and weights.get("triplet", 6) == 6


def test_one_modality_alone_has_two_terms():
    terms = RnaVAE(4, 3, 2).loss_terms(torch.randn(6, 4))
    assert set(terms) == set(WEIGHTS.of_one_modality())


def test_steps_end_with_the_last_weights():
    training = Steps(100, 64, learning_rate=0.1, weight_decay=0.2, device="cpu").as_training(7)
    assert (training.n_epochs, training.minibatch_size, training.keep) == (7, 64, "last")
    assert (training.learning_rate, training.weight_decay, training.device) == (0.1, 0.2, "cpu")
