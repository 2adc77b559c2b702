"""Patients as numbers: which are followed, which features are which, who died of which subtype."""

import numpy as np
import pytest

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.vqvae_subtyping.profiles import prepare, subtype_overview


def test_features_are_split_by_kind_and_transformed_as_the_unit_asks(profiles):
    assert profiles.transform == "shifted_log"
    expected = ExpressionTransform("shifted_log").fit_transform(profiles.patients)
    np.testing.assert_array_equal(profiles.x, expected)
    views = profiles.views
    np.testing.assert_array_equal(views["gene"], profiles.table[profiles.genes])
    assert views["gene"].shape[1] + views["microRNA"].shape[1] == profiles.x.shape[1]
    assert all(name.startswith("G") for name in profiles.genes)
    assert profiles.common.shape == (200, 50)


def test_a_cohort_of_genes_alone_has_one_view_and_few_patients_few_components(profiles):
    genes = profiles.patients[:30, profiles.patients.var["feature_type"] == "gene"].copy()
    small = prepare(genes, "none", 0)
    assert set(small.views) == {"gene"} and small.is_gene.all()
    assert small.common.shape[1] <= 30 and small.transform == "none"


def test_only_patients_followed_and_of_a_known_subtype_are_tested_for_survival(profiles):
    obs = profiles.patients.obs
    unknown = (obs["subtype"] == "").sum()
    assert unknown and obs["os_time"].isna().sum() == 4
    assert not profiles.is_followed[:4].any()
    expected = obs["os_time"].notna() & (obs["subtype"] != "")
    np.testing.assert_array_equal(profiles.is_followed, expected)
    assert len(profiles.days) == len(profiles.died) == expected.sum()
    assert np.isfinite(profiles.days).all() and set(profiles.died) == {0, 1}


def test_a_time_without_its_end_is_no_follow_up(profiles):
    patients = profiles.patients.copy()
    patients.obs["os_event"] = patients.obs["os_event"].astype(float)
    whole = prepare(patients.copy(), "none", 0)
    first = np.flatnonzero(whole.is_followed)[0]
    patients.obs.iloc[first, patients.obs.columns.get_loc("os_event")] = np.nan
    without = prepare(patients, "none", 0)
    assert not without.is_followed[first]
    np.testing.assert_array_equal(without.days, whole.days[1:])
    np.testing.assert_array_equal(without.died, whole.died[1:])


def test_without_subtypes_everybody_followed_counts(profiles):
    patients = profiles.patients.copy()
    patients.obs["subtype"] = ""
    assert prepare(patients, "none", 0).is_followed.sum() == 196


def test_unknown_subtypes_are_shown_as_such_and_deaths_counted(profiles):
    shown = profiles.shown_subtype
    assert set(shown[profiles.subtype == ""]) == {"unknown"}
    overview = subtype_overview(profiles.patients)
    assert overview.index.name == "subtype" and overview["patients"].sum() == 200
    obs = profiles.patients.obs
    for name in ("A", "unknown"):
        rows = shown == name
        assert overview.loc[name, "patients"] == rows.sum()
        assert overview.loc[name, "deaths"] == (obs["os_event"][rows] == 1).sum()


def test_deaths_are_left_out_where_survival_is_not_known(profiles):
    patients = profiles.patients.copy()
    patients.obs["os_time"] = np.nan
    assert subtype_overview(patients).columns.tolist() == ["patients"]


def test_an_unknown_transform_is_refused(profiles):
    with pytest.raises(ValueError, match="squared"):
        prepare(profiles.patients, "squared", 0)
