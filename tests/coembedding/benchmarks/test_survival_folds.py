import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from sklearn.decomposition import PCA

from helpers.coembedding.benchmarks import survival_folds as module
from helpers.coembedding.benchmarks.survival_folds import (
    COLUMNS,
    VARIANTS,
    sizes_up_to,
    survival_folds,
    survival_of_unseen,
)
from helpers.coembedding.benchmarks.uno_c import uno_c


def patients(n=240, effect=1.2, seed=0, n_dims=12):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, n_dims)) * np.linspace(3, 0.3, n_dims)
    types = rng.choice(["BRCA", "GBM"], n)
    age = rng.normal(60, 10, n)
    log_hazard = effect * z[:, 1] / z[:, 1].std() + 0.8 * (types == "GBM") + 0.03 * (age - 60)
    death, end = rng.exponential(1000 * np.exp(-log_hazard)), rng.exponential(2500, n)
    obs = pd.DataFrame({"patient": [f"p{i}" for i in range(n)], "cancer_type": types})
    obs["age"], obs["sex"] = age, rng.choice(["female", "male"], n)
    obs["os_time"], obs["os_event"] = np.minimum(death, end) + 1, (death <= end).astype(int)
    return z, obs


def means(table):
    return table.groupby("variant")["uno_c"].mean()


def test_an_informative_embedding_adds_to_the_clinic_and_its_shuffle_is_at_chance():
    table = survival_folds(*patients(), n_components=4)
    c = means(table)
    assert list(table) == COLUMNS and len(table) == 5 * len(VARIANTS)
    assert c["embedding"] > 0.65 and c["clinical"] > 0.55
    assert c["both"] > max(c["embedding"], c["clinical"])
    assert abs(c["shuffled"] - 0.5) < 0.1
    assert (table["reason"] == "").all()
    assert table.query("variant == 'clinical'")["n_test"].sum() == 240


def test_noise_is_at_chance():
    obs = patients()[1]
    noise = np.random.default_rng(1).normal(size=(240, 40))
    c = means(survival_folds(noise, obs, n_components=30, variants=("embedding",)))
    assert abs(c["embedding"] - 0.5) < 0.1


def test_the_number_of_components_is_chosen_inside_the_training_folds():
    z, obs = patients()
    table = survival_folds(z, obs, n_components=(1, 4), variants=("embedding", "clinical"))
    chosen = table.query("variant == 'embedding'")["n_components"]
    assert set(chosen) == {4}, "the second component tells survival"
    assert set(table.query("variant == 'clinical'")["n_components"]) == {0}
    one = survival_folds(z, obs, n_components=1, variants=("embedding",))
    assert means(one)["embedding"] < means(table)["embedding"] - 0.05


def test_tau_comes_from_the_training_deaths():
    z, obs = patients()
    table = survival_folds(z, obs, n_components=2, variants=("embedding",), tau_quantile=0.5)
    deaths = obs.loc[obs["os_event"] == 1, "os_time"]
    assert len(set(table["tau"])) > 1
    assert table["tau"].between(*deaths.quantile([0.4, 0.6])).all()
    assert table.attrs["tau_quantile"] == 0.5


def test_censoring_is_that_of_the_training_patients(monkeypatch):
    asked = []

    def remember(time, event, risk, tau, train_time, train_event):
        asked.append((set(time), set(train_time)))
        return uno_c(time, event, risk, tau, train_time, train_event)

    monkeypatch.setattr(module, "uno_c", remember)
    z, obs = patients()
    survival_folds(z, obs, n_components=4, variants=("embedding",))
    assert len(asked) == 5
    for tested, trained in asked:
        assert not tested & trained and tested | trained == set(obs["os_time"])


def test_copies_of_a_patient_stay_in_one_fold():
    obs = patients(120)[1]
    twice = pd.concat([obs, obs], ignore_index=True)
    rng = np.random.default_rng(0)
    identity = np.repeat(rng.normal(size=(1, 120, 60)), 2, axis=0).reshape(240, 60)
    honest = survival_folds(identity, twice, n_components=50, variants=("embedding",))
    parted = twice.assign(patient=[f"s{i}" for i in range(240)])
    leaky = survival_folds(identity, parted, n_components=50, variants=("embedding",))
    assert means(leaky)["embedding"] > means(honest)["embedding"] + 0.1


def test_unusable_follow_up_is_dropped_and_counted():
    z, obs = patients()
    obs.loc[:3, "os_time"] = [0, np.nan, -1, 5]
    table = survival_folds(z, obs, n_components=2, variants=("embedding",))
    assert table.attrs["n_dropped"] == 3
    assert table["n_test"].sum() == 237


def test_a_fit_that_fails_is_a_reason():
    z, obs = patients(60)
    short = obs.assign(os_time=np.where(obs["os_event"] == 1, 500.0, 400.0))
    table = survival_folds(z, short, n_components=2, variants=("embedding",))
    assert table["uno_c"].isna().all()
    assert table["reason"].str.contains("needs a death before tau").all()


def test_bad_input_is_named():
    z, obs = patients(60)
    with pytest.raises(ValueError, match=r"lacks the columns \['os_time'\]"):
        survival_folds(z, obs.drop(columns="os_time"))
    with pytest.raises(ValueError, match=r"have 0\. Lower n_folds"):
        survival_folds(z, obs.assign(os_event=0))
    with pytest.raises(ValueError, match=r"among .*'genome'"):
        survival_folds(z, obs, n_components=2, variants=("genome",))
    with pytest.raises(ValueError, match="60 samples, `z` has 59 rows"):
        survival_folds(z[1:], obs)


def unseen(n_components, variants=VARIANTS, shift=0.0, **changed):
    """Training patients of one draw, unseen ones of another; `shift` of the unseen embedding."""
    train, test = patients(seed=0), patients(n=150, seed=1)
    z, obs = (train[0], test[0] + shift), (train[1], test[1].assign(**changed))
    return survival_of_unseen(z, obs, n_components=n_components, variants=variants)


def test_patients_that_no_model_has_seen_are_ordered_by_their_embedding():
    c = unseen((1, 4))
    assert c["embedding"] > 0.65 and c["both"] > max(c["embedding"], c["clinical"])
    assert abs(c["shuffled"] - 0.5) < 0.15
    assert unseen(1)["embedding"] < c["embedding"] - 0.05, "the second component tells survival"


def test_c_of_unseen_patients_is_uno_c_of_a_cox_model_of_the_training_patients():
    """By hand: PCA and scale of the training patients, lifelines' ridge, the unseen ones' risks."""
    (train_z, train), (test_z, test) = patients(seed=0), patients(n=150, seed=1)
    pca = PCA(4, random_state=0).fit(train_z)
    scale = np.sqrt(pca.explained_variance_)
    frames = [pd.DataFrame(pca.transform(z) / scale) for z in (train_z, test_z)]
    facts = train[["os_time", "os_event"]].reset_index(drop=True)
    cox = CoxPHFitter(penalizer=0.1).fit(frames[0].join(facts), "os_time", "os_event")
    risk = cox.predict_log_partial_hazard(frames[1])
    tau = train.loc[train["os_event"] == 1, "os_time"].quantile(0.8)
    follow_up = test["os_time"], test["os_event"], risk, tau, train["os_time"], train["os_event"]
    assert unseen(4)["embedding"] == pytest.approx(uno_c(*follow_up), abs=0.005)


def test_nothing_of_the_unseen_patients_is_fitted():
    """A constant added to every unseen embedding moves every risk alike, and so changes no C."""
    assert unseen((2, 4), ("embedding",), shift=5.0) == pytest.approx(
        unseen((2, 4), ("embedding",))
    )


def test_sizes_that_compete_are_doubled_from_four():
    assert sizes_up_to(32) == (4, 8, 16, 32) and sizes_up_to(20) == (4, 8, 16)
    assert sizes_up_to(4) == (4,) and sizes_up_to(2) == (2,)
