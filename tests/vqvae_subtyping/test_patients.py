"""Which patients and features are looked at, and what an external cohort must have."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.expression_transform import ExpressionTransform, default_transform
from helpers.cohorts.registry import check_cohort, load_cohort
from helpers.vqvae_subtyping.patients import align_features, select_subtyping
from helpers.vqvae_subtyping.required_data import check_subtyping, what_is_missing


@pytest.fixture
def cohort(make_cohort):
    """Two cancers; GENE4 is missing in B, microRNAs in A."""
    rows = [(f"P{i}", "AB"[i % 2], "primary") for i in range(10)]
    cohort = make_cohort(rows, n_features=6, os_time=[5.0] * 10, os_event=[1, 0] * 5)
    cohort.var_names = ["GENE1", "GENE2", "GENE3", "GENE4", "hsa-mir-21", "hsa-let-7a-1"]
    cohort.var["feature_type"] = ["gene"] * 4 + ["microRNA"] * 2
    is_b = (cohort.obs["cancer_type"] == "B").to_numpy()
    cohort.X[is_b, 3] = np.nan
    cohort.X[~is_b, 4:] = np.nan
    return cohort


def test_one_cancer_and_the_features_it_has(cohort):
    a, b = select_subtyping(cohort, "A"), select_subtyping(cohort, "B")
    assert a.var_names.tolist() == ["GENE1", "GENE2", "GENE3", "GENE4"]
    assert b.var_names.tolist() == ["GENE1", "GENE2", "GENE3", "hsa-mir-21", "hsa-let-7a-1"]
    assert set(a.obs["patient"]) == {"P0", "P2", "P4", "P6", "P8"}
    assert not np.isnan(b.X).any()
    assert select_subtyping(cohort, "all").var_names.tolist() == ["GENE1", "GENE2", "GENE3"]


def test_one_kind_of_feature(cohort):
    micrornas = select_subtyping(cohort, "B", "microRNA")
    assert micrornas.var_names.tolist() == ["hsa-mir-21", "hsa-let-7a-1"]
    assert select_subtyping(cohort, "B", "gene").n_vars == 3
    with pytest.raises(
        ValueError, match=r"'A' with features = 'microRNA' must leave 2.*0 are left"
    ):
        select_subtyping(cohort, "A", "microRNA")
    with pytest.raises(ValueError, match=r"must be one of all, gene, microRNA; got 'genes'"):
        select_subtyping(cohort, "B", "genes")
    with pytest.raises(ValueError, match=r"must be one of all, gene; got 'microRNA'"):
        select_subtyping(cohort[:, :4].copy(), "A", "microRNA")


def test_features_that_never_vary_are_left_out_and_counted(cohort):
    cohort.X[:, 0] = 0
    chosen = select_subtyping(cohort, "A")
    assert chosen.var_names.tolist() == ["GENE2", "GENE3", "GENE4"]
    assert "1 features, such as GENE1, are the same in all patients" in chosen.uns["notes"][-1]


def test_an_unknown_cancer_gets_the_list(cohort):
    for asked in ("C", ""):
        message = rf"one of A, B, or 'all' for all patients together; got '{asked}'"
        with pytest.raises(ValueError, match=message):
            select_subtyping(cohort, asked)


def test_the_only_type_need_not_be_named(cohort):
    assert select_subtyping(cohort[::2].copy()).n_obs == 5
    cohort.uns["default_types"] = ["B"]
    assert set(select_subtyping(cohort).obs["cancer_type"]) == {"B"}


def test_one_tumour_a_patient(make_cohort):
    rows = [("P0", "A", "primary"), ("P0", "A", "primary"), ("P1", "A", "normal")]
    rows += [(f"P{i}", "A", "primary") for i in range(2, 6)]
    chosen = select_subtyping(make_cohort(rows))
    assert chosen.obs["patient"].tolist() == ["P0", "P2", "P3", "P4", "P5"]
    assert chosen.uns["notes"][-1].startswith("2 samples left out")
    check_subtyping(chosen, 3)


def test_what_is_not_there_is_filled_in_as_unknown(make_cohort):
    cohort = make_cohort([(f"P{i}", "A", "primary") for i in range(5)])
    chosen = select_subtyping(cohort)
    assert set(chosen.obs["subtype"]) == {""}
    assert chosen.obs["os_time"].isna().all() and chosen.obs["os_event"].dtype == float
    assert set(chosen.var["feature_type"]) == {"gene"}
    assert len(what_is_missing(chosen)) == 3
    assert "subtype" not in cohort.obs, "the cohort itself is left alone"
    cohort.obs["subtype"] = pd.Categorical(["x", None, "y", "x", "y"])
    assert select_subtyping(cohort).obs["subtype"].tolist() == ["x", "", "y", "x", "y"]


def test_a_survival_time_of_0_names_the_patient(cohort):
    cohort.obs.loc["sample-004", "os_time"] = 0
    with pytest.raises(ValueError, match=r"above 0 days; patient P4"):
        select_subtyping(cohort, "A")
    select_subtyping(cohort, "B")


def test_features_of_a_validation_cohort(cohort):
    train = select_subtyping(cohort, "B")
    other = train[:, ["hsa-mir-21", "GENE3", "GENE2", "GENE1"]].copy()
    del other.var["feature_type"]
    aligned = align_features(train, other, max_missing=0.2)
    assert aligned.var_names.tolist() == ["GENE1", "GENE2", "GENE3", "hsa-mir-21"]
    assert aligned.var["feature_type"].tolist() == ["gene"] * 3 + ["microRNA"]
    np.testing.assert_array_equal(aligned[:, "GENE3"].X, train[:, "GENE3"].X)
    message = r"must have 90% or more of the 5 features; 1 are missing, such as hsa-let-7a-1"
    with pytest.raises(ValueError, match=message):
        align_features(train, other, max_missing=0.1)


def test_features_of_a_validation_cohort_by_another_name(cohort, known_before):
    train = select_subtyping(cohort, "B")
    known_before({"GENE3": "TODAYS"})
    other = train[:, ::-1].copy()
    other.var_names = [{"GENE3": "TODAYS"}.get(name, name) for name in other.var_names]
    aligned = align_features(train, other)
    assert aligned.var_names.tolist() == train.var_names.tolist()
    np.testing.assert_array_equal(aligned.X, train.X)


def test_a_users_file_of_one_cancer_with_mrna_only(tmp_path):
    """Another cohort's table: no microRNA, no subtypes, no survival, one cancer type."""
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"patient": [f"P{i}" for i in range(30)], "cancer_type": "breast"})
    obs.index = [f"s{i}" for i in range(30)]
    genes = pd.DataFrame(index=[f"GENE{i}" for i in range(12)])
    path = str(tmp_path / "mine.h5ad")
    anndata.AnnData(rng.gamma(4, 1, (30, 12)).astype(np.float32), obs, genes).write_h5ad(path)
    check_cohort(path, ("patient",))
    with pytest.raises(ValueError, match="two or more labels"):
        check_cohort(path)
    chosen = select_subtyping(load_cohort(path))
    check_subtyping(chosen, 5)
    kind = default_transform(chosen)
    assert (kind, ExpressionTransform(kind).fit_transform(chosen).shape) == ("none", (30, 12))
    assert [line[:12] for line in what_is_missing(chosen)] == [
        "No microRNAs",
        "No known sub",
        "No survival ",
    ]


@pytest.mark.real
@pytest.mark.parametrize(
    ("cancer_type", "kinds"),
    [("BRCA", {"gene", "microRNA"}), ("OV", {"microRNA"}), ("GBM", {"gene"})],
)
def test_real_cancers_pass(real_data, cancer_type, kinds):
    chosen = select_subtyping(load_cohort("tcga-subtyping"), cancer_type)
    check_subtyping(chosen, 5)
    assert set(chosen.var["feature_type"]) == kinds
