"""tcga-brca and tcga-subtyping: the builder on small tables, every known fact on the real ones."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.registry import cohort_inputs, load_cohort
from helpers.cohorts.sources import load_sources
from helpers.cohorts.tcga.mirna import MirnaTable
from helpers.cohorts.tcga.subtype_cohorts import MRNA_OF, build_subtyping_cohort

N_MATCHED = {"BRCA": 940, "LGG": 475, "LUAD": 448, "HNSC": 412, "BLCA": 370, "KIRC": 341}
N_MATCHED |= {"COAD": 226, "OV": 451, "PRAD": 494, "GBM": 90}
N_DEATHS = {"BRCA": 127, "LGG": 111, "LUAD": 156, "HNSC": 195, "BLCA": 167, "KIRC": 92, "COAD": 55}


def patient(i):
    return f"TCGA-AA-{i:04d}"


def mirna_table(rows, **columns):
    """rows: (patient number, sample type and vial)."""
    names = [f"{patient(i)}-{kind}-11R-A41G-13" for i, kind in rows]
    values = columns or {"hsa-mir-21": np.arange(len(names)) + 1.0}
    rpm = pd.DataFrame(values, index=names)
    return MirnaTable(rpm, pd.Series("Illumina HiSeq 2000", index=names))


def z_table(numbers, **columns):
    values = columns or {"ERBB2": np.arange(len(numbers)) / 2}
    return pd.DataFrame(values, index=[patient(i) for i in numbers]).astype("float32")


@pytest.fixture
def clinical():
    table = pd.DataFrame(
        {
            "cancer_type": ["BRCA"] * 6 + ["OV"] * 2,
            "age": 50.0,
            "sex": "female",
            "race": "",
            "stage": "",
            "os_time": [10.0, 20, 0, np.nan, 5, 6, 7, 8],
            "os_event": [0.0, 1, 1, 0, np.nan, 1, 0, 1],
        },
        index=[patient(i) for i in range(8)],
    )
    return table


@pytest.fixture
def subtypes():
    return pd.DataFrame(
        {
            "pam50": ["LumA", None, None],
            "subtype": ["BRCA.LumA", "BRCA.LumB", "OVCA.Mesenchymal"],
        },
        index=[patient(0), patient(1), patient(6)],
    )


@pytest.fixture(scope="module")
def tcga_brca(real_data):
    return load_cohort("tcga-brca")


@pytest.fixture(scope="module")
def tcga_subtyping(real_data):
    return load_cohort("tcga-subtyping")


def test_patients_have_both_and_a_survival_time_above_0(clinical, subtypes):
    mirna = mirna_table([(i, "01A") for i in (0, 1, 2, 3, 4, 6)])
    cohort = build_subtyping_cohort(
        {"BRCA": z_table(range(7))}, {"BRCA": mirna}, clinical, subtypes
    )
    assert cohort.obs_names.tolist() == [patient(0), patient(1)], "0 days, unknown, other cancer"
    assert cohort.obs["os_time"].tolist() == [10, 20]
    assert cohort.obs["subtype"].tolist() == ["LumA", ""], "PAM50 or nothing"
    assert cohort.obs["sample_type"].tolist() == ["primary"] * 2
    assert cohort.var["feature_type"].tolist() == ["gene", "microRNA"]
    np.testing.assert_allclose(cohort.X, [[0, 1], [0.5, np.log2(3)]])


def test_of_a_patients_aliquots_the_first_primary_counts(clinical, subtypes):
    rows = [(0, "11A"), (0, "01B"), (0, "01A"), (1, "06A"), (1, "01A")]
    cohort = build_subtyping_cohort(
        {"BRCA": z_table(range(3))}, {"BRCA": mirna_table(rows)}, clinical, subtypes
    )
    aliquots = cohort.obs["microrna_aliquot"].str[13:16].tolist()
    assert aliquots == ["01A", "01A"]
    np.testing.assert_allclose(cohort[:, "hsa-mir-21"].X.ravel(), np.log2([4, 6]))


def test_a_cancer_without_one_half_is_nan_there(clinical, subtypes):
    cohort = build_subtyping_cohort(
        {"BRCA": z_table(range(7))},
        {
            "BRCA": mirna_table([(0, "01A"), (1, "01A")]),
            "OV": mirna_table([(6, "01A"), (7, "01A")]),
        },
        clinical,
        subtypes,
    )
    assert cohort.obs["cancer_type"].tolist() == ["BRCA", "BRCA", "OV", "OV"]
    assert np.isnan(cohort[:, "ERBB2"].X.ravel()).tolist() == [False, False, True, True]
    assert cohort.obs["subtype"].tolist()[2:] == ["OVCA.Mesenchymal", ""]
    only_genes = build_subtyping_cohort({"BRCA": z_table(range(7))}, {}, clinical, subtypes)
    assert only_genes.var_names.tolist() == ["ERBB2"] and only_genes.n_obs == 3
    assert set(only_genes.obs["microrna_batch"]) == {""}


def test_a_feature_that_never_varies_in_a_cancer_is_absent_from_it(clinical, subtypes):
    mirna = {
        "BRCA": mirna_table([(0, "01A"), (1, "01A")], **{"hsa-a": [0, 0], "hsa-b": [1, 2]}),
        "OV": mirna_table([(6, "01A"), (7, "01A")], **{"hsa-a": [3, 4], "hsa-b": [0, 0]}),
    }
    cohort = build_subtyping_cohort({}, mirna, clinical, subtypes)
    assert np.isnan(cohort.X).tolist() == [[True, False]] * 2 + [[False, True]] * 2


@pytest.mark.real
def test_brca_patients(tcga_brca):
    obs = tcga_brca.obs
    assert tcga_brca.n_obs == 940 and obs["patient"].is_unique
    assert obs["os_event"].sum() == 127 and (obs["os_time"] > 0).all()
    counts = {"LumA": 474, "LumB": 190, "Basal": 160, "Her2": 72, "Normal": 33, "": 11}
    assert obs["subtype"].value_counts().to_dict() == counts
    assert sum(n for name, n in counts.items() if name) == 929
    assert np.isfinite(tcga_brca.X).all() and tcga_brca.X.dtype == np.float32


@pytest.mark.real
def test_brca_features(tcga_brca):
    kinds = tcga_brca.var["feature_type"]
    assert kinds.value_counts().to_dict() == {"gene": 1558, "microRNA": 897}
    assert (kinds == "gene").to_numpy()[:1558].all()
    genes = tcga_brca.var_names[kinds == "gene"]
    assert not {"ESR1", "FOXA1", "KRT5"} & set(genes)
    assert tcga_brca[:, "FGF4"].X.max() == pytest.approx(36_893, abs=1)
    assert (np.ptp(tcga_brca.X, axis=0) > 0).all()


@pytest.mark.real
def test_brca_micrornas_are_those_of_tcga_mirna(tcga_brca, tcga_mirna):
    both = tcga_mirna.var_names.intersection(tcga_brca.var_names)
    aliquots = tcga_brca.obs["microrna_aliquot"]
    np.testing.assert_allclose(
        tcga_brca[:, both].X, tcga_mirna[aliquots.tolist(), both].X, rtol=1e-5, atol=1e-5
    )
    machine = tcga_mirna.obs["batch"].astype(str)[aliquots]
    assert (machine.to_numpy() == tcga_brca.obs["microrna_batch"].to_numpy()).all()


@pytest.mark.real
def test_survival_by_pam50(tcga_brca):
    from lifelines.statistics import multivariate_logrank_test

    obs = tcga_brca.obs[tcga_brca.obs["subtype"] != ""]
    test = multivariate_logrank_test(obs["os_time"], obs["subtype"], obs["os_event"])
    assert test.p_value == pytest.approx(0.045, abs=0.002)


@pytest.mark.real
@pytest.mark.parametrize(("kind", "accuracy"), [("gene", 0.865), ("microRNA", 0.816)])
def test_pam50_can_be_told_from_either_half(tcga_brca, kind, accuracy):
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold

    from helpers.cohorts.expression_transform import ExpressionTransform

    chosen = tcga_brca[(tcga_brca.obs["subtype"] != "").to_numpy()]
    chosen = chosen[:, (chosen.var["feature_type"] == kind).to_numpy()].copy()
    subtype = chosen.obs["subtype"].to_numpy()
    folds = StratifiedKFold(5, shuffle=True, random_state=0).split(chosen.X, subtype)
    right = []
    for train, test in folds:
        transform = ExpressionTransform().fit(chosen[train])
        model = LogisticRegression(C=1e-3, max_iter=100)
        model.fit(transform.transform(chosen[train]), subtype[train])
        right += list(model.predict(transform.transform(chosen[test])) == subtype[test])
    assert np.mean(right) == pytest.approx(accuracy, abs=0.025)


@pytest.mark.real
def test_matched_patients_and_deaths_of_ten_cancers(tcga_subtyping):
    obs = tcga_subtyping.obs
    assert set(MRNA_OF) == set(N_MATCHED)
    assert obs["cancer_type"].value_counts().to_dict() == N_MATCHED
    deaths = obs.groupby("cancer_type")["os_event"].sum()
    assert {name: int(deaths[name]) for name in N_DEATHS} == N_DEATHS
    assert deaths["PRAD"] == 10
    assert obs["patient"].is_unique and (obs["os_time"] > 0).all()
    assert obs["os_event"].isin([0, 1]).all()


@pytest.mark.real
def test_a_feature_is_whole_or_absent_in_each_cancer(tcga_subtyping):
    kinds = tcga_subtyping.var["feature_type"]
    for name in N_MATCHED:
        x = tcga_subtyping[(tcga_subtyping.obs["cancer_type"] == name).to_numpy()].X
        is_missing = np.isnan(x)
        np.testing.assert_array_equal(is_missing.any(axis=0), is_missing.all(axis=0))
        found = set(kinds[~is_missing.any(axis=0)])
        expected = {"OV": {"microRNA"}, "PRAD": {"microRNA"}, "GBM": {"gene"}}
        assert found == expected.get(name, {"gene", "microRNA"})


@pytest.mark.real
def test_brca_is_the_same_in_both(tcga_brca, tcga_subtyping):
    part = tcga_subtyping[tcga_brca.obs_names, tcga_brca.var_names]
    np.testing.assert_array_equal(part.X, tcga_brca.X)
    assert (part.obs["subtype"] == tcga_brca.obs["subtype"]).all()


@pytest.mark.real
def test_it_says_what_it_lacks(tcga_brca, tcga_subtyping):
    for cohort in (tcga_brca, tcga_subtyping):
        assert "z-score of linear" in cohort.uns["unit"] and "log2(RPM+1)" in cohort.uns["unit"]
        assert all(isinstance(note, str) for note in cohort.uns["notes"])
    notes = " ".join(tcga_subtyping.uns["notes"])
    assert "OV and PRAD have microRNAs only, GBM has mRNA only" in notes


def test_inputs_hold_what_the_clusters_are_read_with():
    inputs = cohort_inputs("tcga-brca")
    for group in ("tcga-mrna-z", "tcga-mirna", "tcga-subtypes", "mirna-targets"):
        for source in load_sources()[group]:
            assert inputs[source.mirror_path] == source.sha256
