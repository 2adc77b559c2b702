"""Regions → expression: the mean over regions, padding that does not show, what it learns."""

import numpy as np
import pytest
import torch

from helpers.coembedding.histology.slide_model import (
    RegionPredictor,
    pad_regions,
    predicted_expression,
)
from helpers.coembedding.loss_terms import huber_loss
from helpers.models.training import Training, fit


def model(**changes):
    torch.manual_seed(0)
    return RegionPredictor(6, 4, **({"n_hidden": [8], "n_rank": 3, "dropout": 0.0} | changes))


def slides(n=60, seed=0):
    """Ragged regions in mixed order; expression is the share of regions of a kind, not linear."""
    rng = np.random.default_rng(seed)
    slide = rng.permutation(np.repeat(np.arange(n), rng.integers(3, 12, n)))
    regions = rng.standard_normal((len(slide), 6)).astype(np.float32)
    regions[:, 0] += np.linspace(-1, 1, n)[rng.permutation(n)][slide]
    kind = np.c_[np.abs(regions[:, 0]), regions[:, :3]]
    y = np.stack([kind[slide == row].mean(0) for row in range(n)])
    return regions, slide, ((y - y.mean(0)) / y.std(0)).astype(np.float32)


def test_a_slide_is_the_mean_of_its_regions_however_padded():
    trained, (regions, slide, _) = model().eval(), slides()
    block, n_regions = pad_regions(regions, slide, 60, 20, seed=0)
    predicted = predicted_expression(trained, block, n_regions)
    with torch.no_grad():
        each = trained.output(trained(torch.from_numpy(regions))).numpy()
    expected = np.stack([each[slide == row].mean(0) for row in range(60)])
    np.testing.assert_allclose(predicted, expected, atol=1e-5)
    block[torch.arange(block.shape[1]) >= n_regions[:, None]] = 1e6
    np.testing.assert_allclose(predicted_expression(trained, block, n_regions), expected, atol=1e-5)


def test_without_its_network_it_is_linear_regression_on_the_slides_mean():
    trained, (regions, slide, _) = model().eval(), slides()
    torch.nn.init.zeros_(trained.bend.weight)
    block, n_regions = pad_regions(regions, slide, 60, 20, seed=0)
    mean = np.stack([regions[slide == row].mean(0) for row in range(60)])
    weight = (trained.output.weight @ trained.line.weight).detach().numpy()
    fixed = trained.output(trained.bend.bias).detach().numpy()
    predicted = predicted_expression(trained, block, n_regions)
    np.testing.assert_allclose(predicted, mean @ weight.T + fixed, atol=1e-5)


def test_the_loss_is_that_of_the_mean_and_not_of_each_region():
    trained, (regions, slide, y) = model().eval(), slides()
    block, n_regions = pad_regions(regions, slide, 60, 20, seed=0)
    y = torch.from_numpy(y)
    expected = huber_loss(trained.predict_slides(block, n_regions), y)
    torch.testing.assert_close(trained.loss_terms(block, n_regions, y)["expression"], expected)


def test_order_of_regions_does_not_matter():
    trained, (regions, slide, _) = model().eval(), slides()
    order = np.random.default_rng(1).permutation(len(slide))
    a = predicted_expression(trained, *pad_regions(regions, slide, 60, 20, seed=0))
    b = predicted_expression(trained, *pad_regions(regions[order], slide[order], 60, 20, seed=3))
    np.testing.assert_allclose(a, b, atol=1e-5)


def test_large_slides_are_thinned_at_random_and_small_ones_kept_whole():
    regions = torch.arange(13.0)[:, None]
    slide = torch.tensor([0] * 3 + [1] * 10)
    drawn = set()
    for seed in range(30):
        block, n_regions = pad_regions(regions, slide, 2, 4, seed=seed)
        assert n_regions.tolist() == [3, 4] and block.shape == (2, 4, 1)
        assert sorted(block[0, :3, 0].tolist()) == [0, 1, 2]
        assert len(block[1].unique()) == 4
        drawn |= set(block[1, :, 0].tolist())
    assert drawn == set(map(float, range(3, 13)))


def test_training_finds_what_no_linear_map_of_the_mean_can():
    regions, slide, y = slides(n=300)
    block, n_regions = pad_regions(regions, slide, 300, 20, seed=0)
    data = block, n_regions, torch.from_numpy(y)
    trained = model(n_hidden=[32], n_rank=4)
    fit(
        trained,
        [part[:240] for part in data],
        [part[240:] for part in data],
        weights={"expression": 1.0},
        seed=0,
        training=Training(
            n_epochs=60, minibatch_size=32, learning_rate=1e-2, patience=60, device="cpu"
        ),
    )
    predicted = predicted_expression(trained, block[240:], n_regions[240:])
    mean = np.stack([regions[slide == row].mean(0) for row in range(300)])
    line = np.linalg.lstsq(np.c_[mean[:240], np.ones(240)], y[:240], rcond=None)[0]
    linear = np.c_[mean[240:], np.ones(60)] @ line
    of_model, of_line = (np.corrcoef(p[:, 0], y[240:, 0])[0, 1] for p in (predicted, linear))
    assert of_model > max(0.5, of_line + 0.1)


@pytest.mark.parametrize(
    ("slide", "n_slides", "max_regions", "message"),
    [
        ([0, 2], 3, 5, "1 have none, the first in row 1"),
        ([0, 3], 3, 5, "`slide` must hold rows of 3 slides; got 0 to 3"),
        ([0], 1, 5, "one row per region: 2 regions, 1 rows"),
        ([0, 1], 2, 0, "`max_regions` must be at least 1; got 0"),
    ],
)
def test_bad_regions_are_refused(slide, n_slides, max_regions, message):
    with pytest.raises(ValueError, match=message):
        pad_regions(torch.zeros(2, 6), slide, n_slides, max_regions, seed=0)
