"""demo-rnalign: the planted truth is in the data, and recomputed from it without the simulator."""

import time

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from helpers.cohorts.checks import check_alignment
from helpers.rnalign.samples import select_alignment
from helpers.rnalign.simulation import TYPES, UNLIKE_TYPE, simulate_rnalign


@pytest.fixture(scope="module")
def cohort():
    return simulate_rnalign(0)


@pytest.fixture(scope="module")
def sides(cohort):
    is_line = (cohort.obs["sample_type"] == "cell line").to_numpy()
    return is_line, cohort.obs["cancer_type"].to_numpy()


def linear(log_cpm):
    return 2.0 ** log_cpm.astype(float) - 1


def match(x, is_line, types, k=25):
    nearest = np.argsort(-np.corrcoef(x)[np.ix_(is_line, ~is_line)], axis=1)[:, :k]
    majority = [pd.Series(types[~is_line][row]).mode()[0] for row in nearest]
    return pd.Series(majority == types[is_line], types[is_line])


def centred(x, is_line):
    return np.where(is_line[:, None], x - x[is_line].mean(0), x - x[~is_line].mean(0))


def test_size_and_contract(cohort, sides):
    is_line, types = sides
    assert cohort.shape == (1250, 600) and cohort.X.dtype == np.float32
    assert (is_line.sum(), (~is_line).sum()) == (350, 900)
    assert np.isfinite(cohort.X).all() and cohort.X.min() >= 0
    check_alignment(cohort)
    for name, (n_tumours, n_lines, _) in TYPES.items():
        assert (types[~is_line] == name).sum() == n_tumours
        assert (types[is_line] == name).sum() == n_lines
    assert select_alignment(cohort).n_obs == 1250
    assert select_alignment(cohort).uns["scored_types"] == sorted(TYPES)


def test_takes_at_most_3_seconds():
    start = time.process_time()
    simulate_rnalign(7)
    assert time.process_time() - start <= 3


def test_follows_its_seed(cohort):
    again, other = simulate_rnalign(0), simulate_rnalign(1)
    np.testing.assert_array_equal(cohort.X, again.X)
    assert not np.array_equal(cohort.X, other.X)


def test_survives_a_file(cohort, tmp_path):
    cohort.copy().write_h5ad(tmp_path / "demo.h5ad")
    back = anndata.read_h5ad(tmp_path / "demo.h5ad")
    np.testing.assert_array_equal(back.layers["aligned"], cohort.layers["aligned"])
    assert list(back.uns["truth"]["culture_genes"]) == cohort.uns["truth"]["culture_genes"]
    assert back.uns["truth"]["unlike_type"] == UNLIKE_TYPE


def test_every_subtype_is_in_tumours_and_lines(cohort, sides):
    is_line, types = sides
    for name, subtypes in cohort.uns["truth"]["subtypes"].items():
        assert len(subtypes) in (2, 3)
        for side in (is_line, ~is_line):
            assert set(cohort.obs["subtype"][side & (types == name)]) == set(subtypes)


def test_a_line_is_its_own_aligned_profile(cohort, sides):
    is_line, _ = sides
    layers = cohort.layers
    np.testing.assert_array_equal(layers["aligned"][is_line], layers["expected"][is_line])
    assert np.abs(layers["aligned"][~is_line] - layers["expected"][~is_line]).mean() > 0.3


def test_noise_is_around_the_expected_profile(cohort):
    share = linear(cohort.layers["expected"])
    is_abundant = share > 100
    ratio = linear(cohort.X)[is_abundant] / share[is_abundant]
    assert ratio.mean() == pytest.approx(1, abs=0.03)
    assert ratio.var() == pytest.approx(0.08, abs=0.03)


def test_observed_purity_is_the_truth_with_a_small_error(cohort, sides):
    is_line, types = sides
    error = (cohort.obs["purity"] - cohort.obs["true_purity"])[~is_line]
    assert error.std() == pytest.approx(0.05, abs=0.01) and abs(error.mean()) < 0.01
    assert cohort.obs["purity"].between(0.05, 1).all()
    assert (cohort.obs["purity"][is_line] == 1).all()
    for name, (_, _, mean) in TYPES.items():
        found = cohort.obs["true_purity"][~is_line & (types == name)]
        assert found.mean() == pytest.approx(mean, abs=0.07)


def test_mixing_is_linear_in_purity_and_not_in_its_logarithm(cohort, sides):
    """Stroma genes fall on a line with purity within a type, in abundance and not in log2."""
    is_line, types = sides
    stroma = cohort.uns["truth"]["stroma_genes"]
    for name in ("GLAND", "TWIN_A"):
        chosen = ~is_line & (types == name)
        purity = cohort.obs["true_purity"][chosen]
        total = linear(cohort[chosen, stroma["fibroblast"] + stroma["immune"]].layers["expected"])
        assert spearmanr(purity, total.sum(axis=1)).statistic < -0.6
        other = linear(cohort[chosen].layers["aligned"])
        genes = cohort.var_names.isin(stroma["fibroblast"] + stroma["immune"])
        assert abs(spearmanr(purity, other[:, genes].sum(axis=1)).statistic) < 0.3


def test_stroma_differs_between_patients_of_one_purity(cohort, sides):
    is_line, _ = sides
    impure = ~is_line & (cohort.obs["true_purity"] < 0.5).to_numpy()
    stroma = cohort.uns["truth"]["stroma_genes"]
    total = {
        cell: linear(cohort[impure, genes].layers["expected"]).sum(axis=1)
        for cell, genes in stroma.items()
    }
    share = total["immune"] / (total["immune"] + total["fibroblast"])
    assert share.std() > 0.05


def test_culture_is_the_mean_change_of_lines(cohort, sides):
    """Nearly pure tumours and the same cells in culture differ by the planted log2 change."""
    is_line, _ = sides
    pure = ~is_line & (cohort.obs["true_purity"] > 0.85).to_numpy()
    change = (cohort.layers["aligned"] - cohort.layers["expected"])[pure].mean(axis=0)
    planted = cohort.varm["culture"][:, 0]
    assert np.corrcoef(change, planted)[0, 1] > 0.85
    genes = cohort.uns["truth"]["culture_genes"]
    assert set(genes) == set(cohort.var_names[planted != 0])
    assert np.all(np.diff(planted[cohort.var_names.get_indexer(genes)]) >= 0)


def test_programs_move_with_their_activity_in_tumours_and_lines(cohort, sides):
    is_line, _ = sides
    activity = cohort.obsm["program_activity"]
    for i, genes in enumerate(cohort.uns["truth"]["gene_sets"].values()):
        for side in (is_line, ~is_line):
            score = cohort[side, genes].layers["aligned"].mean(axis=1)
            assert np.corrcoef(score, activity[side, i])[0, 1] > 0.5


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_is_hard_until_the_truth_is_known(seed):
    """A mean shift helps, the truth finds nearly every type but the one that cannot be found."""
    cohort = simulate_rnalign(seed)
    is_line = (cohort.obs["sample_type"] == "cell line").to_numpy()
    types = cohort.obs["cancer_type"].to_numpy()
    plain = match(cohort.X, is_line, types)
    shifted = match(centred(cohort.X, is_line), is_line, types)
    truth = np.where(is_line[:, None], cohort.X, cohort.layers["aligned"])
    known = match(truth, is_line, types)
    assert plain.mean() < 0.7 and shifted.mean() < 0.75
    assert known.drop(UNLIKE_TYPE).mean() > 0.95
    assert known[UNLIKE_TYPE].mean() < 0.35
