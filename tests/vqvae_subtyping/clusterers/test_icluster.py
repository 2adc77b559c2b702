import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.metrics import adjusted_rand_score, roc_auc_score

from helpers.vqvae_subtyping.clusterers.icluster import _draw_latent, _draw_loadings, icluster


@pytest.fixture
def planted():
    """Four clusters of 200 samples; 60 of 150 genes and 10 of 60 microRNAs follow them."""
    rng = np.random.default_rng(0)
    cluster = rng.choice(4, 200, p=[0.4, 0.3, 0.2, 0.1])
    follows = {"gene": np.arange(150) < 60, "microRNA": np.arange(60) < 10}
    views = {
        name: rng.normal(size=(200, len(used))) + (rng.normal(size=(4, len(used))) * used)[cluster]
        for name, used in follows.items()
    }
    return views, cluster, follows


def test_planted_clusters_and_the_features_that_follow_them_are_found(planted):
    views, cluster, follows = planted
    found = icluster(views, 4, 0)
    assert adjusted_rand_score(cluster, found.labels) > 0.95
    assert found.latent.shape == (200, 3)
    for name, used in follows.items():
        assert roc_auc_score(used, found.inclusion[name]) > 0.95
        assert found.inclusion[name][~used].mean() < 0.15
        assert (found.inclusion[name] >= 0).all() and (found.inclusion[name] <= 1 + 1e-12).all()


def test_noise_features_are_left_out():
    rng = np.random.default_rng(1)
    noise = icluster({"gene": rng.normal(size=(200, 100))}, 3, 0)
    assert noise.inclusion["gene"].mean() < 0.35


def test_a_seed_gives_the_same_and_units_do_not_matter(planted):
    views, _, _ = planted
    found = icluster(views, 4, 3, n_burn_in=20, n_draws=20)
    again = icluster(views, 4, 3, n_burn_in=20, n_draws=20)
    np.testing.assert_array_equal(found.latent, again.latent)
    scaled = {name: 100 * x + 5 for name, x in views.items()}
    again = icluster(scaled, 4, 3, n_burn_in=20, n_draws=20)
    assert adjusted_rand_score(found.labels, again.labels) == 1


def test_scales_within_a_view_count_so_principal_components_do_as_well(planted):
    """Whitened, the same components have nothing in common and nothing is found."""
    views, cluster, _ = planted
    x = views["gene"] - views["gene"].mean(axis=0)
    left, size, _ = np.linalg.svd(x, full_matrices=False)
    scores = [icluster({"z": z[:, :40]}, 4, 0).labels for z in (left * size, left)]
    components, white = (adjusted_rand_score(cluster, labels) for labels in scores)
    assert components > 0.9 and white < 0.5


def test_constant_features_are_never_included(planted):
    x = planted[0]["gene"].copy()
    x[:, 3] = 7
    found = icluster({"gene": x}, 4, 0, n_burn_in=20, n_draws=20)
    assert found.inclusion["gene"].shape == (150,)
    assert found.inclusion["gene"][3] == 0
    assert np.isfinite(found.latent).all()


def loadings(seed=0, n=40):
    rng = np.random.default_rng(seed)
    z, noise = rng.normal(size=(n, 2)), np.array([0.7])
    x = z @ np.array([[0.25], [-0.1]]) + np.sqrt(noise) * rng.normal(size=(n, 1))
    return x, z, noise, rng


def test_the_inclusion_odds_are_the_ratio_of_marginal_likelihoods():
    x, z, noise, rng = loadings()
    slab = 0.5
    covariance = noise * np.eye(40)
    with_beta = multivariate_normal(np.zeros(40), covariance + slab * z @ z.T).logpdf(x[:, 0])
    without = multivariate_normal(np.zeros(40), covariance).logpdf(x[:, 0])
    odds = with_beta - without - 0.4
    many = np.repeat(x, 20_000, axis=1)
    cross, gram, prior = many.T @ z, z.T @ z, np.full(20_000, -0.4)
    gamma, _ = _draw_loadings(cross, gram, np.repeat(noise, 20_000), prior, slab, rng)
    assert gamma.mean() == pytest.approx(1 / (1 + np.exp(-odds)), abs=0.015)


def test_loadings_have_the_posterior_of_bayesian_regression():
    x, z, noise, rng = loadings()
    precision = z.T @ z / noise + np.eye(2) / 0.5
    mean = np.linalg.solve(precision, z.T @ x[:, 0] / noise)
    many = np.repeat(x, 20_000, axis=1)
    always = np.full(20_000, 1e9)
    _, beta = _draw_loadings(many.T @ z, z.T @ z, np.repeat(noise, 20_000), always, 0.5, rng)
    np.testing.assert_allclose(beta.mean(axis=0), mean, atol=0.01)
    np.testing.assert_allclose(np.cov(beta.T), np.linalg.inv(precision), atol=0.002)


def test_latents_have_the_posterior_of_factor_analysis():
    rng = np.random.default_rng(2)
    beta, noise = rng.normal(size=(6, 2)), rng.uniform(0.5, 1.5, 6)
    row = rng.normal(size=6)
    x = np.vstack([np.repeat(row[None], 20_000, axis=0), np.repeat(-row[None], 20_000, axis=0)])
    z = _draw_latent(x, beta, noise, rng)[:20_000]
    precision = np.eye(2) + (beta / noise[:, None]).T @ beta
    mean = np.linalg.solve(precision, beta.T @ (row / noise))
    np.testing.assert_allclose(z.mean(axis=0), mean, atol=0.02)
    np.testing.assert_allclose(np.cov(z.T), np.linalg.inv(precision), atol=0.02)


def test_more_clusters_than_columns_and_two_clusters():
    x = np.random.default_rng(0).normal(size=(50, 3))
    assert icluster({"a": x}, 6, 0, n_burn_in=5, n_draws=5).latent.shape == (50, 3)
    assert icluster({"a": x}, 2, 0, n_burn_in=5, n_draws=5).latent.shape == (50, 1)


def test_bad_input_is_refused():
    x = np.random.default_rng(0).normal(size=(10, 3))
    with pytest.raises(ValueError, match="at least one kind of data"):
        icluster({}, 3, 0)
    with pytest.raises(ValueError, match=r"one row per sample: 10 samples, .* has 9 rows"):
        icluster({"a": x, "b": x[:9]}, 3, 0)
    with pytest.raises(ValueError, match="got 11 clusters of 10 samples"):
        icluster({"a": x}, 11, 0)
    with pytest.raises(ValueError, match="n_draws = 0"):
        icluster({"a": x}, 3, 0, n_draws=0)
    with pytest.raises(ValueError, match="every feature of every view is constant"):
        icluster({"a": np.ones((10, 3))}, 3, 0)
