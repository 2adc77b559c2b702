import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae.figures.matched_dimensions import plot_stability


@pytest.mark.parametrize("n_dims", [1, 32, 128])
def test_dimensions_are_ordered_and_legible(n_dims, small_texts):
    mean = np.linspace(0.2, 0.9, n_dims)
    table = pd.DataFrame({"mean_r": mean, "min_r": mean / 2, "control": 0.1})
    ax = plot_stability(table, n_seeds=5, n_samples=900)
    heights = np.asarray(ax.collections[1].get_offsets())[:, 1]
    np.testing.assert_allclose(heights, mean[::-1])
    assert "(5 seeds, n = 900)" in ax.get_title()
    assert small_texts(ax.figure) == []
    assert ax.figure.get_figwidth() <= 8
