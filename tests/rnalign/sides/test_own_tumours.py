"""A user's tumours beside a cohort that has lines: read, held against it, counted."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.samples import select_alignment
from helpers.rnalign.sides.own_tumours import common_shift, join_tumours


@pytest.fixture
def reference(make_cohort):
    """20 tumours of kidney, brain and eye, 6 lines of each, on 40 genes."""
    rows = [(f"{t}{i}", t, "primary") for t in ("kidney", "brain", "eye") for i in range(20)]
    rows += [
        (f"{t} line {i}", t, "cell line") for t in ("kidney", "brain", "eye") for i in range(6)
    ]
    rng = np.random.default_rng(0)
    purity = np.where(np.arange(len(rows)) < 60, rng.uniform(0.3, 0.9, len(rows)), 1.0)
    return make_cohort(rows, n_features=40, purity=purity)


@pytest.fixture
def mine(reference):
    """Twelve tumours of each of two types, without purity and with other words."""
    x = np.random.default_rng(5).gamma(4.0, 1.0, (24, 40)).astype(np.float32)
    types = ["KIRC"] * 12 + ["Brain"] * 12
    obs = pd.DataFrame({"cancer_type": types, "sample_type": "primary"})
    obs.index = [f"mine {i}" for i in range(24)]
    return anndata.AnnData(x, obs, reference.var.copy(), uns={"notes": ["read."]})


def notes(joined):
    return " ".join(joined.uns["notes"])


def test_both_stand_in_one_cohort_and_what_was_done_is_counted(reference, mine):
    mine = mine[:, ::-1].copy()
    joined = join_tumours(reference, mine, "mine.h5ad")
    own = joined[joined.obs["is_own"].to_numpy()]
    assert joined.n_obs == reference.n_obs + 24 and own.obs_names.tolist() == [*mine.obs_names]
    assert own.obs["cancer_type"].tolist() == ["kidney"] * 12 + ["brain"] * 12
    assert own.obs["patient"].tolist() == [*mine.obs_names]
    assert own.obs["purity"].between(0, 1).all()
    rest = joined[~joined.obs["is_own"].to_numpy()]
    np.testing.assert_array_equal(rest.X, reference[rest.obs_names, rest.var_names].X)
    said = notes(joined)
    assert "24 tumours of mine.h5ad (kidney 12, brain 12)" in said
    assert "'KIRC' (12) read as 'kidney'" in said and "'Brain' (12) read as 'brain'" in said
    assert "not known for 24 tumours" in said and "from 60 tumours" in said
    chosen = select_alignment(joined)
    assert chosen.obs["is_own"].sum() == 24 and chosen.obs["is_line"].sum() == 18


def test_genes_have_the_references_names(reference, mine, known_before):
    plain = join_tumours(reference, mine, "mine.h5ad")
    old = reference.var_names[3]
    known_before({old: "TODAYS"})
    mine.var_names = [{old: "TODAYS"}.get(name, name) for name in mine.var_names]
    joined = join_tumours(reference, mine, "mine.h5ad")
    assert joined.var_names.tolist() == plain.var_names.tolist() and "TODAYS" in mine.var_names
    np.testing.assert_array_equal(joined.X, plain.X)


def test_one_tumour_is_enough_and_keeps_its_values(reference, mine):
    joined = join_tumours(reference, mine[:1].copy(), "mine.h5ad")
    np.testing.assert_array_equal(joined.X[0], mine.X[0])
    assert "1 tumour of mine.h5ad (kidney 1)" in notes(joined) and "as they are" in notes(joined)
    assert select_alignment(joined).obs["is_own"].sum() == 1


def test_known_purity_is_kept(reference, mine):
    mine.obs["purity"] = [0.4, np.nan] * 12
    own = join_tumours(reference, mine, "mine.h5ad").obs.iloc[:24]
    assert (own["purity"][::2] == 0.4).all() and own["purity"].notna().all()
    assert own["purity_source"].tolist() == ["mine.h5ad", "estimated"] * 12


def test_types_without_lines_and_samples_that_are_no_tumours_are_left_out(reference, mine):
    mine.obs["cancer_type"] = ["SKCM"] * 4 + ["kidney"] * 20
    mine.obs["sample_type"] = ["primary"] * 20 + ["normal"] * 2 + ["metastasis"] * 2
    joined = join_tumours(reference, mine, "mine.h5ad")
    assert joined.obs["is_own"].sum() == 18
    said = notes(joined)
    assert "types without a cell line: SKCM 4" in said and "no tumours: normal 2" in said
    assert "Looked up like primary tumours: metastasis 2" in said
    mine.obs["cancer_type"] = "SKCM"
    with pytest.raises(ValueError, match=r"are of, which are brain, eye, kidney; it has SKCM 22"):
        join_tumours(reference, mine, "mine.h5ad")


def test_tumours_that_are_in_both_count_once(reference, mine):
    mine.obs["patient"] = ["kidney0"] + [f"me {i}" for i in range(23)]
    names = [*mine.obs_names[:-1], reference.obs_names[25]]  # of brain5
    mine.obs_names = names
    joined = join_tumours(reference, mine, "mine.h5ad")
    assert joined.n_obs == reference.n_obs + 22 and "2 of the reference's tumours" in notes(joined)
    mine.obs_names = [*names[:-1], reference.obs_names[-1]]  # a line's
    with pytest.raises(ValueError, match=r"must not be those of cell lines; 'sample-077'.*Rename"):
        join_tumours(reference, mine, "mine.h5ad")


def test_another_scale_and_missing_genes_are_refused(reference, mine):
    other = mine.copy()
    other.X = mine.X * np.float32(np.log10(2))
    with pytest.raises(ValueError, match=r"another base.*adata.X \* np.log2\(10\)"):
        join_tumours(reference, other, "mine.h5ad")
    other.X = other.X * np.log2(10)  # the line that the error gives
    join_tumours(reference, other, "mine.h5ad")
    other.X = ((mine.X - mine.X.mean(axis=0)) / mine.X.std(axis=0)).astype(np.float32)
    with pytest.raises(ValueError, match="looks like z-scores"):
        join_tumours(reference, other, "mine.h5ad")
    with pytest.raises(ValueError, match=r"at least 80% of the cohort's 40 genes; 15 are missing"):
        join_tumours(reference, mine[:, :25].copy(), "mine.h5ad")


def shifted(n=40, seed=0):
    """Own and other tumours of two types; genes 0–9 shifted in both, 10–19 in the first alone."""
    rng = np.random.default_rng(seed)
    types = np.tile(np.repeat(["a", "b"], n), 2)
    is_own = np.repeat([True, False], 2 * n)
    x = rng.normal(5, 0.5, (4 * n, 30)) + (types == "a")[:, None]
    x[is_own, :10] += 2
    x[np.ix_(is_own & (types == "a"), range(10, 20))] += 2
    return x, is_own, types


def test_a_machines_shift_is_found_and_a_types_own_is_not():
    x, is_own, types = shifted()
    shift, shared = common_shift(x, is_own, types)
    assert shared == ["a", "b"]
    np.testing.assert_allclose(shift[:10], 2, atol=0.35)
    assert np.abs(shift[10:]).max() < 0.35


def test_one_type_shows_no_machines_shift():
    x, is_own, types = shifted()
    rows = types == "a"
    shift, shared = common_shift(x[rows], is_own[rows], types[rows])
    assert not shift.any() and shared == []
