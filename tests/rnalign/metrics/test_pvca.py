import tracemalloc

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.decomposition import PCA

from helpers.rnalign.metrics.pvca import (
    principal_components,
    pvca,
    pvca_overall,
    two_group_components,
    variance_shares,
)


def mixed_model(y, effects):
    """statsmodels' REML with crossed random effects; a single group holds all samples.

    Its optimisers stop short now and then, so the best of three counts.
    """
    data = pd.DataFrame({name: np.asarray(levels).astype(str) for name, levels in effects.items()})
    formula = {name: f"0 + C({name})" for name in data}
    model = sm.MixedLM.from_formula(
        "y ~ 1", data.assign(y=y), groups=np.ones(len(y)), vc_formula=formula
    )
    fits = [model.fit(reml=True, method=method) for method in ("lbfgs", "powell", "nm")]
    found = max(fits, key=lambda fit: fit.llf)
    return {**dict(zip(model.exog_vc.names, found.vcomp, strict=True)), "residual": found.scale}


def two_groups(seed, n_first, n_second, gap):
    y = np.random.default_rng(seed).normal(size=n_first + n_second)
    is_line = np.arange(len(y)) >= n_first
    return y + gap * is_line, is_line


@pytest.mark.parametrize("sizes", [(30, 30), (50, 8), (7, 90)])
@pytest.mark.parametrize("gap", [0.8, 3])
@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_the_closed_form_of_two_groups_is_the_mixed_model(sizes, gap):
    y, is_line = two_groups(1, *sizes, gap)
    between, within = two_group_components(y[:, None], is_line)
    expected = mixed_model(y, {"origin": is_line})
    assert between[0] == pytest.approx(expected["origin"], rel=0.02)
    assert within[0] == pytest.approx(expected["residual"], rel=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999), st.integers(3, 40), st.integers(3, 40), st.floats(0, 4))
def test_the_closed_form_is_the_maximum_of_the_general_likelihood(seed, n_first, n_second, gap):
    y, is_line = two_groups(seed, n_first, n_second, gap)
    between, within = two_group_components(y[:, None], is_line)
    shares = variance_shares(y, {"origin": is_line})
    expected = between[0] / (between[0] + within[0])
    assert shares["origin"] == pytest.approx(expected, abs=2e-3)


@pytest.mark.filterwarnings("ignore::statsmodels.tools.sm_exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_three_crossed_effects_are_the_mixed_model():
    rng = np.random.default_rng(3)
    names = rng.choice(list("abcdef"), 240, p=[0.3, 0.3, 0.1, 0.1, 0.1, 0.1])
    is_line = rng.random(240) < 0.4
    cells = np.char.add(names, is_line.astype(str))
    type_effect = dict(zip("abcdef", rng.normal(size=6), strict=True))
    cell_effect = {cell: 0.7 * rng.normal() for cell in np.unique(cells)}
    y = np.array([type_effect[name] for name in names]) + 2 * is_line + 0.5 * rng.normal(size=240)
    y += [cell_effect[cell] for cell in cells]
    effects = {"origin": is_line, "cancer_type": names, "interaction": cells}
    expected = mixed_model(y, effects)
    total = sum(expected.values())
    for name, share in variance_shares(y, effects).items():
        assert share == pytest.approx(expected[name] / total, abs=0.01), name


def test_shares_without_an_effect_are_residual():
    rng = np.random.default_rng(0)
    effects = {"origin": np.arange(400) % 2, "cancer_type": np.arange(400) // 80}
    noise = variance_shares(rng.normal(size=400), effects)
    assert noise["residual"] > 0.95 and sum(noise.values()) == pytest.approx(1)
    assert variance_shares(np.ones(400), effects)["residual"] == 1
    exact = variance_shares(np.arange(400) % 2, effects)
    assert exact["origin"] > 0.999
    with pytest.raises(ValueError, match="need replicates: 5 samples have 5"):
        variance_shares(np.arange(5.0), {"cancer_type": list("abcde")})


def test_components_are_those_of_pca_where_samples_weigh_alike():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 6)) @ rng.normal(size=(6, 200))
    unit = x - x.mean(0)
    unit -= unit.mean(1, keepdims=True)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    found, weights, kept = principal_components(x, threshold=0.9)
    values = np.linalg.svd(unit, compute_uv=False) ** 2
    share = values / values.sum()
    n = int((share.cumsum() < 0.9).sum()) + 1
    assert len(weights) == max(3, n) and found.shape == (30, len(weights))
    np.testing.assert_allclose(weights, share[:n] / share[:n].sum())
    assert kept == pytest.approx(share[:n].sum()) and kept >= 0.9
    near = PCA(3).fit_transform(unit)
    assert np.abs(np.corrcoef(near[:, 0], found[:, 0])[0, 1]) > 0.99


def test_three_components_are_kept_where_one_would_reach_the_threshold():
    rng = np.random.default_rng(0)
    x = np.outer(rng.normal(size=30), rng.normal(size=40)) + 0.1 * rng.normal(size=(30, 40))
    found, weights, kept = principal_components(x, threshold=0.6)
    assert weights[0] * kept > 0.6 and found.shape == (30, 3)


def test_a_rank_below_three_keeps_what_there_is():
    x = np.outer(np.random.default_rng(0).normal(size=20), np.arange(9.0))
    found, weights, kept = principal_components(x)
    assert found.shape[1] == len(weights) <= 2 and kept == pytest.approx(1)
    assert principal_components(np.ones((5, 4)))[0].shape == (5, 1)
    with pytest.raises(ValueError, match=r"\(0, 1\]; got 60"):
        principal_components(x, threshold=60)


def test_more_samples_than_genes_have_the_components_of_their_correlations():
    x = np.random.default_rng(0).normal(size=(40, 9)) + np.arange(9)
    components, weights, kept = principal_components(x, 0.9)
    values, vectors = np.linalg.eigh(np.corrcoef(x - x.mean(axis=0)))
    expected = vectors[:, ::-1][:, : len(weights)]
    np.testing.assert_allclose(np.abs((components * expected).sum(axis=0)), 1, atol=1e-9)
    np.testing.assert_allclose(weights * kept, values[::-1][: len(weights)] / 40, atol=1e-12)


def test_no_matrix_of_all_samples_by_all_samples_is_made():
    peaks = {}
    for n in (1000, 2000, 4000):
        x = np.random.default_rng(0).normal(size=(n, 20))
        tracemalloc.start()
        principal_components(x)
        peaks[n] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peaks[4000] < 2.5 * peaks[2000] < 6.25 * peaks[1000]


def test_the_likelihood_has_no_larger_value_nearby():
    """Differences once stopped 1 below the maximum: no step of 1 % in any direction gains."""
    rng = np.random.default_rng(3)
    levels = rng.integers(0, 6, 240), rng.integers(0, 2, 240)
    effects = {"type": levels[0], "origin": levels[1], "both": 2 * levels[0] + levels[1]}
    y = rng.normal(size=6)[levels[0]] + rng.normal(size=12)[effects["both"]] + rng.normal(size=240)
    shares = variance_shares(y, effects)
    best = np.array([shares[name] for name in effects]) / shares["residual"]

    def deviance(ratio):
        """Of the whole covariance of all samples, without cells."""
        covariance = np.eye(240) + sum(
            r * (level[:, None] == level) for r, level in zip(ratio, effects.values(), strict=True)
        )
        inverse = np.linalg.inv(covariance)
        left = y - (inverse @ y).sum() / inverse.sum()
        squares = left @ inverse @ left
        return 239 * np.log(squares) + np.linalg.slogdet(covariance)[1] + np.log(inverse.sum())

    at_best = deviance(best)
    for step in rng.normal(size=(20, 3)):
        assert deviance(best * np.exp(0.01 * step)) > at_best - 1e-6


def test_the_share_follows_the_shift(paired):
    shares = [pvca(*paired(shift))["origin"].median() for shift in (0, 1, 2, 4)]
    assert shares == sorted(shares)
    assert shares[0] < 0.05 and shares[-1] > 0.8
    table = pvca(*paired(1))
    assert table["n"].to_dict() == {"brain": 60, "eye": 45, "kidney": 45}
    assert (table["kept"] >= 0.6).all() and (table["n_components"] >= 3).all()


def test_constant_data_has_no_share(paired):
    x, is_line, names = paired()
    assert (pvca(np.zeros_like(x), is_line, names)["origin"] == 0).all()


def test_a_rotation_of_centred_genes_changes_nothing(paired):
    x, is_line, names = paired(1)
    # Rotations that keep the sum over genes keep the correlation between samples.
    basis = np.linalg.qr(np.column_stack([np.ones(40), np.eye(40)[:, 1:]]))[0]
    turn = np.eye(40)
    turn[1:, 1:] = ortho_group.rvs(39, random_state=0)
    turned = x @ (basis @ turn @ basis.T)
    np.testing.assert_allclose(
        pvca(turned, is_line, names)["origin"], pvca(x, is_line, names)["origin"], atol=1e-4
    )


def test_bootstrap_intervals_are_seeded_and_tell_apart_from_mixed(paired):
    apart, mixed = (pvca(*paired(shift), n_bootstrap=40) for shift in (2, 0))
    assert (apart["low"] < apart["high"]).all() and (mixed["low"] < mixed["high"]).any()
    assert (apart["low"] > mixed["high"]).all()
    assert apart.equals(pvca(*paired(2), n_bootstrap=40))


def test_overall_shares_sum_to_one_and_find_the_factor(paired):
    shares = pvca_overall(*paired(2))
    parts = ["origin", "cancer_type", "interaction", "residual"]
    assert shares[parts].sum() == pytest.approx(1)
    assert shares["origin"] > 0.4 and shares["interaction"] < 0.1
    assert pvca_overall(*paired(0))["origin"] < 0.05
    x, is_line, names = paired(0)
    rng = np.random.default_rng(9)
    for name in np.unique(names):  # a culture effect of its own in every type
        x[is_line & (names == name)] += 2 * rng.normal(size=x.shape[1])
    own = pvca_overall(x, is_line, names)
    assert own["interaction"] > 0.14 > 0.02 > shares["interaction"]
    assert own["origin"] < shares["origin"] / 2
    assert own["n"] == len(x) and own["n_components"] >= 3
