import pytest

from helpers.cohorts.sample_selection import select_tumours


def _patients(cancer_type, n, sample_type="primary", start=0):
    return [(f"{cancer_type}{i}", cancer_type, sample_type) for i in range(start, start + n)]


def test_tumours_and_not_normals(make_cohort):
    rows = _patients("A", 12) + _patients("A", 12, "normal") + _patients("B", 12)
    tumours = select_tumours(make_cohort(rows))
    assert tumours.n_obs == 24
    assert set(tumours.obs["sample_type"]) == {"primary"}
    assert tumours.uns["notes"] == ["Left out of 36 samples: 12 normal."]
    assert not tumours.obs["is_metastasis"].any()


def test_blood_stands_for_a_type_without_primary_tumours(make_cohort):
    rows = _patients("A", 12) + _patients("A", 3, "blood", 50) + _patients("LAML", 12, "blood")
    obs = select_tumours(make_cohort(rows)).obs
    assert obs.groupby("cancer_type")["sample_type"].unique().map(list).to_dict() == {
        "A": ["primary"],
        "LAML": ["blood"],
    }


def test_metastases_stay_where_they_outnumber_primaries_and_are_marked(make_cohort):
    rows = _patients("A", 12) + _patients("A", 5, "metastasis", 50)
    rows += _patients("SKCM", 4) + _patients("SKCM", 20, "metastasis", 50)
    obs = select_tumours(make_cohort(rows)).obs
    assert obs["cancer_type"].value_counts().to_dict() == {"SKCM": 24, "A": 12}
    assert obs["is_metastasis"].sum() == 20
    assert set(obs.loc[obs["is_metastasis"], "cancer_type"]) == {"SKCM"}


def test_one_aliquot_a_patient_the_primary_and_the_first_barcode(make_cohort):
    rows = _patients("SKCM", 10, "metastasis") + _patients("SKCM", 1) + _patients("A", 11)
    rows += [("A0", "A", "primary")]
    cohort = make_cohort(rows)
    obs = select_tumours(cohort).obs
    assert obs["patient"].is_unique
    assert obs.loc[obs["patient"] == "SKCM0", "sample_type"].item() == "primary"
    assert obs.index[obs["patient"] == "A0"].item() == "sample-011"
    notes = select_tumours(cohort).uns["notes"]
    assert "9 metastasis" in notes[0] or "further samples of patients who have one" in notes[0]
    shuffled = select_tumours(cohort[::-1].copy()).obs
    assert set(shuffled.index) == set(obs.index)


def test_small_types_are_dropped_and_said(make_cohort):
    rows = _patients("A", 12) + _patients("B", 12) + _patients("C", 9)
    tumours = select_tumours(make_cohort(rows))
    assert set(tumours.obs["cancer_type"]) == {"A", "B"}
    assert "fewer than 10 patients with a tumour: C (9)" in tumours.uns["notes"][-1]
    assert select_tumours(make_cohort(rows), min_patients=9).obs["cancer_type"].nunique() == 3


@pytest.mark.parametrize("asked", ["A C", "C,A", "A, C A"])
def test_asked_types(make_cohort, asked):
    rows = _patients("A", 12) + _patients("B", 12) + _patients("C", 12)
    tumours = select_tumours(make_cohort(rows), asked)
    assert set(tumours.obs["cancer_type"]) == {"A", "C"}


def test_default_types_and_all(make_cohort):
    cohort = make_cohort(_patients("A", 12) + _patients("B", 12) + _patients("C", 12))
    assert select_tumours(cohort).obs["cancer_type"].nunique() == 3
    cohort.uns["default_types"] = ["A", "B"]
    assert set(select_tumours(cohort).obs["cancer_type"]) == {"A", "B"}
    assert select_tumours(cohort, "all").obs["cancer_type"].nunique() == 3
    assert cohort.uns["notes"] == [], "the cohort itself is left as it was"


def test_labels_with_spaces_and_commas(make_cohort):
    rows = _patients("Lung, adeno", 12) + _patients("Kidney", 12) + _patients("B C", 12)
    tumours = select_tumours(make_cohort(rows), "Lung, adeno, Kidney")
    assert set(tumours.obs["cancer_type"]) == {"Lung, adeno", "Kidney"}


def test_unknown_type(make_cohort):
    with pytest.raises(ValueError, match=r"must be of A B.*got C D"):
        select_tumours(make_cohort(_patients("A", 12) + _patients("B", 12)), "A C D")


def test_fewer_than_two_types(make_cohort):
    cohort = make_cohort(_patients("A", 12) + _patients("B", 4))
    with pytest.raises(ValueError, match=r"two or more types with 10.*'B': 4"):
        select_tumours(cohort)


@pytest.mark.real
def test_the_chapters_cohort(tcga_mirna):
    tumours = select_tumours(tcga_mirna)
    n = tumours.obs["cancer_type"].value_counts()
    assert tumours.n_obs == 5_667
    assert sorted(n.index) == sorted(tcga_mirna.uns["default_types"])
    assert (n["LAML"], n["BRCA"], n["SKCM"], n["READ"]) == (188, 1078, 448, 143)
    assert tumours.obs["patient"].is_unique
    assert tumours.obs.loc[tumours.obs["is_metastasis"], "cancer_type"].unique() == ["SKCM"]
    assert select_tumours(tcga_mirna, "all").obs["cancer_type"].nunique() == 32
