"""Principal components of rows that are read in blocks are scikit-learn's."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from helpers.pancan_vae.row_components import _times, _transposed_times, fit_components, project


class Blocks:
    """Rows handed out 31 at a time, as a file's are."""

    def __init__(self, x):
        self.x, self.shape = x, x.shape

    def __len__(self):
        return len(self.x)

    def blocks(self):
        for start in range(0, len(self.x), 31):
            yield self.x[start : start + 31]


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(200, 6)) * [9, 7, 5, 4, 3, 2]
    return (latent @ rng.normal(size=(6, 40)) + rng.normal(size=(200, 40))).astype(np.float32)


def test_components_are_scikit_learns(x):
    own = PCA(5, svd_solver="randomized", random_state=3).fit(x)
    blocks = Blocks(x)
    mine = fit_components(blocks, 5, seed=3)
    np.testing.assert_allclose(mine.components_, own.components_, atol=1e-3)
    for name in ("explained_variance_", "explained_variance_ratio_", "singular_values_"):
        np.testing.assert_allclose(getattr(mine, name), getattr(own, name), rtol=1e-4)
    np.testing.assert_allclose(project(mine, blocks), own.transform(x), atol=1e-2)


def test_products_are_those_of_the_centred_matrix(x):
    # Within `fit_components` signs and means would cancel; whoever changes it may need them.
    rng, mean = np.random.default_rng(1), x.mean(axis=0, dtype=np.float64)
    right, left = rng.normal(size=(40, 3)), rng.normal(size=(200, 3)) + 1
    np.testing.assert_allclose(_times(Blocks(x), mean, right), (x - mean) @ right, atol=1e-3)
    np.testing.assert_allclose(
        _transposed_times(Blocks(x), mean, left), (x - mean).T @ left, atol=1e-3
    )
