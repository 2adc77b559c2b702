"""What is left of the samples: both measures against NumPy's, and the smoother as a control."""

import numpy as np
import pytest

from helpers.rnalign.metrics.delta_d import delta_d
from helpers.rnalign.metrics.retention import retention, shrunken


def _centred(x, is_line, cancer_type, name):
    sides = [x[(cancer_type == name) & (is_line == side)].astype(float) for side in (False, True)]
    return np.concatenate([rows - rows.mean(axis=0) for rows in sides]).ravel()


def test_both_measures_equal_numpys(paired):
    x, is_line, cancer_type = paired(1.0)
    after = 0.5 * x + np.random.default_rng(1).normal(size=x.shape)
    table = retention(x, after, is_line, cancer_type)
    for name, row in table.iterrows():
        a, b = (_centred(values, is_line, cancer_type, name) for values in (x, after))
        assert row["variance_kept"] == pytest.approx((b @ b) / (a @ a))
        assert row["r2_kept"] == pytest.approx(np.corrcoef(a, b)[0, 1] ** 2)


def test_a_shift_of_each_origin_and_type_keeps_everything(paired):
    x, is_line, cancer_type = paired(1.0)
    shift = {name: number for number, name in enumerate(sorted(set(cancer_type)))}
    after = x + np.array([shift[name] for name in cancer_type])[:, None] - 3 * is_line[:, None]
    np.testing.assert_allclose(retention(x, after, is_line, cancer_type), 1, rtol=1e-4)


def test_the_mean_of_the_type_keeps_nothing(paired):
    x, is_line, cancer_type = paired()
    after = np.zeros_like(x)
    table = retention(x, after, is_line, cancer_type)
    assert (table["variance_kept"] == 0).all() and table["r2_kept"].isna().all()


def test_latents_have_no_value(paired):
    x, is_line, cancer_type = paired()
    assert retention(x, x[:, :3], is_line, cancer_type).isna().all(axis=None)


def test_a_smoother_of_the_same_strength_leaves_the_means(paired):
    x, is_line, cancer_type = paired(1.0)
    after = x.mean() + 0.3 * x
    smooth = shrunken(x, after, is_line, cancer_type)
    table = retention(x, smooth, is_line, cancer_type)
    np.testing.assert_allclose(table["variance_kept"], 0.09, rtol=1e-3)
    np.testing.assert_allclose(table["r2_kept"], 1, rtol=1e-4)
    rows = (cancer_type == "eye") & is_line
    np.testing.assert_allclose(smooth[rows].mean(axis=0), x[rows].mean(axis=0), atol=1e-5)
    before, now = (delta_d(values, is_line, cancer_type)["delta_d"] for values in (x, smooth))
    assert not np.allclose(before, now)


def test_only_the_types_asked_for_are_shrunk(paired):
    x, is_line, cancer_type = paired()
    smooth = shrunken(x, 0.1 * x, is_line, cancer_type, ["eye"])
    is_eye = cancer_type == "eye"
    np.testing.assert_array_equal(smooth[~is_eye], x[~is_eye])
    assert smooth[is_eye].var(axis=0).mean() < 0.3 * x[is_eye].var(axis=0).mean()
