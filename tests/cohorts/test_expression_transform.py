"""What is learnt comes from training rows alone, and undoes what it says."""

import numpy as np
import pytest
from scipy.stats import skew

from helpers.cohorts.expression_transform import KINDS, ExpressionTransform, default_transform
from helpers.vqvae_subtyping.simulation import simulate_subtypes


@pytest.fixture(scope="module")
def demo():
    return simulate_subtypes(0)


@pytest.fixture
def small(make_cohort):
    """20 patients on two machines, 6 features, of which the last two are microRNAs."""
    rows = [(f"P{i}", "A", "primary") for i in range(40)]
    cohort = make_cohort(rows, n_features=6, microrna_batch=["one", "two"] * 20)
    cohort.var["feature_type"] = ["gene"] * 4 + ["microRNA"] * 2
    return cohort


@pytest.mark.parametrize("kind", KINDS)
def test_training_rows_are_standardised(demo, kind):
    transform = ExpressionTransform(kind)
    x = transform.fit_transform(demo)
    assert x.dtype == np.float32 and x.shape == (400, len(transform.feature_names))
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(x.std(axis=0), 1, atol=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_learnt_from_other_rows(demo, kind):
    train, test = demo[:300].copy(), demo[300:].copy()
    first = ExpressionTransform(kind, n_genes=200).fit(train)
    before = first.transform(train)
    spoilt = test.copy()
    spoilt.X = spoilt.X * 1000 - 5
    first.transform(spoilt)
    np.testing.assert_array_equal(first.transform(train), before)
    whole = ExpressionTransform(kind, n_genes=200).fit(demo)
    assert not np.array_equal(whole.transform(train)[:, :50], before[:, :50])


def test_one_row_alone_is_transformed_as_among_others(demo):
    transform = ExpressionTransform().fit(demo[:300])
    together = transform.transform(demo[300:])
    np.testing.assert_array_equal(transform.transform(demo[310:311])[0], together[10])


def test_skew_of_genes_is_undone(demo):
    is_gene = (demo.var["feature_type"] == "gene").to_numpy()
    assert np.median(skew(demo.X[:, is_gene], axis=0)) > 2
    transform = ExpressionTransform().fit(demo)
    y = transform.transform(demo)[:, (transform.feature_types == "gene").to_numpy()]
    assert np.median(np.abs(skew(y, axis=0))) < 0.05
    assert np.abs(y).max() < 10 < np.abs(ExpressionTransform("none").fit_transform(demo)).max()


def test_micrornas_are_only_standardised(small):
    x = ExpressionTransform(batch_correction=False).fit_transform(small)[:, 4:]
    raw = small.X[:, 4:].astype(float)
    np.testing.assert_allclose(x, (raw - raw.mean(axis=0)) / raw.std(axis=0), atol=1e-5)


def test_features_at_their_floor_and_constants_are_dropped(small):
    small.X[:, 0] = 7
    small.X[:37, 1] = 0
    small.X[:20, 4] = 0
    kept = ExpressionTransform("none").fit(small).feature_names
    assert kept.tolist() == ["GENE2", "GENE3", "GENE4", "GENE5"]
    strict = ExpressionTransform("none", max_at_floor=0.1).fit(small).feature_names
    assert strict.tolist() == ["GENE2", "GENE3", "GENE5"]
    loose = ExpressionTransform("none", max_at_floor=1).fit(small).feature_names
    assert "GENE1" in loose and "GENE0" not in loose


def test_the_most_variable_are_chosen_on_the_log_scale(small):
    small.X = np.exp(small.X)
    small.X[:, 2] = np.exp(8 * np.log(small.X[:, 2]))  # eight times the deviation of logarithms
    small.X[:, 3] *= 1e4  # a factor is no variance
    transform = ExpressionTransform("rank_normal", n_genes=1, n_mirnas=1).fit(small)
    assert transform.feature_names[0] == "GENE2"
    assert transform.feature_types.tolist() == ["gene", "microRNA"]


def test_the_machine_is_removed_from_micrornas_only(small):
    is_two = (small.obs["microrna_batch"] == "two").to_numpy()
    small.X[is_two] += 3
    x = ExpressionTransform("none").fit_transform(small)
    gap = x[is_two].mean(axis=0) - x[~is_two].mean(axis=0)
    np.testing.assert_allclose(gap[4:], 0, atol=1e-5)
    assert (gap[:4] > 0.5).all()
    left = ExpressionTransform("none", batch_correction=False).fit_transform(small)
    assert (left[is_two].mean(axis=0) - left[~is_two].mean(axis=0) > 0.5).all()


def test_a_users_batch_is_removed_from_everything(small):
    small.obs["batch"] = small.obs.pop("microrna_batch")
    is_two = (small.obs["batch"] == "two").to_numpy()
    small.X[is_two] += 3
    x = ExpressionTransform("none").fit_transform(small)
    np.testing.assert_allclose(x[is_two].mean(axis=0), x[~is_two].mean(axis=0), atol=1e-5)


def test_small_and_unseen_batches_are_left_alone(small):
    small.obs["microrna_batch"] = ["one"] * 35 + ["two"] * 5
    few = ExpressionTransform("none").fit_transform(small)
    plain = ExpressionTransform("none", batch_correction=False).fit_transform(small)
    np.testing.assert_array_equal(few, plain)
    small.obs["microrna_batch"] = ["one", "two"] * 20
    transform = ExpressionTransform("none").fit(small)
    small.obs["microrna_batch"] = "three"
    with pytest.warns(UserWarning, match="microrna_batch three had no training sample") as warned:
        transform.transform(small)
    assert warned[0].filename == __file__, "it points at who asked"


def test_another_cohort_on_another_scale(demo):
    transform = ExpressionTransform().fit(demo[:200])
    other = demo[200:].copy()
    other.uns["unit"] = "log2(TPM+1)"
    other.X = np.log2(other.X - other.X.min(axis=0) + 1)
    own = transform.refit(other)
    assert own.kind == "none"
    assert own.feature_names.equals(transform.feature_names)
    x = own.transform(other)
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-3)
    before = transform.transform(demo[200:])
    r = [np.corrcoef(a, b)[0, 1] for a, b in zip(x.T, before.T, strict=True)]
    assert np.median(r) > 0.9
    other.X[:, 0] = 1
    assert (transform.refit(other).transform(other)[:, 0] == 0).all()


def test_errors(small):
    with pytest.raises(
        ValueError, match="kind must be one of shifted_log, rank_normal, clip, none"
    ):
        ExpressionTransform("log")
    with pytest.raises(ValueError, match="max_at_floor must be a share above 0"):
        ExpressionTransform(max_at_floor=0)
    with pytest.raises(ValueError, match="must be 0 or more; got -1, 0"):
        ExpressionTransform(n_genes=-1)
    transform = ExpressionTransform().fit(small)
    with pytest.raises(ValueError, match=r"the 6 features fitted on; it lacks 2, such as GENE4"):
        transform.transform(small[:, :4])
    small.X[:] = 1
    with pytest.raises(ValueError, match="no feature differs between the 40 training rows"):
        ExpressionTransform().fit(small)
    small.X[3, 1] = np.nan
    with pytest.raises(ValueError, match="sample sample-003, gene GENE1 is nan"):
        ExpressionTransform().fit(small)


def test_the_kind_follows_the_unit(demo, small):
    assert default_transform(demo) == "shifted_log"
    assert default_transform(small) == "none"
    small.uns["unit"] = "z-score"
    assert default_transform(small) == "none"


@pytest.mark.real
def test_real_genes_lose_their_skew(real_data):
    from helpers.cohorts.registry import load_cohort
    from helpers.vqvae_subtyping.patients import select_subtyping

    cohort = select_subtyping(load_cohort("tcga-brca"), features="gene")
    transform = ExpressionTransform(default_transform(cohort))
    x = transform.fit_transform(cohort)
    assert x.shape[1] > 1400
    assert np.median(skew(cohort.X.astype(float), axis=0)) > 3
    assert np.median(np.abs(skew(x, axis=0))) < 0.05
    assert np.abs(x).max() < 10
