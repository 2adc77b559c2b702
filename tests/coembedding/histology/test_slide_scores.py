import numpy as np
import pytest
from scipy.stats import spearmanr

from helpers.coembedding.histology.slide_scores import (
    MEAN_PROFILE,
    histology_scores,
    site_folds,
)


def slides(n=60, n_genes=40, seed=0):
    """Genes of very different levels with small own variation: truth, training truth."""
    rng = np.random.default_rng(seed)
    level = rng.normal(8, 3, n_genes)
    own = rng.normal(size=(2 * n, n_genes))
    return level + own[:n], level + own[n:], own[:n]


def test_the_mean_profile_scores_high_per_sample_and_nothing_else():
    truth, train, own = slides()
    predicted = truth - own + 0.5 * own + 0.5 * np.random.default_rng(1).normal(size=own.shape)
    table = histology_scores(truth, {"ridge": predicted}, train)
    assert table.index.tolist() == ["ridge", MEAN_PROFILE]
    control = table.loc[MEAN_PROFILE]
    assert control["sample_mean"] > 0.9
    assert (control[["gene_median", "sample_centred_mean", "share_above"]] == 0).all()
    ridge = table.loc["ridge"]
    assert ridge["gene_median"] > 0.5 and ridge["sample_centred_mean"] > 0.5
    assert abs(ridge["sample_mean"] - control["sample_mean"]) < 0.08


def test_the_numbers_equal_scipys():
    truth, train, _ = slides(20, 10)
    predicted = slides(20, 10, seed=5)[0]
    row = histology_scores(truth, {"a": predicted}, train).loc["a"]
    genes = [spearmanr(truth[:, j], predicted[:, j]).statistic for j in range(10)]
    samples = [spearmanr(truth[i], predicted[i]).statistic for i in range(20)]
    profile = train.mean(axis=0)
    rest = [spearmanr(truth[i] - profile, predicted[i] - profile).statistic for i in range(20)]
    assert row["gene_median"] == pytest.approx(np.median(genes))
    assert [row["gene_q25"], row["gene_q75"]] == pytest.approx(np.quantile(genes, [0.25, 0.75]))
    assert row["sample_mean"] == pytest.approx(np.mean(samples))
    assert row["sample_centred_mean"] == pytest.approx(np.mean(rest))
    assert (row["n_test"], row["n_genes"]) == (20, 10)


def test_sites_and_patients_never_part():
    rng = np.random.default_rng(0)
    patient = rng.integers(0, 80, 200).astype(str)
    site = np.array([f"s{int(name) % 12}" for name in patient])
    site[0] = "s99"  # one patient with slides of two sites
    folds = site_folds(site, patient, n_folds=4)
    tested = np.concatenate([test for _, test in folds])
    assert sorted(tested) == list(range(200))
    for train, test in folds:
        assert not set(site[train]) & set(site[test])
        assert not set(patient[train]) & set(patient[test])


def test_bad_input_is_named():
    truth, train, _ = slides(10)
    with pytest.raises(ValueError, match="10 samples, `ridge` has 9 rows"):
        histology_scores(truth, {"ridge": truth[1:]}, train)
    with pytest.raises(ValueError, match="5 folds need as many source sites; there are 2"):
        site_folds([*"aabb"], [*"wxyz"])
