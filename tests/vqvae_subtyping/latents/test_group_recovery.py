"""Telling a subtype by a group of latents: planted, absent, too rare, unknown."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from helpers.vqvae_subtyping.latents.group_recovery import (
    best_auc,
    compare_with_random,
    group_spaces,
    random_group_auc,
    roc_auc,
    subtype_auc,
)
from helpers.vqvae_subtyping.latents.latent_groups import latent_groups, random_groups

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


def test_the_area_under_the_curve_is_scikit_learns_with_ties():
    rng = np.random.default_rng(1)
    scores, is_member = np.round(rng.normal(size=(3, 40)), 1), rng.random((3, 40)) < 0.3
    expected = [roc_auc_score(*row) for row in zip(is_member, scores, strict=True)]
    np.testing.assert_allclose(roc_auc(scores, is_member), expected, rtol=1e-12)


# Beside random groups


def spread_over_a_group(n=180, seed=0):
    """Three groups of six latents; those of one tell subtype a together and hardly one by one."""
    rng = np.random.default_rng(seed)
    group, sign = np.repeat([1, 2, 3], 6), np.tile([-1, 1], 9)
    latents = 2 * sign * rng.normal(size=(n, 3))[:, group - 1] + 0.7 * rng.normal(size=(n, 18))
    return latents + 0.6 * (SUBTYPE == "a")[:, None] * (group == 1)


def compared(latents):
    group = latent_groups(latents)["group"].to_numpy()
    told = subtype_auc(group_spaces(latents, group), SUBTYPE)
    return compare_with_random(told, random_group_auc(latents, group, SUBTYPE))


def test_groups_that_carry_a_subtype_together_beat_random_ones():
    found = compared(spread_over_a_group())
    assert found.loc["a", "best"] > found.loc["a", "random_mean"] + 0.05
    assert found.loc["a", "share_as_good"] == 0


def test_groups_of_noise_do_not():
    found = compared(RNG.normal(size=(180, 18)))
    assert (np.abs(found["best"] - found["random_mean"]) < 0.08).all()
    assert (found["share_as_good"] > 0).all()


def test_nor_do_groups_where_every_latent_tells_the_subtype():
    found = compared(RNG.normal(size=(180, 18)) + 2 * (SUBTYPE == "a")[:, None])
    assert found.loc["a", "best"] > 0.97 and found.loc["a", "random_mean"] > 0.97


def test_random_groups_are_scored_as_the_real_ones():
    latents, group = spread_over_a_group(), np.repeat([0, 1, 2, 3], [2, 9, 4, 3])
    drawn = random_group_auc(latents, group, SUBTYPE, n_draws=2, seed=3)
    assert drawn.shape == (2, 3) and drawn.equals(
        random_group_auc(latents, group, SUBTYPE, n_draws=2, seed=3)
    )
    for number, at_random in enumerate(random_groups(group, 2, seed=3)):
        spaces = {name: latents[:, at_random == name] for name in (1, 2, 3)}
        by_hand = subtype_auc(spaces, SUBTYPE, seed=3).groupby("subtype")["auc"].max()
        np.testing.assert_allclose(drawn.loc[number], by_hand)


def test_the_table_beside_random_groups():
    told = subtype_auc({"group 1": NOISE[:, :3], "group 2": NOISE[:, 3:]}, SUBTYPE)
    best = best_auc(told)
    assert best["a"] == told.loc[told["subtype"] == "a", "auc"].max()
    drawn = pd.DataFrame([best, best + 0.2, best - 0.1, best - 0.1])
    found = compare_with_random(told, drawn)
    assert list(found.columns) == ["best", "random_mean", "random_sd", "share_as_good"]
    np.testing.assert_allclose(found["share_as_good"], 0.5)
    np.testing.assert_allclose(found["random_mean"], best)
    np.testing.assert_allclose(found["random_sd"], np.std([0, 0.2, -0.1, -0.1], ddof=1))


def test_without_subtypes_the_table_is_empty():
    group = [1, 1, 2, 2, 3, 0]
    drawn = random_group_auc(NOISE, group, [""] * 180, n_draws=2)
    told = subtype_auc(group_spaces(NOISE, group), [""] * 180)
    assert drawn.shape == (2, 0) and compare_with_random(told, drawn).empty


def test_codes_of_several_dimensions_stay_together():
    codes = RNG.normal(size=(5, 3, 2))
    spaces = group_spaces(codes, [2, 0, 1])
    assert list(spaces) == ["group 1", "group 2"]
    np.testing.assert_array_equal(spaces["group 2"], codes[:, 0])
    with pytest.raises(ValueError, match=r"one value per latent.*\(5, 3, 2\).*2 values"):
        group_spaces(codes, [1, 2])
