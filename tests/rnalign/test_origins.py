"""What is checked of tumours and cell lines, and who is scored."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from helpers.rnalign.origins import as_origins, as_samples, as_types, distances


def test_valid_samples_pass_unchanged():
    x, is_line = np.ones((3, 2), np.float32), np.array([True, False, False])
    checked, origin = as_samples(x, is_line, needs_both=True)
    assert checked is x and origin is is_line


@pytest.mark.parametrize(
    ("x", "is_line", "message"),
    [
        ([[1.0, np.nan], [1, 2]], [True, False], "`x` must be finite; 1 of 4"),
        (np.ones((3, 2)), [True, False], "`is_line` must have one label per sample: 3 samples"),
        (np.ones((2, 2)), [0, 1], "`is_line` must be bool"),
        (np.ones((2, 2)), [True, True], "got 0 tumours and 2 lines"),
        (np.ones((2, 2)), [False, False], "got 2 tumours and 0 lines"),
    ],
)
def test_bad_samples_are_named(x, is_line, message):
    with pytest.raises(ValueError, match=message):
        as_samples(x, is_line, needs_both=True)


def test_one_origin_is_enough_unless_both_are_asked_for():
    assert as_samples(np.ones((2, 2)), [False, False])[1].tolist() == [False, False]


def test_types_must_be_complete():
    assert as_types(["brain", "eye"], 2).tolist() == ["brain", "eye"]
    with pytest.raises(ValueError, match="`cancer_type` must be complete; 1 of 2"):
        as_types(np.array(["brain", None], dtype=object), 2)


def test_types_with_both_sides_are_scored(paired):
    x, is_line, cancer_type = paired(n_lines=(20, 1, 25))
    samples = as_origins(x, is_line, cancer_type)
    assert samples.types == ["brain", "kidney"]
    assert as_origins(x, is_line, cancer_type, min_each=1).types == ["brain", "eye", "kidney"]
    assert samples.x.dtype == float
    rows = samples.rows("kidney", is_line=True)
    assert is_line[rows].all() and set(cancer_type[rows]) == {"kidney"} and len(rows) == 25


def test_what_cannot_be_scored_is_named(paired):
    x, is_line, cancer_type = paired(n_lines=(20, 1, 25))
    with pytest.raises(ValueError, match="'eye' has 30 tumours and 1 lines"):
        as_origins(x, is_line, cancer_type, types=["brain", "eye"])
    with pytest.raises(ValueError, match="'lung' has 0 tumours and 0 lines"):
        as_origins(x, is_line, cancer_type, types=["lung"])
    with pytest.raises(ValueError, match="got 136 tumours and 0 lines"):
        as_origins(x, np.zeros_like(is_line), cancer_type)
    with pytest.raises(ValueError, match="got 0 tumours"):
        as_origins(x, np.ones_like(is_line), cancer_type)
    with pytest.raises(ValueError, match="No cancer type has 2 tumours and 2 lines"):
        as_origins(x, is_line, np.where(is_line, "line", "tumour"))
    with pytest.raises(ValueError, match="`is_line` must have one label per sample"):
        as_origins(x, is_line[:-1], cancer_type)
    x[3, 4] = np.nan
    with pytest.raises(ValueError, match="must be finite; 1 of"):
        as_origins(x, is_line, cancer_type)


def test_distances_equal_scipy_far_from_the_origin(paired):
    x = paired()[0].astype(float) + 1000
    np.testing.assert_allclose(distances(x), cdist(x, x), atol=1e-6)


def test_distances_keep_their_precision_far_from_the_origin():
    x = np.random.default_rng(0).normal(size=(30, 5))
    np.testing.assert_allclose(distances(x + 1e7), cdist(x, x), atol=1e-6)
