"""Preranked GSEA: the running sum written out, gseapy, plain permutation, honest on random sets."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from helpers.evaluate.gsea import prerank
from helpers.pancan_vae.enrichment.latent_genes import permuted_dimensions, random_sets

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


def test_es_equals_the_running_sum(association):
    sets = random_sets(GENES, [12, 40, 300], 12) | {"planted": GENES[:40]}
    table = prerank(association, sets)
    for _, row in table.iterrows():
        expected = running_sum(association[row["dimension"]], sets[row["set"]])
        assert row["es"] == pytest.approx(expected, abs=1e-9)
        assert row["size"] == len(sets[row["set"]])


def test_p_agrees_with_plain_permutation(association):
    sets = {"planted": GENES[:40], "weak": GENES[32:72], "none": GENES[500:540]}
    table = prerank(association[["z0"]], sets).set_index("set")
    assert table.loc["planted", "p"] < 1 / 4000
    for name in ["weak", "none"]:
        expected = permutation_p(association["z0"], sets[name])
        assert np.log10(table.loc[name, "p"]) == pytest.approx(np.log10(expected), abs=0.25)


def by_gseapy(scores, sets, seed):
    """ES, NES and fgsea's multilevel p by gseapy, in the order of `sets`."""
    import gseapy

    options = {"permutation_num": 1000, "eps": 1e-9, "min_size": 1, "max_size": 1000, "threads": 1}
    ranked = scores.sort_values(ascending=False)
    found = gseapy.prerank(
        ranked, sets, method="multilevel", seed=seed, outdir=None, no_plot=True, **options
    ).res2d.set_index("Term")
    return found.loc[[*sets], ["ES", "NES", "NOM p-val"]].astype(float).to_numpy()


def test_es_nes_and_p_agree_with_gseapy_within_its_own_spread(association):
    """Means over seeds of NES and of log p, 1 to 1e-7, as far apart as both spreads allow."""
    steps = {f"first {n}": GENES[n : n + 40] for n in (14, 20, 26, 32)}
    lower = {f"one in {n}": GENES[40::n][:80] for n in (5, 9)} | random_sets(GENES, [15, 250], 4)
    sets = steps | lower
    seeds = range(8)
    ours = [prerank(association[["z0"]], sets, seed=seed, p_floor=1e-9) for seed in seeds]
    ours = np.array([table[["es", "nes", "p"]] for table in ours])
    theirs = np.array([by_gseapy(association["z0"], sets, seed) for seed in seeds])
    np.testing.assert_allclose(ours[0, :, 0], theirs[0, :, 0], atol=1e-6)
    for column, scale in ((1, np.abs), (2, np.log)):
        first, second = scale(ours[:, :, column]), scale(theirs[:, :, column])
        error = np.sqrt((first.var(axis=0, ddof=1) + second.var(axis=0, ddof=1)) / len(seeds))
        z = (first.mean(axis=0) - second.mean(axis=0)) / error
        assert (np.abs(z) < 4).all(), z  # 10 tests of a t with 14 degrees: 1 in 100 fails
    assert theirs[:, :, 2].mean(axis=0).min() < 1e-6
    rare = theirs[:, :, 2].mean(axis=0) < 1e-3
    spread = np.log(ours[:, rare, 2]).std(axis=0), np.log(theirs[:, rare, 2]).std(axis=0)
    assert spread[0].mean() < spread[1].mean()


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


def test_ties_and_missing_nes_are_not_commented_on(association, capfd):
    """One-sided rankings give null ES of one sign only, so some NES is missing."""
    tied = association.round(1).abs()
    table = prerank(tied, random_sets(GENES, [10, 500], 20), n_permutations=20)
    assert len(table) == 40
    assert capfd.readouterr().err == ""


def test_a_set_of_nothing_but_zeros_rises_in_equal_steps():
    scores = pd.DataFrame({"z": np.r_[np.arange(20, 0, -1.0), np.zeros(30)]})
    scores.index = [f"g{i}" for i in range(50)]
    members = [f"g{i}" for i in range(25, 45)]
    found = prerank(scores, {"zeros": members}, n_permutations=50, min_size=5, seed=0).iloc[0]
    assert np.isfinite(found["es"]) and -1 <= found["es"] < 0
