"""The one number by which a search chooses."""

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.metrics.misalignment import misalignment

PERFECT = {"delta_d_relative": 0.0, "delta_kbet": 0.0, "match_mean": 1.0, "r2_kept": 0.5}


def of(**changes):
    return float(misalignment(pd.DataFrame([PERFECT | changes])).iloc[0])


def test_nothing_is_left_to_wish_for_once_half_of_the_r2_is_kept():
    assert of() == of(r2_kept=0.9) == of(delta_kbet=-0.1) == 0


def test_each_part_counts_and_a_gap_below_zero_as_one_above():
    assert of(delta_d_relative=0.2) == of(delta_d_relative=-0.2) == pytest.approx(0.2)
    assert of(delta_kbet=0.3) == pytest.approx(0.3)
    assert of(match_mean=0.6) == pytest.approx(0.4)
    assert of(r2_kept=0.25) == pytest.approx(0.5)


def test_a_collapsed_decoder_is_as_bad_as_can_be_in_what_it_lacks():
    assert of(delta_d_relative=np.nan, r2_kept=np.nan) == 2
    assert of(delta_d_relative=7.0) == of(delta_d_relative=np.inf) == 1
