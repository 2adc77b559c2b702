import numpy as np
import pytest
from sklearn.linear_model import Ridge

from helpers.coembedding.embeddings.ridge import PENALTIES, RidgeCoembedding, fit_ridge


def linear(n=80, n_x=6, n_y=4, noise=0.1, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_x)) * np.linspace(1, 5, n_x) + 3
    return x, x @ rng.normal(size=(n_x, n_y)) + noise * rng.normal(size=(n, n_y)) - 2


def left_out_error(x, y, penalty):
    """Mean squared error of each sample by a ridge fitted on the others, scaled on all as here."""
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    errors = []
    for i in range(len(z)):
        others = np.arange(len(z)) != i
        model = Ridge(alpha=penalty).fit(z[others], y[others])
        errors.append((model.predict(z[[i]])[0] - y[i]) ** 2)
    return np.mean(errors)


def test_the_coefficients_solve_the_normal_equations():
    x, y = linear()
    model = fit_ridge(x, y, penalties=[3.0])
    z, centred = (x - x.mean(axis=0)) / x.std(axis=0), y - y.mean(axis=0)
    b = np.linalg.solve(z.T @ z + 3 * np.eye(6), z.T @ centred)
    np.testing.assert_allclose(model.predict(x), z @ b + y.mean(axis=0))


def test_the_penalty_has_the_least_left_out_error():
    x, y = linear(30, noise=20.0)
    model = fit_ridge(x, y)
    errors = [left_out_error(x, y, penalty) for penalty in PENALTIES]
    assert model[-1].alpha_ == PENALTIES[int(np.argmin(errors))]


def test_scale_counts_only_where_it_is_kept():
    x, y = linear()
    other = x * np.array([1, 1, 1, 1, 1, 1000.0])
    scaled = [fit_ridge(each, y, [10.0]).predict(each) for each in (x, other)]
    np.testing.assert_allclose(*scaled)
    kept = [fit_ridge(each, y, [10.0], standardise=False).predict(each) for each in (x, other)]
    assert np.abs(kept[0] - kept[1]).max() > 1e-3


def modalities(n=200, seed=0):
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, 5))
    rna = shared @ rng.normal(size=(5, 40)) + 0.2 * rng.normal(size=(n, 40)) + 6
    atac = shared @ rng.normal(size=(5, 30)) + 0.2 * rng.normal(size=(n, 30))
    return rna, atac


def test_held_out_donors_meet_and_shuffled_pairs_do_not():
    rna, atac = modalities()

    def closer(model):
        a, b = model.embed_rna(rna[150:]), model.embed_atac(atac[150:])
        distance = np.linalg.norm(a[:, None] - b[None], axis=2)
        return (distance < np.diag(distance)[:, None]).mean()

    assert closer(RidgeCoembedding(5).fit(rna[:150], rna[:100], atac[:100])) < 0.01
    wrong = np.random.default_rng(0).permutation(100)
    assert closer(RidgeCoembedding(5).fit(rna[:150], rna[:100], atac[wrong])) > 0.35


def test_imputation_goes_both_ways_in_the_unit_of_the_input():
    rna, atac = modalities()
    model = RidgeCoembedding(5).fit(rna[:150], rna[:150], atac[:150])
    for truth, imputed in (
        (rna[150:], model.impute_rna(atac[150:])),
        (atac[150:], model.impute_atac(rna[150:])),
    ):
        residual = ((truth - imputed) ** 2).sum() / ((truth - truth.mean(axis=0)) ** 2).sum()
        assert imputed.shape == truth.shape and residual < 0.1


def test_a_single_latent_dimension_keeps_its_shape():
    rna, atac = modalities()
    model = RidgeCoembedding(1).fit(rna, rna, atac)
    assert model.embed_rna(rna).shape == model.embed_atac(atac).shape == (200, 1)
    assert model.impute_atac(rna).shape == (200, 30)


def test_bad_input_is_named():
    x, y = linear()
    with pytest.raises(ValueError, match="penalties above 0"):
        fit_ridge(x, y, [0.0])
    with pytest.raises(ValueError, match="80 samples, `y` has 79 rows"):
        fit_ridge(x, y[1:])
    with pytest.raises(ValueError, match="got 0 with RNA and 0 with ATAC"):
        RidgeCoembedding().fit(x, x[:0], y[:0])
