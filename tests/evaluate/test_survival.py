import numpy as np
import pandas as pd
import pytest

from helpers.evaluate.survival import (
    clinical_covariates,
    harrell_c,
    latent_concordance,
    ridge_cox,
    stage_number,
    with_follow_up,
)


def patients(seed, n=400, effect=1.0, n_dims=4, types=("BRCA",)):
    """Exponential survival that depends on the first latent dimension and on age."""
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, n_dims))
    age = rng.normal(60, 10, n)
    time = rng.exponential(1000 * np.exp(-effect * z[:, 0] - 0.03 * (age - 60)))
    censored = rng.exponential(2000, n)
    obs = pd.DataFrame({"cancer_type": rng.choice(types, n), "age": age})
    obs["os_time"], obs["os_event"] = np.minimum(time, censored), time < censored
    obs["sex"] = rng.choice(["male", "female"], n)
    return z, obs


def harrell(time, event, risk):
    """Concordance by a loop over pairs whose earlier time is an event."""
    agree = comparable = 0.0
    for i in np.flatnonzero(event):
        later = time > time[i]
        comparable += later.sum()
        agree += (risk[i] > risk[later]).sum() + 0.5 * (risk[i] == risk[later]).sum()
    return agree / comparable


def scores(train, test, **options):
    return latent_concordance(*train, *test, **options).set_index(["cancer_type", "variant"])


def test_an_informative_latent_is_found_and_its_shuffle_is_not():
    table = scores(patients(0), patients(1))["c_index"].loc["BRCA"]
    assert table["latent"] > 0.7
    assert 0.53 < table["clinical"] < 0.65
    assert table["both"] > table["latent"]
    assert abs(table["shuffled"] - 0.5) < 0.12


def test_noise_is_at_chance_held_out_but_not_in_sample():
    train, test = patients(0, 200, 0, 64), patients(1, 200, 0, 64)
    held_out = scores(train, test, penalizer=0.01)["c_index"]["BRCA", "latent"]
    in_sample = scores(train, train, penalizer=0.01)["c_index"]["BRCA", "latent"]
    assert abs(held_out - 0.5) < 0.08
    assert in_sample > 0.65


def test_concordance_equals_a_loop_over_pairs():
    from lifelines import CoxPHFitter

    (train_z, train_obs), (test_z, test_obs) = patients(0, 150), patients(1, 80)
    frame = pd.DataFrame(train_z).join(train_obs[["os_time", "os_event"]])
    model = CoxPHFitter(penalizer=0.1).fit(frame, "os_time", "os_event")
    risk = model.predict_log_partial_hazard(pd.DataFrame(test_z)).to_numpy()
    expected = harrell(test_obs["os_time"].to_numpy(), test_obs["os_event"].to_numpy(), risk)
    found = scores((train_z, train_obs), (test_z, test_obs))["c_index"]["BRCA", "latent"]
    assert found == pytest.approx(expected)


def test_types_are_scored_apart_and_few_events_are_a_reason():
    train, test = patients(0, types=("BRCA", "LAML")), patients(1, types=("BRCA", "LAML"))
    train[1].loc[train[1]["cancer_type"] == "LAML", "os_event"] = False
    table = scores(train, test)
    assert len(table) == 8
    assert table.loc["BRCA", "c_index"].notna().all()
    assert table.loc["LAML", "c_index"].isna().all()
    assert table.loc[("LAML", "latent"), "reason"] == "0 training events, fewer than 20"
    few = scores(train, (test[0][:8], test[1][:8]), min_test_events=9)
    assert few["reason"].str.contains("held-out events, fewer than 9").any()


def test_counts_are_those_of_the_held_out_patients():
    train, test = patients(0), patients(1)
    row = scores(train, test).loc["BRCA", :].loc["latent"]
    assert (row["n_test"], row["n_train"]) == (400, 400)
    assert row["n_events"] == test[1]["os_event"].sum()


def test_unusable_times_are_dropped_and_counted():
    train, test = patients(0), patients(1)
    train[1].loc[:4, "os_time"] = [0, -1, np.nan, 10, 10]
    train[1]["os_event"] = train[1]["os_event"].astype(float)
    train[1].loc[3, "os_event"] = np.nan
    table = latent_concordance(*train, *test)
    assert table.attrs["n_dropped"] == 4
    assert table["n_train"].iloc[0] == 396


def test_without_survival_the_table_is_empty_and_says_why():
    z, obs = patients(0)
    table = latent_concordance(z, obs.drop(columns="os_time"), z, obs)
    assert table.empty
    assert "c_index" in table
    assert table.attrs["reason"] == "the cohort has no os_time"


def test_failures_are_recorded_not_raised():
    z, obs = patients(0)
    bare = obs.drop(columns=["age", "sex"])
    constant = latent_concordance(np.ones_like(z), bare, np.ones_like(z), bare)
    assert constant["c_index"].isna().all()
    assert (constant["reason"] == "no covariate varies").all()
    all_at_once = obs.assign(os_time=100.0, os_event=1)
    tied = latent_concordance(z, obs, z, all_at_once)
    assert (tied["c_index"].isna() == (tied["reason"] != "")).all()
    with pytest.raises(ValueError, match="400 samples, `test_z` has 399 rows"):
        latent_concordance(z, obs, z[1:], obs)


def test_stages_become_numbers():
    stages = ["Stage I", "Stage IIB", "Stage IIIC1", "IV", "Stage IVA", "Stage 0", "Stage X", None]
    stages += ["I/II NOS", "[Not Available]"]
    expected = [1, 2, 3, 4, 4, 0, np.nan, np.nan, np.nan, np.nan]
    np.testing.assert_array_equal(stage_number(pd.Series(stages)), expected)
    assert stage_number(pd.Series([1, 3])).tolist() == [1, 3]


def test_clinical_gaps_take_the_training_median():
    train = pd.DataFrame({"age": [40, 60, np.nan], "sex": ["female"] * 3, "stage": [None] * 3})
    test = pd.DataFrame({"age": [np.nan, 80], "sex": ["male", "female"], "stage": ["Stage I"] * 2})
    first, second = clinical_covariates(train, test)
    assert list(first) == ["age"]
    assert first["age"].tolist() == [40, 60, 50]
    assert second["age"].tolist() == [50, 80]
    first, second = clinical_covariates(train, test.drop(columns="age"))
    assert first.empty and second.empty and len(second) == 2


def covariates(seed, n=200):
    z, obs = patients(seed, n)
    return pd.DataFrame(z), obs.astype({"os_event": float})


def test_one_model_has_as_many_scores_as_are_asked():
    (fit_x, train), (score_x, test) = covariates(0), covariates(1)
    asked = {"c_index": harrell_c, "spread": lambda risk, obs: float(np.ptp(risk))}
    found = ridge_cox(fit_x, score_x, train, test, 0.1, asked)
    assert list(found) == ["c_index", "spread", "reason"] and found["reason"] == ""
    expected = harrell(*test[["os_time", "os_event"]].to_numpy().T, score_x[0].to_numpy())
    assert found["c_index"] == pytest.approx(expected, abs=0.05)
    assert ridge_cox(fit_x, score_x, train, test, 0.1)["c_index"] == found["c_index"]
    stiff = ridge_cox(fit_x, score_x, train, test, 10.0, asked)
    assert stiff["spread"] < found["spread"]


def test_a_score_that_fails_is_a_reason_and_those_before_it_stay():
    def fails(risk, obs):
        raise ValueError("no pair\nof patients")

    (fit_x, train), (score_x, test) = covariates(0), covariates(1)
    asked = {"c_index": harrell_c, "other": fails}
    found = ridge_cox(fit_x, score_x, train, test, 0.1, asked)
    assert found["c_index"] > 0.5 and np.isnan(found["other"])
    assert found["reason"] == "ValueError: no pair"
    bare = ridge_cox(fit_x[[]], score_x[[]], train, test, 0.1, asked)
    assert np.isnan(bare["c_index"]) and bare["reason"] == "no covariate varies"


def test_follow_up_needs_a_time_above_0_and_an_event():
    obs = pd.DataFrame(
        {"os_time": ["12", 0, None, 5, 5, -1], "os_event": [1, 1, 0, "0", None, 0], "age": 50}
    )
    followed, is_known = with_follow_up(obs)
    assert is_known.tolist() == [True, False, False, True, False, False]
    assert followed.loc[is_known, "os_time"].tolist() == [12.0, 5.0]
    assert list(followed) == list(obs) and obs["os_time"][0] == "12", (
        "the table given is not changed"
    )
