import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers.evaluate.enrichment import (
    collapse_families,
    decoder_response,
    latent_correlation,
    permuted_dimensions,
    permuted_samples,
    prerank,
    random_sets,
    task_table,
)

GENES = [f"gene{i}" for i in range(1000)]


@pytest.fixture(scope="module")
def association():
    """Two dimensions of noise; "planted" rises along the first."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(rng.standard_normal((1000, 2)), index=GENES, columns=["z0", "z1"])
    table.loc[GENES[:40], "z0"] += 1.5
    return table


def running_sum(scores, members):
    """ES written out: walk down the ranking, step up at members, down elsewhere."""
    ranked = scores.sort_values(ascending=False)
    is_member = ranked.index.isin(members)
    up = np.where(is_member, ranked.abs(), 0) / ranked.abs()[is_member].sum()
    down = np.where(is_member, 0, 1) / (~is_member).sum()
    walk = np.cumsum(up - down)
    return walk[np.abs(walk).argmax()]


def permutation_p(scores, members, n_permutations=4000):
    """One-sided p from random sets of the same size, in numpy alone."""
    rng = np.random.default_rng(1)
    ranked = scores.sort_values(ascending=False)
    observed, null = running_sum(scores, members), []
    for _ in range(n_permutations):
        null.append(running_sum(ranked, rng.choice(ranked.index, len(members), replace=False)))
    same_sign = np.abs([es for es in null if np.sign(es) == np.sign(observed)])
    return (1 + (same_sign >= abs(observed)).sum()) / (1 + len(same_sign))


def test_correlation_equals_scipy():
    rng = np.random.default_rng(0)
    z = pd.DataFrame(rng.normal(size=(50, 3)), columns=["z0", "z1", "z2"])
    x = pd.DataFrame(np.exp(rng.normal(size=(50, 4))), columns=list("abcd")).assign(flat=1.0)
    for method, reference in [("pearson", stats.pearsonr), ("spearman", stats.spearmanr)]:
        r = latent_correlation(z, x, method)
        assert r.loc["b", "z2"] == pytest.approx(reference(x["b"], z["z2"]).statistic)
        assert (r.loc["flat"] == 0).all()
    with pytest.raises(ValueError, match='"pearson" or "spearman"'):
        latent_correlation(z, x, "kendall")
    with pytest.raises(ValueError, match="50 samples, `x` has 49 rows"):
        latent_correlation(z, x[1:])


def test_response_of_a_linear_decoder_is_its_weights_in_sd():
    rng = np.random.default_rng(0)
    weights, z = rng.normal(size=(3, 5)), rng.normal(size=(400, 3)) * [1, 2, 0] + 4
    response = decoder_response(lambda z: z @ weights + 1, z, list("abcde"), step_sd=0.5)
    np.testing.assert_allclose(response, (weights * z.std(axis=0)[:, None]).T, atol=1e-12)
    assert (response[2] == 0).all()


def test_response_sees_what_weights_do_not():
    z = np.random.default_rng(0).normal(size=(400, 2))
    response = decoder_response(lambda z: np.maximum(z[:, :1] - 10, 0), z)
    assert (response == 0).all(axis=None)
    with pytest.raises(ValueError, match="returns 1 features, got 2 names"):
        decoder_response(lambda z: z[:, :1], z, ["a", "b"])


def test_es_equals_the_running_sum(association):
    sets = random_sets(GENES, [12, 40, 300], 12) | {"planted": GENES[:40]}
    table = prerank(association, sets)
    for _, row in table.iterrows():
        expected = running_sum(association[row["dimension"]], sets[row["set"]])
        assert row["es"] == pytest.approx(expected, abs=1e-12)
        assert row["size"] == len(sets[row["set"]])


def test_p_agrees_with_plain_permutation(association):
    sets = {"planted": GENES[:40], "weak": GENES[32:72], "none": GENES[500:540]}
    table = prerank(association[["z0"]], sets).set_index("set")
    assert table.loc["planted", "p"] < 1 / 4000
    for name in ["weak", "none"]:
        expected = permutation_p(association["z0"], sets[name])
        assert np.log10(table.loc[name, "p"]) == pytest.approx(np.log10(expected), abs=0.25)


def test_fdr_is_over_all_dimensions_and_sets(association):
    sets = random_sets(GENES[40:], [20, 60], 30) | {"planted": GENES[:40]}
    table = prerank(association, sets)
    assert len(table) == table.attrs["n_tests"] == 62
    expected = multipletests(table["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(table["fdr"], expected)
    found = table[table["fdr"] < 0.05]
    assert found[["dimension", "set"]].to_numpy().tolist() == [["z0", "planted"]]
    assert found["nes"].item() > 1.5
    assert table.attrs["background"] == "1000 ranked features"


def test_random_sets_have_uniform_p(association):
    sets = random_sets(GENES, [15, 30, 60, 120], 400)
    table = prerank(association, sets)
    assert stats.kstest(table["p"], "uniform").pvalue > 0.01
    assert (table["fdr"] < 0.05).mean() <= 0.05


def test_a_permuted_dimension_enriches_in_nothing(association):
    control = permuted_dimensions(association)
    sets = {"planted": GENES[:40]} | random_sets(GENES, [30], 30)
    assert (prerank(control, sets)["fdr"] > 0.05).all()
    np.testing.assert_array_equal(np.sort(control, axis=0), np.sort(association, axis=0))


def test_result_depends_on_the_seed_only(association):
    tied = association.round(1)
    sets = {"planted": GENES[:40], "other": GENES[100:150]}
    first = prerank(tied, sets)
    pd.testing.assert_frame_equal(first, prerank(tied, sets))
    pd.testing.assert_frame_equal(first, prerank(tied.sample(frac=1, random_state=3), sets))


def test_sets_are_cut_to_the_background(association):
    twice = [*GENES[:40], *GENES[:40], "unknown"]
    table = prerank(association, {"planted": twice, "small": GENES[:9], "large": GENES[:600]})
    assert table["set"].unique().tolist() == ["planted"]
    assert (table["size"] == 40).all()
    assert table.attrs["n_sets_dropped"] == 2
    with pytest.raises(ValueError, match="No set has 10 to 500 of the 1000"):
        prerank(association, {"upper": [name.upper() for name in GENES[:40]]})


def test_duplicates_are_averaged_and_flat_dimensions_skipped(association):
    doubled = pd.concat([association, association]).assign(flat=0.0)
    table = prerank(doubled, {"planted": GENES[:40]})
    pd.testing.assert_frame_equal(table, prerank(association, {"planted": GENES[:40]}))
    assert table.attrs["dimensions_skipped"] == ["flat"]
    assert prerank(doubled[["flat"]], {"planted": GENES[:40]}).empty
    with pytest.raises(ValueError, match="finite"):
        prerank(association.mask(association > 2), {"planted": GENES[:40]})


def test_microrna_names_keep_their_case():
    rng = np.random.default_rng(0)
    names = [f"hsa-mir-{i}" for i in range(200)]
    scores = pd.DataFrame({"z0": rng.normal(size=200)}, index=names)
    table = prerank(scores, {"targets": names[:20]})
    expected = running_sum(scores["z0"], names[:20])
    assert table["es"].item() == pytest.approx(expected)


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
