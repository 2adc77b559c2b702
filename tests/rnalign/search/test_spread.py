"""What a decoder made smoother varies again as what came in."""

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.search.spread import MOST, Spread


@pytest.fixture
def samples():
    """x, decoded, is_line, type: tumours keep a quarter of their deviations, lines a tenth."""
    rng = np.random.default_rng(0)
    cancer_type, is_line = np.repeat(["A", "B"], 60), np.arange(120) % 4 == 0
    x = rng.normal(size=(120, 5)) * [1, 2, 3, 4, 5]
    x += 9 * (cancer_type == "B")[:, None] - 20 * is_line[:, None]
    means = pd.DataFrame(x).groupby([cancer_type, is_line]).transform("mean").to_numpy()
    return x, means + (x - means) * np.where(is_line, 0.1, 0.25)[:, None], is_line, cancer_type


def within(x, is_line, cancer_type):
    """SD of each gene within type and origin, with pandas."""
    groups = pd.DataFrame(x).groupby([cancer_type, is_line])
    return np.sqrt((groups.var(ddof=0).mul(groups.size(), axis=0)).sum() / len(x)).to_numpy()


def test_the_factor_is_the_ratio_of_spreads_of_tumours_and_lines(samples):
    x, decoded, *origins = samples
    spread = Spread(decoded, x, *origins)
    np.testing.assert_allclose(spread.factor, within(x, *origins) / within(decoded, *origins))
    assert ((spread.factor > 4) & (spread.factor < MOST)).all()
    restored = spread.restore(decoded, origins[1])
    np.testing.assert_allclose(within(restored, *origins), within(x, *origins))


def test_a_type_keeps_its_mean_and_an_unknown_one_has_everybodys(samples):
    x, decoded, is_line, cancer_type = samples
    spread = Spread(decoded, x, is_line, cancer_type)
    restored = spread.restore(decoded, cancer_type)
    for name in "AB":
        rows = cancer_type == name
        np.testing.assert_allclose(restored[rows].mean(axis=0), decoded[rows].mean(axis=0))
    middle = decoded.mean(axis=0)
    expected = middle + spread.factor * (decoded[:3] - middle)
    np.testing.assert_allclose(spread.restore(decoded[:3], np.array(["?"] * 3)), expected)


def test_what_is_gone_is_not_restored_and_little_tenfold_at_most(samples):
    x, decoded, is_line, cancer_type = samples
    means = pd.DataFrame(x).groupby([cancer_type, is_line]).transform("mean").to_numpy()
    decoded[:, 0], decoded[:, 1] = 7, means[:, 1] + 1e-3 * (x - means)[:, 1]
    assert Spread(decoded, x, is_line, cancer_type).factor[:2].tolist() == [0, MOST]
