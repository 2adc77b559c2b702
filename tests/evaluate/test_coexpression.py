import numpy as np
import pandas as pd
import pytest
from scipy.stats import ks_2samp

from helpers.evaluate.coexpression import (
    against_coexpression,
    coexpression_null,
    enrichment_score,
)
from helpers.evaluate.enrichment import collapse_families, latent_correlation, prerank

GENES = [f"gene{i}" for i in range(400)]
SETS = {f"program{j}": GENES[40 * j : 40 * j + 40] for j in range(5)}


@pytest.fixture(scope="module")
def cohort():
    """x in which the genes of each set move together, and the activity of the first set."""
    rng = np.random.default_rng(0)
    activity = rng.normal(size=(300, 5))
    x = rng.normal(size=(300, 400))
    x[:, :200] += np.repeat(activity, 40, axis=1)
    return pd.DataFrame(x, columns=GENES), activity[:, :1]


@pytest.fixture(scope="module")
def null(cohort):
    return coexpression_null(cohort[0], SETS, n_draws=1000)


def test_es_equals_that_of_gseapy(cohort):
    association = latent_correlation(np.random.default_rng(1).normal(size=(300, 3)), cohort[0])
    table = prerank(association, SETS).pivot_table(index="set", columns="dimension", values="es")
    for name, genes in SETS.items():
        np.testing.assert_allclose(enrichment_score(association, genes), table.loc[name])


def test_noise_passes_the_gene_wise_null_but_not_this_one(cohort, null):
    noise = np.random.default_rng(2).normal(size=(300, 20))
    table = against_coexpression(prerank(latent_correlation(noise, cohort[0]), SETS), null)
    assert (table["fdr"] < 0.05).mean() > 0.4
    assert (table["fdr_coexpression"] < 0.05).mean() == 0
    assert abs((table["p_coexpression"] < 0.05).mean() - 0.05) < 0.06


def test_a_true_program_passes_both(cohort, null):
    x, activity = cohort
    z = activity + 0.3 * np.random.default_rng(1).normal(size=activity.shape)
    table = against_coexpression(prerank(latent_correlation(z, x), SETS), null).set_index("set")
    assert table.loc["program0", "fdr_coexpression"] < 0.05
    assert (table["fdr_coexpression"].drop("program0") > 0.05).all()
    assert table.attrs["n_draws"] == 1000


def test_null_is_the_correlation_with_noise(cohort, null):
    noise = np.random.default_rng(5).normal(size=(300, 1000))
    drawn = enrichment_score(latent_correlation(noise, cohort[0]), SETS["program0"])
    assert ks_2samp(null["program0"], drawn).pvalue > 0.01


def test_families_are_averaged_before_ranking(cohort):
    x = cohort[0]
    family = {gene: f"family{number // 4}" for number, gene in enumerate(GENES)}
    sets = {"first": [f"family{number}" for number in range(10)]}
    null = coexpression_null(x, sets, n_draws=300, family=family)
    noise = np.random.default_rng(5).normal(size=(300, 300))
    drawn = enrichment_score(collapse_families(latent_correlation(noise, x), family), sets["first"])
    assert null["first"].std() == pytest.approx(drawn.std(), rel=0.15)


def test_seed_and_missing_sets(cohort, null):
    pd.testing.assert_frame_equal(null, coexpression_null(cohort[0], SETS, n_draws=1000))
    assert "absent" not in coexpression_null(cohort[0], SETS | {"absent": ["?"]}, n_draws=2)
    tests = pd.DataFrame({"set": ["absent"], "es": [0.5]})
    with pytest.raises(ValueError, match=r"lacks 1 sets: \['absent'\]"):
        against_coexpression(tests, null)
    with pytest.raises(ValueError, match="0 members of 400"):
        enrichment_score(pd.DataFrame({"z0": np.ones(400)}, index=GENES), ["?"])
