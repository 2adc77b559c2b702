import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.pancan_vae.enrichment.latent_genes import (
    collapse_families,
    decoder_response,
    latent_correlation,
    permuted_samples,
    random_sets,
    task_table,
)

GENES = [f"gene{i}" for i in range(1000)]


def test_correlation_equals_scipy():
    rng = np.random.default_rng(0)
    z = pd.DataFrame(rng.normal(size=(50, 3)), columns=["z0", "z1", "z2"])
    x = pd.DataFrame(np.exp(rng.normal(size=(50, 4))), columns=list("abcd")).assign(flat=1.0)
    r = latent_correlation(z, x)
    assert r.loc["b", "z2"] == pytest.approx(stats.pearsonr(x["b"], z["z2"]).statistic)
    assert (r.loc["flat"] == 0).all()
    with pytest.raises(ValueError, match="50 samples, `x` has 49 rows"):
        latent_correlation(z, x[1:])


def test_response_of_a_linear_decoder_is_its_weights_in_sd():
    rng = np.random.default_rng(0)
    weights, z = rng.normal(size=(3, 5)), rng.normal(size=(400, 3)) * [1, 2, 0] + 4
    response = decoder_response(lambda z: z @ weights + 1, z, list("abcde"), step_sd=0.5)
    np.testing.assert_allclose(response, (weights * z.std(axis=0)[:, None]).T, atol=1e-12)
    assert (response[2] == 0).all()


def test_response_is_taken_about_the_mean_of_each_dimension():
    z = np.random.default_rng(0).normal(3, 2, size=(200, 2))
    response = decoder_response(lambda z: z**2, z, list("ab"), step_sd=1.0)
    expected = 4 * z.mean(axis=0) * z.std(axis=0)  # (m + s)² − (m − s)²
    np.testing.assert_allclose(np.diag(response), expected)


def test_response_sees_what_weights_do_not():
    z = np.random.default_rng(0).normal(size=(400, 2))
    response = decoder_response(lambda z: np.maximum(z[:, :1] - 10, 0), z)
    assert (response == 0).all(axis=None)
    with pytest.raises(ValueError, match="returns 1 features, got 2 names"):
        decoder_response(lambda z: z[:, :1], z, ["a", "b"])


def test_families_are_averaged():
    names = ["let-7a-1", "let-7a-2", "mir-21", "odd"]
    association = pd.DataFrame({"z0": [1.0, 3, 5, 7]}, index=names)
    family = {"let-7a-1": "let-7", "let-7a-2": "let-7", "mir-21": "mir-21"}
    assert collapse_families(association, family)["z0"].to_dict() == {"let-7": 2, "mir-21": 5}
    with pytest.raises(ValueError, match="'let-7a-1'; its first key is 'mir-1'"):
        collapse_families(association, {"mir-1": "mir-1"})


def test_task_table_takes_the_best_of_its_sets():
    rows = [("z0", "G2M", 2.0, 0.01), ("z1", "G2M", -3.0, 0.01), ("z1", "E2F", 2.5, 0.2)]
    table = pd.DataFrame(rows, columns=["dimension", "set", "nes", "fdr"]).assign(p=0.001)
    tasks = task_table(table, {"proliferation": ["G2M", "E2F"], "angiogenesis": ["ANGIO"]})
    best = tasks.loc["proliferation"]
    assert (best["set"], best["dimension"], best["n_dimensions"]) == ("G2M", "z1", 2)
    assert tasks.loc["angiogenesis", "n_sets"] == 0
    assert pd.isna(tasks.loc["angiogenesis", "nes"])


def test_random_sets_and_permuted_samples():
    sets = random_sets(GENES, [3, 5], 4, seed=1)
    assert [len(set(genes)) for genes in sets.values()] == [3, 5, 3, 5]
    assert sets == random_sets(GENES, [3, 5], 4, seed=1) != random_sets(GENES, [3, 5], 4, seed=2)
    with pytest.raises(ValueError, match="there are 1000"):
        random_sets(GENES, [1001], 1)
    z = np.arange(20.0).reshape(10, 2)
    assert sorted(map(tuple, permuted_samples(z))) == sorted(map(tuple, z))
