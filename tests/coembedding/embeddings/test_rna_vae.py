"""The RNA VAE of paper 2: its two layers, Huber + KL, and that the linear one is linear."""

import pytest
import torch
from torch.nn.functional import smooth_l1_loss

from helpers.coembedding.embeddings.rna_vae import RnaVAE
from helpers.models.losses import kl_loss
from helpers.models.training import Training, fit


def small(n_hidden=8):
    torch.manual_seed(0)
    return RnaVAE(12, n_hidden, 3)


def test_two_fully_connected_layers_with_one_relu_between_each_way():
    model = small()
    assert [type(m).__name__ for m in model.encoder] == ["Linear", "ReLU"]
    assert [type(m).__name__ for m in model.decoder] == ["Linear", "ReLU"]
    assert model.posterior.mean.weight.shape == (3, 8)
    assert model.output.weight.shape == (12, 8)


def test_loss_is_huber_and_kl_of_the_mean_in_eval():
    model, x = small().eval(), 3 * torch.randn(5, 12)
    terms, qz = model.loss_terms(x), model.encode(x)
    predicted = model.decode(qz.mean).mean
    expected = smooth_l1_loss(predicted, x, reduction="sum") / 5  # Huber at threshold 1
    torch.testing.assert_close(terms["reconstruction"], expected)
    torch.testing.assert_close(terms["kl"], kl_loss(qz))


def test_training_draws_samples():
    model, x = small().train(), torch.randn(5, 12)
    first, second = (float(model.loss_terms(x)["reconstruction"].detach()) for _ in range(2))
    assert first != second


@pytest.mark.parametrize(("n_hidden", "is_linear"), [(0, True), (8, False)])
def test_the_linear_vae_is_linear(n_hidden, is_linear):
    model = small(n_hidden)
    x, y = 3 * torch.randn(5, 12), 3 * torch.randn(5, 12)

    def there_and_back(rows):
        return model.decode(model.encode(rows).mean).mean

    middle = (there_and_back(x) + there_and_back(y)) / 2
    assert torch.allclose(there_and_back((x + y) / 2), middle, atol=1e-5) == is_linear


def test_training_recovers_low_dimensional_data():
    torch.manual_seed(0)
    x = torch.randn(300, 3) @ torch.randn(3, 12)
    model = small()
    fit(
        model,
        x[:200],
        x[200:],
        weights={"reconstruction": 1.0, "kl": 0.05},
        seed=0,
        training=Training(
            n_epochs=60, minibatch_size=32, learning_rate=1e-2, patience=60, device="cpu"
        ),
    )
    with torch.no_grad():
        residual = x[200:] - model.decode(model.encode(x[200:]).mean).mean
    assert float(residual.var() / x[200:].var()) < 0.2


@pytest.mark.parametrize("sizes", [(0, 8, 3), (12, -1, 3), (12, 8, 0)])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="at least 1 and `n_hidden` at least 0"):
        RnaVAE(*sizes)
