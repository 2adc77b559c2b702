"""Window and hierarchical VAE: the paper's modules, masked peaks, chromosomes kept apart."""

import pytest
import torch

from helpers.coembedding.atac.peak_vae import HierarchicalVAE, WindowVAE
from helpers.coembedding.loss_terms import huber_loss
from helpers.models.training import Training, fit

CHROMOSOMES = ["chr1", "chr1", "chr1", "chr2", "chr2", "chrX"]


def window(n_peaks=20):
    torch.manual_seed(0)
    return WindowVAE(n_peaks, 8, 4)


def hierarchy(chromosomes=CHROMOSOMES):
    torch.manual_seed(0)
    return HierarchicalVAE(chromosomes, 4, n_channels=5, n_hidden=16, n_latent=3)


def test_three_modules_each_way_two_above():
    names = ["Linear", "LeakyReLU", "BatchNorm1d"]
    assert [type(m).__name__ for m in window().encoder] == 3 * names
    assert [type(m).__name__ for m in window().decoder] == 3 * names
    assert [type(m).__name__ for m in hierarchy().encoder] == 2 * names
    assert hierarchy().convolution.kernel_size == (3,)


def test_shapes():
    x = torch.randn(5, 20)
    assert window().encode(x).mean.shape == (5, 4)
    assert window().decode(torch.randn(5, 4)).mean.shape == (5, 20)
    assert hierarchy().encode(torch.randn(5, 6, 4)).mean.shape == (5, 3)
    assert hierarchy().decode(torch.randn(5, 3)).mean.shape == (5, 6, 4)


def test_padding_is_neither_scored_nor_trained():
    model, x = window().eval(), torch.randn(5, 20)
    is_peak = torch.arange(20) < 13
    terms = model.loss_terms(x, is_peak)
    predicted = model.decode(model.encode(x).mean).mean
    torch.testing.assert_close(terms["reconstruction"], huber_loss(predicted[:, :13], x[:, :13]))
    terms["reconstruction"].backward()
    assert (model.output.weight.grad[13:] == 0).all() and model.output.weight.grad[:13].any()


def test_all_peaks_count_without_a_mask():
    model, x = window().eval(), torch.randn(5, 20)
    whole = model.loss_terms(x, torch.ones(20, dtype=torch.bool))
    torch.testing.assert_close(model.loss_terms(x), whole)


@pytest.mark.parametrize("changed", range(6))
def test_the_convolution_sees_neighbours_of_the_same_chromosome_only(changed):
    model, x = hierarchy(), torch.randn(1, 6, 4)
    other = x.clone()
    other[:, changed] += 1
    with torch.no_grad():
        one, two = (model._along_genome(model.convolution, part)[0] for part in (x, other))
    moved = {row for row in range(6) if not torch.equal(one[row], two[row])}
    near = {changed - 1, changed, changed + 1} & set(range(6))
    assert moved == {row for row in near if CHROMOSOMES[row] == CHROMOSOMES[changed]}


def test_on_one_chromosome_it_is_an_ordinary_convolution():
    model, x = hierarchy(["chr1"] * 6), torch.randn(2, 6, 4)
    plain = model.convolution(x.transpose(1, 2)).transpose(1, 2)
    torch.testing.assert_close(model._along_genome(model.convolution, x), plain)


def test_the_hierarchy_learns_windows_that_share_one_factor():
    torch.manual_seed(0)
    x = (torch.randn(200, 2) @ torch.randn(2, 24)).reshape(200, 6, 4)
    model = hierarchy()
    fit(
        model,
        x[:160],
        x[160:],
        weights={"reconstruction": 1.0, "kl": 0.05},
        seed=0,
        training=Training(
            n_epochs=60, minibatch_size=32, learning_rate=1e-2, patience=60, device="cpu"
        ),
    )
    with torch.no_grad():
        residual = x[160:] - model.decode(model.encode(x[160:]).mean).mean
    assert float(residual.var() / x[160:].var()) < 0.3


@pytest.mark.parametrize("sizes", [(0, 8, 4), (20, 0, 4), (20, 8, 0)])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="must be at least 1; got 0"):
        WindowVAE(*sizes)


def test_a_genome_without_windows_is_refused():
    with pytest.raises(ValueError, match="`n_windows` must be at least 1"):
        hierarchy([])
