"""Age, sex and race taken out of both modalities, fitted on training donors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from helpers.coembedding.argument_groups import Preparation
from helpers.coembedding.donors.demographics import Demographics
from helpers.coembedding.donors.scaling import ModalityScaling
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.simulation import simulate_multiomics

RACES = ["WHITE", "ASIAN", "BLACK OR AFRICAN AMERICAN"]


def simulate(seed=0, n=200):
    rng = np.random.default_rng(seed)
    obs = pd.DataFrame(
        {
            "cancer_type": rng.choice(["A", "B", "C"], n),
            "batch": rng.choice(["x", "y"], n),
            "sex": rng.choice(["female", "male"], n),
            "race": rng.choice(RACES, n),
            "age": rng.normal(60, 10, n),
        },
        index=[f"S{i}" for i in range(n)],
    )
    x = rng.normal(8, 1, (n, 4)) + 0.08 * obs["age"].to_numpy()[:, None]
    x += (obs["sex"] == "male").to_numpy()[:, None] * 2
    x += obs["cancer_type"].map({"A": 0, "B": 3, "C": -2}).to_numpy()[:, None]
    return x + (obs["race"] == "ASIAN").to_numpy()[:, None], obs


@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_removed_is_the_linear_model_of_statsmodels(seed):
    x, obs = simulate(seed)
    train = slice(0, 150)
    scaling = ModalityScaling(batch="batch", demographics=True).fit(x[train], obs[train])
    assert scaling.removed_ == ["batch", "sex", "race", "age"]
    sums = pd.DataFrame(index=obs.index)
    for column, levels in {"batch": "xy", "sex": ("female", "male"), "race": sorted(RACES)}.items():
        for level in levels[:-1]:
            sums[level] = (obs[column] == level) * 1.0 - (obs[column] == levels[-1]) * 1.0
    sums["age"] = obs["age"] - obs["age"][train].mean()
    design = pd.get_dummies(obs["cancer_type"]).astype(float).join(sums)
    for j in range(x.shape[1]):
        model = sm.OLS(x[train, j], design[train]).fit()  # training donors alone
        expected = x[:, j] - sums.to_numpy() @ model.params[sums.columns].to_numpy()
        np.testing.assert_allclose(scaling.in_unit(x, obs)[:, j], expected, atol=1e-4)


def test_the_effect_is_gone_from_held_out_donors_and_the_cancer_type_is_not():
    x, obs = simulate(n=1200)
    scaling = ModalityScaling(demographics=True).fit(x[:800], obs[:800])
    found, rest = scaling.in_unit(x[800:], obs[800:]), obs[800:]
    is_male, is_b = (rest["sex"] == "male").to_numpy(), (rest["cancer_type"] == "B").to_numpy()
    is_a = (rest["cancer_type"] == "A").to_numpy()
    within = [found[is_a & is_male].mean() - found[is_a & ~is_male].mean()]
    assert abs(within[0]) < 0.3 and abs(np.corrcoef(found[is_a, 0], rest["age"][is_a])[0, 1]) < 0.25
    assert found[is_b].mean() - found[is_a].mean() == pytest.approx(3, abs=0.3)


def test_rare_groups_and_missing_facts_count_as_unknown():
    _, obs = simulate()
    obs.loc[obs.index[:3], "race"] = "AMERICAN INDIAN OR ALASKA NATIVE"
    obs.loc[obs.index[3:20], "race"] = None
    people = Demographics().fit(obs)
    assert people.groups_ == {"sex": ["female", "male"], "race": sorted(RACES)}
    assert set(people.table(obs)["race"][:20]) == {"unknown"}
    new = obs[:1].assign(race="MARTIAN", age="not known")
    assert people.table(new)["race"].tolist() == ["unknown"]
    assert np.isnan(people.table(new)["age"].iloc[0])


def test_columns_that_are_missing_or_alike_are_left_alone():
    _, obs = simulate()
    alike = obs.assign(sex="female", race=None, age=np.nan)
    assert Demographics().fit(alike).columns_ == []
    assert Demographics().fit(obs[["age"]]).columns_ == ["age"]
    x = np.random.default_rng(0).normal(size=(200, 3))
    plain = ModalityScaling().fit_transform(x, alike)
    np.testing.assert_array_equal(ModalityScaling(demographics=True).fit_transform(x, alike), plain)


def test_both_modalities_of_a_split_lose_them_and_only_if_asked():
    donors = simulate_multiomics(0)
    asked = Preparation(0.3, 0.5, quantile=False, matching="type", demographics=True)
    with_, without = (
        split_multiomics(donors, replace(asked, demographics=given), 0) for given in (True, False)
    )
    assert {"age", "sex"} <= set(with_.rna_scaling.removed_) & set(with_.atac_scaling.removed_)
    assert without.rna_scaling.removed_ == ["batch"] and without.atac_scaling.removed_ == []
    is_male = (with_.atac_obs["sex"] == "male").to_numpy()
    types = pd.get_dummies(with_.atac_obs["cancer_type"]).to_numpy(float)
    rest = is_male - types @ np.linalg.lstsq(types, is_male.astype(float), rcond=None)[0]
    seen = [np.abs(rest @ split.atac).max() for split in (with_, without)]
    assert seen[0] < 0.05 * seen[1]


def test_ten_training_donors_are_a_group_and_nine_are_not():
    for n, is_group in ((10, True), (9, False)):
        obs = pd.DataFrame({"race": ["WHITE"] * 40 + ["ASIAN"] * n})
        assert ("ASIAN" in Demographics().fit(obs).groups_.get("race", [])) == is_group
