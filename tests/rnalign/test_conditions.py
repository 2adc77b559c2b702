"""Label columns: what stands where, types without a column, purity checked."""

import numpy as np
import pytest
import torch

from helpers.rnalign.conditions import Conditions

FACTS = (["eye", "skin", "gut"], [False, True, False], [0.5, 1.0, 0.25])


def test_columns_are_types_origin_and_weighted_purity():
    labels = Conditions(("eye", "gut"), purity_multiplier=4.0, with_purity=True).encode(*FACTS)
    expected = [[1, 0, 1, 0, 2], [0, 0, 0, 1, 4], [0, 1, 1, 0, 1]]  # skin has no column
    torch.testing.assert_close(labels, torch.tensor(expected, dtype=torch.float32))


def test_purity_can_be_left_out():
    conditions = Conditions(("eye", "gut"), 4.0, with_purity=False)
    assert conditions.n_labels == conditions.encode(*FACTS).shape[1] == 4


def test_numpy_columns_are_welcome():
    labels = Conditions(("eye",), 1.0, with_purity=True).encode(*(np.array(part) for part in FACTS))
    assert labels.shape == (3, 4)


@pytest.mark.parametrize("purity", [[0.5, 1.1, 0.2], [0.5, float("nan"), 0.2]])
def test_purity_outside_its_range_is_named(purity):
    with pytest.raises(ValueError, match=r"`purity` must lie between 0 and 1; sample 1 has"):
        Conditions(("eye",), 1.0, with_purity=True).encode(*FACTS[:2], purity)


def test_parts_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="got 3, 3 and 1"):
        Conditions(("eye",), 1.0, with_purity=True).encode(*FACTS[:2], [1.0])
