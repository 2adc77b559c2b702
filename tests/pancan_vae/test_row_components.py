"""Principal components of rows that are read in blocks are scikit-learn's."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from helpers.pancan_vae.row_components import fit_components, project


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
