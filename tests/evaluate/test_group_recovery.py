"""Telling a subtype by a group of latents: planted, absent, too rare, unknown."""

import numpy as np
import pytest

from helpers.evaluate.group_recovery import subtype_auc

RNG = np.random.default_rng(0)
SUBTYPE = np.repeat(["a", "b", "c"], 60)
NOISE = RNG.normal(size=(180, 6))


def test_a_group_that_carries_a_subtype_tells_it_and_noise_does_not():
    carrying = NOISE[:, :3] + 3.0 * (SUBTYPE == "a")[:, None]
    found = subtype_auc({1: carrying, 2: NOISE}, SUBTYPE).set_index(["space", "subtype"])
    assert found.loc[(1, "a"), "auc"] > 0.98
    assert 0.3 < found.loc[(2, "a"), "auc"] < 0.7
    assert found.loc[(1, "a"), "n_latents"] == 3 and set(found["n"]) == {60}


def test_as_many_latents_as_patients_do_not_tell_what_is_not_there():
    wide = RNG.normal(size=(180, 300))  # in the sample itself they would tell anything
    assert (subtype_auc({1: wide}, SUBTYPE)["auc"] < 0.7).all()


def test_unknown_and_rare_subtypes_are_left_out():
    names = SUBTYPE.copy().astype(object)
    names[:30], names[60:] = "", "b"
    names[-4:] = "rare"
    found = subtype_auc({1: NOISE}, names)
    assert list(found["subtype"]) == ["a", "b"] and list(found["n"]) == [30, 116]
    assert subtype_auc({1: NOISE}, [""] * 180).empty
    assert subtype_auc({1: NOISE}, ["a"] * 180).empty


def test_another_number_of_subtypes_is_refused():
    with pytest.raises(ValueError, match="subtype"):
        subtype_auc({1: NOISE}, SUBTYPE[:-1])
