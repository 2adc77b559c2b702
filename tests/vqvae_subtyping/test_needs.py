"""Chapter 3 says before its start what it cannot use."""

import numpy as np
import pytest

from helpers.vqvae_subtyping.needs import bound_codes, check_needs

USUAL = {"cohort": "demo-subtypes", "validation_cohort": "", "cancer_type": "", "features": "all"}
USUAL |= {"transform": "default", "n_clusters": 5, "clusterers": "kmeans,snf", "seed": 0}


@pytest.fixture
def own(make_cohort, tmp_path):
    """Function (number of patients) → path of a file of one cancer."""

    def write(n):
        cohort = make_cohort([(f"P{i:03d}", "BRCA", "primary") for i in range(n)], 8)
        cohort.write_h5ad(tmp_path / "own.h5ad")
        return str(tmp_path / "own.h5ad")

    return write


@pytest.mark.parametrize("given", [{}, {"validation_cohort": "demo-subtypes"}, {"n_clusters": 2}])
def test_the_demo_is_let_through(given):
    check_needs(USUAL | given)


def test_two_and_twenty_patients_are_enough(own):
    check_needs(USUAL | {"cohort": own(22)})
    with pytest.raises(ValueError, match=r"there are 22 for n_clusters = 12\. Lower n_clusters"):
        check_needs(USUAL | {"cohort": own(22), "n_clusters": 12})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cancer_type": "BRCA"}, "cancer_type must be one of DEMO"),
        ({"clusterers": "snf"}, "`clusterers` must name kmeans.*got 'snf'"),
        ({"validation_cohort": "demo-pancan"}, "`validation_cohort` demo-pancan: cancer_type must"),
    ],
)
def test_what_it_cannot_use_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        check_needs(USUAL | given)


def test_a_validation_cohort_with_other_features_is_refused(own):
    with pytest.raises(ValueError, match=r"`validation_cohort` .*own.h5ad: .* 80% or more"):
        check_needs(USUAL | {"validation_cohort": own(22)})


def test_features_that_never_vary_enough_are_refused(make_cohort, monkeypatch):
    cohort = make_cohort([(f"P{i:03d}", "BRCA", "primary") for i in range(30)], 4)
    cohort.X = np.where(np.arange(30)[:, None] == 0, 5.0, np.zeros((30, 4))).astype("float32")
    monkeypatch.setattr("helpers.vqvae_subtyping.needs.load_cohort", lambda *_: cohort)
    with pytest.raises(ValueError, match="no feature differs"):
        check_needs(USUAL)


def test_a_codebook_has_as_many_codes_as_half_of_the_patients(make_cohort):
    """Both halves of 22 patients are trained on, and each code starts at one of them."""
    patients = make_cohort([(f"P{i:03d}", "BRCA", "primary") for i in range(22)])
    assert bound_codes(patients, 8, 11) == (8, 11) and patients.uns["notes"] == []
    assert bound_codes(patients, 16, 32) == (11, 11)
    assert "Codebooks of 16 and 32 codes have 11 here" in patients.uns["notes"][0]
