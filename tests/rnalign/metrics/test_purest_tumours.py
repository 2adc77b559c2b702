"""The purest tumours of each type, and every line."""

import numpy as np
import pytest

from helpers.rnalign.metrics.purest_tumours import is_purest

PURITY = np.array([0.1, 0.2, 0.3, 0.9, 0.8, 0.7, 1.0])
LINE = np.array([False] * 6 + [True])
KIND = np.array(["gut"] * 3 + ["eye"] * 3 + ["gut"])


def test_a_third_of_each_type_and_all_lines():
    assert is_purest(PURITY, LINE, KIND).tolist() == [False, False, True, True, False, False, True]


def test_everything_when_the_share_is_one():
    assert is_purest(PURITY, LINE, KIND, 1.0).all()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="`share` must lie above 0"):
        is_purest(PURITY, LINE, KIND, 0.0)
    with pytest.raises(ValueError, match="got 7, 7 and 6"):
        is_purest(PURITY, LINE, KIND[1:])
