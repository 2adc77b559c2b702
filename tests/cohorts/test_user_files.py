"""A user's own file: what is accepted, and one clear error for everything that is not."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from helpers.cohorts.reading.mending import TO_LOG_CPM
from helpers.cohorts.registry import (
    check_cohort,
    cohort_inputs,
    load_cohort,
)
from helpers.cohorts.user_files import (
    check_h5ad,
    check_panel,
    feature_types,
    guess_feature,
    is_tumours_alone,
    load_h5ad,
    load_panel,
    load_tumours,
)


@pytest.fixture
def adata():
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {"patient": [f"P{i}" for i in range(40)], "cancer_type": ["A", "B"] * 20},
        index=[f"s{i}" for i in range(40)],
    )
    x = rng.gamma(4, 1, (40, 6)).astype(np.float32)
    return anndata.AnnData(x, obs, pd.DataFrame(index=[f"GENE{i}" for i in range(6)]))


@pytest.fixture
def write(tmp_path):
    def write(adata, name="mine.h5ad"):
        adata.write_h5ad(tmp_path / name)
        return str(tmp_path / name)

    return write


def test_a_plain_file_becomes_a_cohort(adata, write):
    path = write(adata)
    check_cohort(path)
    cohort = load_cohort(path)
    assert cohort.X.dtype == np.float32
    np.testing.assert_allclose(cohort.X, adata.X)
    assert cohort.uns["name"] == "mine"
    assert (cohort.uns["feature"], cohort.uns["default_types"]) == ("gene", [])
    assert set(cohort.obs["sample_type"]) == {"primary"}
    notes = " ".join(cohort.uns["notes"])
    assert "sample_type" in notes and "log scale" in notes
    assert cohort.obs["cancer_type"].dtype == object
    assert (cohort.var["symbol"] == cohort.var_names).all()


@pytest.mark.parametrize("kind", [sparse.csr_matrix, sparse.csc_matrix, np.float64])
def test_sparse_and_double_matrices(adata, write, kind):
    adata.X = kind(adata.X)
    expected = adata.X.toarray() if sparse.issparse(adata.X) else adata.X
    path = write(adata)
    check_h5ad(path)
    cohort = load_h5ad(path)
    assert isinstance(cohort.X, np.ndarray) and cohort.X.dtype == np.float32
    np.testing.assert_allclose(cohort.X, expected, rtol=1e-6)


def test_what_the_file_says_of_itself_is_kept(adata, write):
    adata.obs["cancer_type"] = adata.obs["cancer_type"].astype("category")
    adata.obs["patient"] = range(40)
    adata.obs["sample_type"] = ["primary"] * 39 + ["normal"]
    adata.uns = {"unit": "log2(TPM+1)", "name": "my cohort", "default_types": ["A"], "notes": ["n"]}
    cohort = load_h5ad(write(adata))
    assert cohort.uns["unit"] == "log2(TPM+1)"
    assert cohort.uns["name"] == "my cohort"
    assert (cohort.uns["default_types"], cohort.uns["notes"]) == (["A"], ["n"])
    assert cohort.obs["patient"].iloc[3] == "3"
    assert cohort.obs["sample_type"].iloc[-1] == "normal"


def test_features_are_told_from_their_names(adata, write):
    assert guess_feature(pd.Index(["hsa-mir-21", "hsa-let-7a-1", "hsa-miR-21-5p"])) == "microRNA"
    assert guess_feature(pd.Index(["ESR1", "MIR21", "LETM1"])) == "gene"
    adata.var_names = [f"hsa-mir-{i + 1}" for i in range(6)]
    path = write(adata)
    assert load_h5ad(path).uns["feature"] == "microRNA"
    assert (feature_types(load_h5ad(path)) == "microRNA").all()


def test_genes_beside_micrornas(adata, write):
    adata.var_names = [*adata.var_names[:5], "hsa-mir-21"]
    path = write(adata)
    cohort = load_h5ad(path)
    assert (feature_types(cohort) == "microRNA").any() and cohort.uns["feature"] == "gene"
    assert feature_types(adata).tolist() == ["gene"] * 5 + ["microRNA"]
    adata.var["feature_type"] = ["gene"] * 6
    said = feature_types(load_h5ad(write(adata)))
    assert not (said == "microRNA").any(), "what the file says counts"


def test_one_cancer_type_will_do_where_none_are_compared(adata, write):
    adata.obs["cancer_type"] = "A"
    path = write(adata)
    check_cohort(path, needs=("patient",))
    assert load_h5ad(path).n_obs == 40
    with pytest.raises(ValueError, match="two or more labels"):
        check_h5ad(path)


def test_inputs_change_with_the_file(adata, write):
    before = cohort_inputs(write(adata))
    assert len(before["mine.h5ad"]) == 64
    for read_with in ("h.all.v7.0", "grch38", "GDCRNATools", "TCGAbiolinks"):
        assert any(read_with in name for name in before)
    adata.X[0, 0] += 1
    assert cohort_inputs(write(adata))["mine.h5ad"] != before["mine.h5ad"]


@pytest.mark.parametrize("column", ["patient", "cancer_type"])
def test_a_missing_column_is_named_with_the_line_that_adds_it(adata, write, column):
    del adata.obs[column]
    path = write(adata)
    for use in (check_cohort, load_cohort):
        with pytest.raises(
            ValueError, match=rf'lacks obs\["{column}"\].*adata.obs\["{column}"\] ='
        ):
            use(path)


def test_a_column_that_a_chapter_needs(adata, write):
    path = write(adata)
    with pytest.raises(ValueError, match=r'lacks obs\["os_time"\]'):
        check_cohort(path, needs=("patient", "cancer_type", "os_time"))


def test_missing_labels(adata, write):
    adata.obs.loc["s3", "cancer_type"] = np.nan
    with pytest.raises(ValueError, match=r"must not be missing; it is for 1 samples.*isin"):
        check_cohort(write(adata))


def test_raw_counts_are_refused_with_the_transformation(adata, write):
    adata.X = np.random.default_rng(0).poisson(300, adata.shape).astype(np.float32)
    path = write(adata)
    for use in (check_cohort, load_cohort):
        with pytest.raises(ValueError, match=r"raw counts.*np\.log2\(x /"):
            use(path)


def test_the_printed_transformation_works(adata, write):
    adata.X = sparse.csr_matrix(np.random.default_rng(0).poisson(300, adata.shape))
    exec(TO_LOG_CPM, {"adata": adata})
    np.testing.assert_allclose((2 ** np.asarray(adata.X) - 1).sum(axis=1), 1e6)
    check_cohort(write(adata))


def test_linear_values_are_refused(adata, write):
    adata.X = adata.X * 100 + 0.5
    with pytest.raises(ValueError, match="linear values"):
        check_cohort(write(adata))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_values_must_be_finite(adata, write, wrong):
    adata.X[-1, -1] = wrong
    with pytest.raises(ValueError, match=r"finite.*np\.isfinite"):
        load_cohort(write(adata))


@pytest.mark.parametrize("use", [check_cohort, load_cohort])
def test_a_wrong_value_late_in_the_file_is_found_before_a_run(adata, write, use):
    late = anndata.concat([adata, adata], index_unique="-")
    late.X[-1, 0] = np.nan
    with pytest.raises(ValueError, match="finite"):
        use(write(late))


@pytest.mark.parametrize("axis", ["obs", "var"])
@pytest.mark.filterwarnings("ignore:.*names are not unique")
def test_names_must_be_unique(adata, write, axis):
    names = [*getattr(adata, f"{axis}_names")]
    names[1] = names[0]
    setattr(adata, f"{axis}_names", names)
    with pytest.raises(ValueError, match=rf"{axis}_names.*{axis}_names_make_unique"):
        check_cohort(write(adata))


def test_too_few_samples_or_labels(adata, write):
    with pytest.raises(ValueError, match="20 samples or more; it has 10"):
        check_cohort(write(adata[:10].copy()))
    adata.obs["cancer_type"] = "A"
    with pytest.raises(ValueError, match="two or more labels"):
        check_cohort(write(adata))


def test_sample_types_that_name_no_tumour(adata, write):
    adata.obs["sample_type"] = "biopsy"
    with pytest.raises(ValueError, match=r'replace\(\{"biopsy": "primary"\}\)'):
        check_cohort(write(adata))


def test_negative_values_are_noted(adata, write):
    adata.X -= 5
    assert "below 0" in load_h5ad(write(adata)).uns["notes"][-1]


def test_a_donor_without_rna_is_a_row_of_nan_where_a_second_modality_is(adata, write):
    adata.X[3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        load_cohort(write(adata))
    adata.obsm["atac"] = np.ones((40, 2), np.float32)
    path = write(adata)
    check_cohort(path)
    cohort = load_cohort(path)
    assert np.isnan(cohort.X[3]).all() and cohort.obsm["atac"].shape == (40, 2)
    adata.X[4, 0] = np.nan  # one value is no missing modality
    with pytest.raises(ValueError, match="finite"):
        load_cohort(write(adata))


def test_components_may_be_of_any_size(adata, write):
    adata.X *= 1000
    with pytest.raises(ValueError, match="log scale"):
        load_cohort(write(adata))
    adata.uns["feature"] = "component"
    path = write(adata)
    check_cohort(path)
    assert load_cohort(path).uns["feature"] == "component"


def test_what_is_no_h5ad(tmp_path):
    with pytest.raises(ValueError, match="does not exist"):
        check_cohort(str(tmp_path / "absent.h5ad"))
    (tmp_path / "text.h5ad").write_text("not HDF5")
    with pytest.raises(ValueError, match=r"cannot be read as .h5ad"):
        check_cohort(str(tmp_path / "text.h5ad"))


def test_checking_reads_x_once_in_blocks(adata, write, monkeypatch):
    monkeypatch.setattr("helpers.cohorts.on_disk.row_blocks.BLOCK_BYTES", 4 * 6 * 500)
    path = write(anndata.concat([adata] * 100, index_unique="-"))
    import h5py

    n_read = []
    read = h5py.Dataset.__getitem__

    def counted(self, args, **kwargs):
        result = read(self, args, **kwargs)
        if self.name == "/X":
            n_read.append(len(result))
        return result

    monkeypatch.setattr(h5py.Dataset, "__getitem__", counted)
    check_h5ad(path)
    check_h5ad(path)
    assert sum(n_read) == 4000 and max(n_read) <= 500, "the second time it is known"
    late = anndata.read_h5ad(path)
    late.X[-1, -1] = np.nan
    with pytest.raises(ValueError, match="finite"):
        check_h5ad(write(late))


def test_a_matrix_of_tcga_needs_no_table_of_patients_and_keeps_its_normals_apart(adata, write):
    adata.obs_names = [f"TCGA-A1-A{i:03d}-{'11' if i % 4 == 3 else '01'}A" for i in range(40)]
    del adata.obs["patient"]
    adata.obs["cancer_type"] = ["TCGA-BRCA", "TCGA-LUAD"] * 20
    cohort = load_h5ad(write(adata))
    assert cohort.obs["patient"].iloc[0] == "TCGA-A1-A000"
    assert cohort.obs["sample_type"].value_counts().to_dict() == {"primary": 30, "normal": 10}
    assert set(cohort.obs["cancer_type"]) == {"BRCA", "LUAD"}
    notes = " ".join(cohort.uns["notes"])
    assert "'normal' (10)" in notes and "'TCGA-BRCA' read as 'BRCA'" in notes


@pytest.mark.parametrize("named", ["patient", "PatientID"])
@pytest.mark.parametrize("read", [load_h5ad, load_panel, load_tumours])
def test_a_patient_that_is_missing_is_refused_on_either_side(adata, write, read, named):
    adata.obs.loc["s3", "patient"] = None
    adata.obs = adata.obs.rename(columns={"patient": named})
    with pytest.raises(ValueError, match=r'obs\["patient"\].* must not be missing'):
        read(write(adata))


@pytest.mark.parametrize(
    ("factor", "said"), [(0.02, "methylation's"), (0.25, "If it is log10"), (1.0, "log scale.")]
)
def test_low_values_may_be_something_else(adata, write, factor, said):
    adata.X = adata.X / adata.X.max() * 16 * factor
    assert any(note.endswith(said) or said in note for note in load_h5ad(write(adata)).uns["notes"])
    adata.X = np.full_like(adata.X, 3.5)
    with pytest.raises(ValueError, match="must vary; every value is"):
        load_h5ad(write(adata))


ALIGNMENT = ("patient", "cancer_type", "sample_type", "purity")


@pytest.fixture
def aligned(adata):
    """A file with all that chapter 4 needs: ten lines and thirty tumours of two types."""
    adata.obs["sample_type"] = ["cell line"] * 10 + ["primary"] * 30
    adata.obs["purity"] = [1.0] * 10 + [0.5] * 30
    return adata


def test_a_file_to_align_is_accepted(aligned, write):
    path = write(aligned)
    check_cohort(path, ALIGNMENT)
    assert load_cohort(path).obs["sample_type"].value_counts()["cell line"] == 10


@pytest.mark.parametrize("column", ["sample_type", "purity"])
def test_a_file_to_align_without_a_column_is_told_how_to_add_it(aligned, write, column):
    del aligned.obs[column]
    with pytest.raises(ValueError, match=rf'lacks obs\["{column}"\].*adata.obs\["{column}"\] ='):
        check_cohort(write(aligned), ALIGNMENT)


def test_tumours_alone_need_no_purity_and_no_number(aligned, write):
    assert not is_tumours_alone(write(aligned))
    tumours = aligned[10:].copy()
    tumours.obs["purity"] = [0.5, np.nan] * 15
    path = write(tumours)
    check_cohort(path, ALIGNMENT)
    assert is_tumours_alone(path)
    assert load_tumours(path).obs["purity"].isna().sum() == 15
    one = tumours[:1].copy()
    one.obs = one.obs[["cancer_type"]].assign(sample_type="Primary Tumor")
    path = write(one)
    check_cohort(path, ALIGNMENT)
    assert load_tumours(path).obs["sample_type"].tolist() == ["primary"]
    unsaid = one.copy()
    del unsaid.obs["sample_type"]
    path = write(unsaid)
    check_cohort(path, ALIGNMENT)
    loaded = load_tumours(path)
    assert is_tumours_alone(path) and loaded.obs["sample_type"].tolist() == ["primary"]
    assert "every sample counts as a primary tumour." in " ".join(loaded.uns["notes"])
    unsaid.obs_names = ["MCF7_BREAST"]
    assert not is_tumours_alone(write(unsaid))
    for column, value, message in (
        ("purity", 55.0, "must be a share between 0 and 1"),
        ("sample_type", "normal", "and no tumour"),
    ):
        wrong = one.copy()
        wrong.obs[column] = value
        with pytest.raises(ValueError, match=message):
            check_cohort(write(wrong), ALIGNMENT)
    with pytest.raises(ValueError, match=r'lacks obs\["cancer_type"\]'):
        del one.obs["cancer_type"]
        check_cohort(write(one), ALIGNMENT)


def test_a_file_to_align_is_looked_into_before_a_run(aligned, write):
    aligned.obs.loc["s12", "purity"] = 55.0
    with pytest.raises(ValueError, match=r"share between 0 and 1; sample s12 has 55.0.*by 100"):
        check_cohort(write(aligned), ALIGNMENT)
    check_cohort(write(aligned))


def test_the_sample_and_gene_of_a_missing_value_are_named(adata, write):
    adata.X[-1, 2] = np.nan
    with pytest.raises(ValueError, match=r"finite; sample s39, gene GENE2 is nan"):
        load_cohort(write(adata))


def test_a_panel_needs_only_types_and_names(adata, write):
    panel = adata[:3].copy()
    del panel.obs["patient"]
    path = write(panel)
    check_panel(path)
    loaded = load_panel(path)
    assert (loaded.shape, loaded.X.dtype) == ((3, 6), np.float32)
    assert loaded.obs["cancer_type"].tolist() == ["A", "B", "A"]


@pytest.mark.parametrize("use", [check_panel, load_panel])
def test_a_panel_that_cannot_be_used(adata, write, use):
    for change, message in (
        (lambda a: a.obs.pop("cancer_type"), r'lacks obs\["cancer_type"\]'),
        (lambda a: a.obs.__setitem__("purity", 100.0), "share between 0 and 1"),
        (lambda a: setattr(a, "X", a.X * 1000 + 0.5), "linear values"),
        (lambda a: a.X.__setitem__((0, 0), np.nan), "sample s0, gene GENE0"),
    ):
        wrong = adata.copy()
        change(wrong)
        with pytest.raises(ValueError, match=message):
            use(write(wrong))


def test_the_suffix_may_be_in_capitals(adata, write, tmp_path):
    shouted = tmp_path / "MINE.H5AD"
    Path(write(adata)).rename(shouted)
    check_cohort(str(shouted))
    assert load_cohort(str(shouted)).n_obs == 40


@pytest.mark.parametrize("use", [check_cohort, load_cohort])
def test_files_without_something_are_refused_in_words(adata, write, use):
    without_x = anndata.AnnData(obs=adata.obs, var=adata.var, layers={"logcounts": adata.X})
    for wrong, message in (
        (without_x, r'has no X.*adata\.X = adata\.layers\["logcounts"\]'),
        (anndata.AnnData(obs=adata.obs, var=adata.var), "has no X"),
        (adata[:0].copy(), "has no samples"),
        (adata[:, :0].copy(), "has no features"),
    ):
        with pytest.raises(ValueError, match=message):
            use(write(wrong))


def test_normals_are_not_called_tumours_by_the_advice(adata, write):
    adata.obs["sample_type"] = ["Normal"] * 30 + ["biopsy"] * 10
    with pytest.raises(ValueError, match=r"normal \(30\), biopsy \(10\)") as error:
        check_cohort(write(adata))
    exec(str(error.value).split("with: ")[1], {"adata": adata})
    check_cohort(write(adata))
    assert load_cohort(write(adata)).obs["sample_type"].value_counts()["primary"] == 10
    adata.obs["sample_type"] = "Normal"
    with pytest.raises(ValueError, match="no tumour"):
        check_cohort(write(adata))


def test_a_table_is_no_cohort_and_the_error_says_how_to_make_one():
    with pytest.raises(ValueError, match=r"mine\.csv is no \.h5ad.*helpers convert mine\.csv"):
        check_cohort("mine.csv")
