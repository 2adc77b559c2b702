"""demo-subtypes: the planted truth is in the data, found by means other than the simulator's."""

import anndata
import numpy as np
import pytest
from scipy.stats import skew

from helpers.cohorts.expression_transform import ExpressionTransform, default_transform
from helpers.cohorts.tcga.subtype_cohorts import UNIT
from helpers.vqvae_subtyping.patients import select_subtyping
from helpers.vqvae_subtyping.required_data import check_subtyping, parts_of
from helpers.vqvae_subtyping.simulation import NUISANCE, SUBTYPES, simulate_subtypes


@pytest.fixture(scope="module")
def cohort():
    return simulate_subtypes(0)


@pytest.fixture(scope="module")
def values(cohort):
    """(standardised sample × feature, column by feature name)."""
    transform = ExpressionTransform(default_transform(cohort))
    x = transform.fit_transform(cohort)
    return x, {name: i for i, name in enumerate(transform.feature_names)}


def test_size_and_contract(cohort):
    assert cohort.shape == (400, 480) and cohort.X.dtype == np.float32
    assert np.isfinite(cohort.X).all() and cohort.uns["unit"] == UNIT
    assert cohort.var["feature_type"].value_counts().to_dict() == {"gene": 400, "microRNA": 80}
    sizes = {name: size for name, (size, _, _) in SUBTYPES.items()}
    assert cohort.obs["true_subtype"].value_counts().to_dict() == sizes
    assert (cohort.obs["subtype"] == "").sum() == 10
    known = cohort.obs["subtype"] != ""
    assert (cohort.obs["subtype"] == cohort.obs["true_subtype"])[known].all()
    chosen = select_subtyping(cohort)
    check_subtyping(chosen, 5)
    assert all(parts_of(chosen).values()) and chosen.shape == cohort.shape


def test_follows_its_seed(cohort):
    np.testing.assert_array_equal(cohort.X, simulate_subtypes(0).X)
    assert not np.array_equal(cohort.X, simulate_subtypes(1).X)


def test_survives_a_file(cohort, tmp_path):
    cohort.copy().write_h5ad(tmp_path / "demo.h5ad")
    truth = anndata.read_h5ad(tmp_path / "demo.h5ad").uns["truth"]
    assert np.asarray(truth["pairs"]).tolist() == cohort.uns["truth"]["pairs"]
    assert list(truth["gene_sets"]["SIM_CYCLE"]) == cohort.uns["truth"]["gene_sets"]["SIM_CYCLE"]


def test_genes_are_as_skewed_as_real_ones(cohort):
    x = cohort.X[:, :400].astype(float)
    assert np.median(skew(x, axis=0)) > 2
    assert x.max() > 10 and x.min() > -6


@pytest.mark.parametrize("seed", range(4))
def test_subtypes_are_found_once_the_skew_is_undone(seed):
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    cohort = simulate_subtypes(seed)
    found = {}
    for kind in ("shifted_log", "none"):
        x = ExpressionTransform(kind).fit_transform(cohort)
        labels = KMeans(5, n_init=10, random_state=0).fit_predict(x)
        found[kind] = adjusted_rand_score(cohort.obs["true_subtype"], labels)
    assert found["shifted_log"] > 0.95
    assert found["none"] <= found["shifted_log"] + 0.02


def test_hazards_are_in_the_survival(cohort):
    from lifelines import CoxPHFitter
    from lifelines.statistics import multivariate_logrank_test

    obs = cohort.obs
    assert obs["os_time"].min() > 0 and 0.4 < obs["os_event"].mean() < 0.8
    test = multivariate_logrank_test(obs["os_time"], obs["true_subtype"], obs["os_event"])
    assert test.p_value < 1e-8
    table = obs[["os_time", "os_event"]].copy()
    hazards = cohort.uns["truth"]["hazards"]
    for name in list(SUBTYPES)[1:]:
        table[name] = (obs["true_subtype"] == name).astype(float)
    fitted = CoxPHFitter().fit(table, "os_time", "os_event").params_
    planted = {name: hazards[name] - hazards["A"] for name in fitted.index}
    for name, value in planted.items():
        assert fitted[name] == pytest.approx(value, abs=0.6)


def test_programs_are_on_in_their_subtypes(cohort, values):
    x, column = values
    truth, subtype = cohort.uns["truth"], cohort.obs["true_subtype"].to_numpy()
    for program in truth["programs"]:
        genes = [column[g] for g in truth["gene_sets"][program] if g in column]
        score = x[:, genes].mean(axis=1)
        means = {name: score[subtype == name].mean() for name in SUBTYPES}
        on = {name for name, programs in truth["subtype_sets"].items() if program in programs}
        if program in NUISANCE:
            assert not on and np.ptp(list(means.values())) < 0.5
        else:
            assert min(means[n] for n in on) > max(means[n] for n in means if n not in on) + 0.3


def test_nuisance_programs_move_together_in_every_subtype(cohort, values):
    x, column = values
    activity = cohort.obsm["program_activity"]
    truth = cohort.uns["truth"]
    for i, program in enumerate(truth["programs"]):
        if program in NUISANCE:
            genes = [column[g] for g in truth["gene_sets"][program] if g in column]
            assert np.corrcoef(x[:, genes].mean(axis=1), activity[:, i])[0, 1] > 0.9


def test_planted_pairs_stand_out_among_the_supported(cohort, values):
    x, column = values
    truth = cohort.uns["truth"]
    pairs = {tuple(pair) for pair in truth["pairs"]}
    supported = [tuple(p) for p in truth["supported_pairs"] if p[0] in column and p[1] in column]
    assert len(pairs) == 45 and pairs <= {tuple(p) for p in truth["supported_pairs"]}
    assert len(truth["supported_pairs"]) == 90
    r = {(m, g): np.corrcoef(x[:, column[m]], x[:, column[g]])[0, 1] for m, g in supported}
    first = sorted(r, key=r.get)[: len(pairs & set(supported))]
    assert set(first) <= pairs


def test_targets_and_programs_do_not_share_genes(cohort):
    truth = cohort.uns["truth"]
    in_programs = {g for name in truth["programs"] for g in truth["gene_sets"][name]}
    assert not in_programs & {gene for _, gene in truth["pairs"]}
    assert len(truth["gene_sets"]) == len(truth["programs"]) + 10


def test_the_machine_shifts_micrornas(cohort):
    is_b = (cohort.obs["microrna_batch"] == "machine B").to_numpy()
    x = cohort.X[:, 400:].astype(float)
    gap = x[is_b].mean(axis=0) - x[~is_b].mean(axis=0)
    assert gap.std() == pytest.approx(0.6, abs=0.2)
