import numpy as np
import pytest

from helpers.rnalign.rivals.origins import as_samples, as_types


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
