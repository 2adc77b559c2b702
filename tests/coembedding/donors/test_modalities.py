"""Two modalities in one cohort: joined, checked, held out, and read from files."""

import anndata
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from helpers.coembedding.donors import modalities
from helpers.coembedding.donors.modalities import (
    check_multiomics,
    join_modalities,
    load_multiomics,
    modality,
    peaks_of,
)
from helpers.coembedding.donors.split import paired_split
from helpers.coembedding.simulation import simulate_multiomics

TYPES = ["BRCA", "LUAD"]


def part(patients, n_features=3, seed=0, feature="gene", **columns):
    obs = pd.DataFrame({"patient": patients}, index=[f"{feature}-{p}" for p in patients])
    obs["cancer_type"] = [TYPES[int(p[1:]) % 2] for p in patients]
    for name, values in columns.items():
        obs[name] = values
    x = np.random.default_rng(seed).normal(size=(len(patients), n_features)).astype(np.float32)
    var = pd.DataFrame(index=[f"{feature}{i}" for i in range(n_features)])
    if feature == "peak":
        var = var.assign(chrom="chr1", start=np.arange(n_features) * 1000)
        var["end"] = var["start"] + 501
    cohort = anndata.AnnData(x, obs, var)
    cohort.uns = {"feature": feature, "unit": "log2", "notes": [f"a note on {feature}"]}
    return cohort


def names(*numbers):
    return [f"P{n}" for n in numbers]


@pytest.fixture
def joined():
    rna = part(names(*range(30)), age=50.0)
    return join_modalities(rna, part(names(*range(20, 40)), 4, 1, "peak"), "both")


def test_each_value_stays_with_its_patient(joined):
    assert list(joined.obs_names) == sorted(joined.obs_names)
    assert joined.obs["patient"].tolist() == list(joined.obs_names)
    rna, atac = part(names(*range(30))), part(names(*range(20, 40)), 4, 1, "peak")
    for patient in joined.obs_names:
        row = joined.obs_names.get_loc(patient)
        for values, source, kind in (
            (joined.X, rna, "gene"), (joined.obsm["atac"], atac, "peak")
        ):  # fmt: skip
            if f"{kind}-{patient}" in source.obs_names:
                np.testing.assert_array_equal(values[row], source[f"{kind}-{patient}"].X.ravel())
            else:
                assert np.isnan(values[row]).all()
    assert joined.obs["has_rna"].sum() == 30 and joined.obs["has_atac"].sum() == 20
    assert joined.obs["age"].isna().sum() == 10
    assert joined.uns["notes"] == ["a note on gene", "a note on peak"]
    assert joined.uns["atac_feature"] == "peak" and joined.uns["feature"] == "gene"
    values, rows = modality(joined, "atac")
    assert values.shape == (20, 4) and joined.obs["has_atac"].iloc[rows].all()


def test_what_cannot_be_joined_is_refused():
    rna, atac = part(names(1, 2, 3)), part(names(2, 3, 4), 4, 1, "peak")
    with pytest.raises(ValueError, match="one sample a patient; P1 has more"):
        join_modalities(part(names(1, 1, 2)), atac, "x")
    with pytest.raises(ValueError, match=r"2 or more donors must have both RNA and ATAC.*0 have"):
        join_modalities(part(names(8, 9)), atac, "x")
    with pytest.raises(ValueError, match=r"both modalities.*ATAC is empty"):
        join_modalities(rna, part(names(2, 3), 0, 1, "peak"), "x")
    with pytest.raises(ValueError, match="RNA is empty"):
        join_modalities(part([]), atac, "x")
    atac.obs["cancer_type"] = "OV"
    with pytest.raises(ValueError, match="P2 is BRCA in RNA and OV in ATAC"):
        join_modalities(rna, atac, "x")


def test_a_cohort_at_odds_with_itself_is_refused(joined):
    check_multiomics(joined)
    for break_it, message in (
        (lambda c: c.uns.pop("atac_var"), r'uns\["atac_var"\]'),
        (lambda c: c.obsm.pop("atac"), r'obsm\["atac"\]'),
        (lambda c: c.obs.pop("has_rna"), r'obs\["has_rna"\]'),
        (lambda c: c.obs.__setitem__("has_atac", True), "ATAC must be finite where has_atac"),
        (lambda c: c.obs.__setitem__("has_atac", False), "ATAC is empty"),
        (lambda c: c.uns.__setitem__("atac_var", c.uns["atac_var"].iloc[::-1]), "genomic order"),
        (lambda c: c.uns.__setitem__("atac_var", c.uns["atac_var"].iloc[:2]), "2 for 4"),
        (lambda c: c.uns.__setitem__("atac_feature", "bin"), "peak or component; got 'bin'"),
    ):
        broken = joined.copy()
        break_it(broken)
        with pytest.raises(ValueError, match=message):
            check_multiomics(broken)
    with pytest.raises(ValueError, match="hg38"):
        off = joined.copy()
        off.uns["atac_var"]["end"] = 300_000_000
        check_multiomics(off)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from([0.2, 0.3, 0.5]))
def test_held_out_donors_are_paired_and_in_no_modality_of_training(seed, fraction):
    rna = part(names(*range(60)))
    cohort = join_modalities(rna, part(names(*range(20, 80)), 4, 1, "peak"), "both")
    train, test = paired_split(cohort, fraction, seed)
    assert (test.obs["has_rna"] & test.obs["has_atac"]).all()
    assert not set(test.obs["patient"]) & set(train.obs["patient"])
    assert test.n_obs == 2 * round(fraction * 20)  # 20 paired donors of either type
    assert train.n_obs + test.n_obs == cohort.n_obs
    again = paired_split(cohort[::-1].copy(), fraction, seed)[1]
    assert set(again.obs_names) == set(test.obs_names)


def test_a_type_with_one_paired_donor_is_trained_on():
    cohort = join_modalities(
        part(names(0, 1, 2, 4, 6)), part(names(1, 2, 4, 6, 8), 4, 1, "peak"), "x"
    )
    _, test = paired_split(cohort, 0.5)
    assert set(test.obs["cancer_type"]) == {"BRCA"}
    alone = join_modalities(part(names(1, 2)), part(names(1, 2), 4, 1, "peak"), "x")
    with pytest.raises(ValueError, match="two donors with both RNA and ATAC"):
        paired_split(alone)


def test_two_files_are_one_cohort(tmp_path):
    rna, atac = part(names(*range(30))), part(names(*range(20, 45)), 4, 1, "peak")
    rna.X = rna.X + 6
    rna.write_h5ad(tmp_path / "rna.h5ad")
    atac.write_h5ad(tmp_path / "atac.h5ad")
    cohort = load_multiomics(str(tmp_path / "rna.h5ad"), str(tmp_path / "atac.h5ad"))
    expected = join_modalities(rna, atac, "x")
    np.testing.assert_array_equal(cohort.X, expected.X)
    np.testing.assert_array_equal(cohort.obsm["atac"], expected.obsm["atac"])
    assert cohort.uns["name"] == "rna+atac"
    with pytest.raises(ValueError, match=r"goes with a cohort of RNA alone; 'demo-multiomics'"):
        load_multiomics("demo-multiomics", str(tmp_path / "atac.h5ad"))

    cohort.write_h5ad(tmp_path / "both.h5ad")
    with pytest.raises(ValueError, match=r"both\.h5ad' has ATAC already"):
        load_multiomics(str(tmp_path / "both.h5ad"), str(tmp_path / "atac.h5ad"))
    both = load_multiomics(str(tmp_path / "both.h5ad"))
    np.testing.assert_array_equal(both.X, expected.X)
    np.testing.assert_array_equal(both.obsm["atac"], expected.obsm["atac"])
    assert both.obs["has_atac"].sum() == 25


def test_a_file_of_both_need_not_say_who_has_what(tmp_path):
    rna, atac = part(names(*range(30))), part(names(*range(20, 45)), 4, 1, "peak")
    cohort = join_modalities(rna, atac, "x")
    bare = anndata.AnnData(cohort.X, cohort.obs[["patient", "cancer_type"]], cohort.var)
    bare.obsm["atac"] = sparse.csr_matrix(np.nan_to_num(cohort.obsm["atac"]))
    bare.uns["atac_var"] = cohort.uns["atac_var"]
    bare.write_h5ad(tmp_path / "both.h5ad")
    both = load_multiomics(str(tmp_path / "both.h5ad"))
    assert both.obs["has_rna"].tolist() == cohort.obs["has_rna"].tolist()
    assert both.obs["has_atac"].all() and both.obsm["atac"].dtype == np.float32
    assert both.uns["atac_feature"] == "peak" and both.uns["atac_unit"] == "unknown unit"


def test_any_cohort_of_rna_goes_with_any_of_atac(tmp_path, monkeypatch):
    """What a cohort is called decides nothing."""
    known = {"some-rna": part(names(*range(30))), "some-atac": part(names(*range(9)), 4, 1, "peak")}
    for name, one in known.items():
        one.uns["name"] = name
    monkeypatch.setattr(modalities, "load_cohort", lambda name, seed: known[name].copy())
    joined = load_multiomics("some-rna", "some-atac")
    assert joined.uns["name"] == "some-rna+some-atac"
    assert (joined.obs["has_rna"] & joined.obs["has_atac"]).sum() == 9
    with pytest.raises(ValueError, match=r'some-rna lacks obsm\["atac"\].*as a second cohort'):
        load_multiomics("some-rna")


def test_components_may_be_of_any_size(tmp_path):
    part(names(*range(30))).write_h5ad(tmp_path / "rna.h5ad")
    atac = part(names(*range(30)), 4, 1, "component")
    atac.X = atac.X * 300
    atac.write_h5ad(tmp_path / "atac.h5ad")
    cohort = load_multiomics(str(tmp_path / "rna.h5ad"), str(tmp_path / "atac.h5ad"))
    assert cohort.uns["atac_feature"] == "component"


def test_files_that_will_not_do_say_why(tmp_path):
    rna, path = part(names(*range(30))), tmp_path / "atac.h5ad"
    rna.write_h5ad(tmp_path / "rna.h5ad")
    atac = part(names(*range(30)), 4, 1, "peak")
    for change, message in (
        (lambda a: a.var.__setitem__("start", [3000, 2000, 1000, 0]), "lie on hg38|genomic order"),
        (lambda a: a.var.__setitem__("chrom", "chr77"), "chromosome of hg38"),
        (lambda a: a.uns.__setitem__("feature", "bin"), "must be peak or component; got 'bin'"),
        (lambda a: a.X.__setitem__((0, 0), np.nan), "must be finite"),
        (lambda a: a.obs.pop("patient"), r'obs\["patient"\]'),
    ):
        broken = atac.copy()
        change(broken)
        broken.write_h5ad(path)
        with pytest.raises(ValueError, match=message):
            load_multiomics(str(tmp_path / "rna.h5ad"), str(path))
    path.write_text("no file")
    with pytest.raises(ValueError, match="cannot be read"):
        load_multiomics(str(tmp_path / "rna.h5ad"), str(path))
    with pytest.raises(ValueError, match="as a second cohort in"):
        load_multiomics(str(tmp_path / "rna.h5ad"))


def test_peaks_of_components_are_none():
    cohort = simulate_multiomics(0)
    peaks = peaks_of(cohort)
    assert peaks.shape == (400, 1250) and {"chrom", "start", "end"} <= set(peaks.var)
    other = cohort.copy()
    other.uns["atac_feature"] = "component"
    assert peaks_of(other) is None
