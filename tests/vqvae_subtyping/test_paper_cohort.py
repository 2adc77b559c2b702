"""The publishers' full matrices, read from small files in Xena's format."""

import gzip

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.registry import COHORTS
from helpers.vqvae_subtyping.paper_cohort import build_paper_subtyping
from helpers.vqvae_subtyping.patients import select_subtyping
from helpers.vqvae_subtyping.required_data import check_subtyping

# 4 BRCA (one with a normal, one followed for 0 days), 3 GBM (no microRNA), 1 of another cancer.
BRCA = [f"TCGA-A1-000{i}-01" for i in range(4)]
GBM = [f"TCGA-06-000{i}-01" for i in range(3)]
OTHER = ["TCGA-OR-A5J1-01"]
NORMAL = ["TCGA-A1-0000-11"]
COLUMNS = [
    *("sample", "_PATIENT", "cancer type abbreviation", "age_at_initial_pathologic_diagnosis"),
    *("gender", "race", "ajcc_pathologic_tumor_stage", "clinical_stage"),
    *("OS", "OS.time", "DSS", "DSS.time", "DFI", "DFI.time", "PFI", "PFI.time"),
]


def matrix(path, samples, features):
    lines = ["\t".join(["sample", *samples])]
    lines += ["\t".join([name, *map(str, values)]) for name, values in features.items()]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    return path


def survival_row(sample, time):
    cancer = {"A1": "BRCA", "06": "GBM", "OR": "ACC"}[sample[5:7]]
    ends = ["1", str(time)] + [""] * 6
    return [sample, sample[:12], cancer, "58", "FEMALE", "WHITE", "Stage II", "", *ends]


@pytest.fixture
def cohort(tmp_path):
    samples = [*BRCA, *GBM, *OTHER, *NORMAL]
    n = len(samples)
    mrna = matrix(
        tmp_path / "mrna.gz",
        samples,
        {
            "?|1": range(n),
            "GATA3": [9.5, 3.25, 4, 5, 1, 2, 3, 7, 8],
            "ESR1": [7, 6, "NA", 5, 1, 2, 3, 7, 8],
            "TP53": [1, 2, 3, 4, 5, 5, 5, 7, 8],
        },
    )
    mirna = matrix(
        tmp_path / "mirna.gz",
        [*BRCA[1:], *OTHER, *NORMAL, BRCA[0]],
        {"hsa-miR-21-5p": [4, 5, 6, 7, 8, 1], "hsa-let-7a-3p": [0, 0, 0, 1, 1, 0]},
    )
    times = [10, 20, 30, 0, 40, 50, 60, 70]
    rows = [survival_row(*row) for row in zip([*BRCA, *GBM, *OTHER], times, strict=True)]
    survival = tmp_path / "survival"
    survival.write_text("\n".join("\t".join(row) for row in [COLUMNS, *rows]))
    phenotype = tmp_path / "phenotype.tsv.gz"
    lines = ["sample\tsample_type_id\tsample_type\t_primary_disease"]
    lines += [f"{s}\t1\tPrimary Tumor\tcancer" for s in samples]
    phenotype.write_bytes(gzip.compress("\n".join(lines).encode()))
    subtypes = pd.DataFrame(
        {"pam50": ["LumA", None], "subtype": [None, "GBM_LGG.Classic-like"]},
        index=[BRCA[0][:12], GBM[0][:12]],
    )
    return build_paper_subtyping(mrna, mirna, survival, phenotype, subtypes)


def test_tumours_of_the_ten_cancers_with_survival(cohort):
    assert cohort.obs_names.tolist() == [*BRCA[:3], *GBM]
    assert cohort.obs["cancer_type"].tolist() == ["BRCA"] * 3 + ["GBM"] * 3
    assert cohort.obs["subtype"].tolist() == ["LumA", "", "", "GBM_LGG.Classic-like", "", ""]
    assert cohort.obs["os_time"].tolist() == [10, 20, 30, 40, 50, 60]


def test_a_cancer_has_a_feature_wholly_or_not_at_all(cohort):
    has = pd.DataFrame(~np.isnan(cohort.X), cohort.obs["cancer_type"], cohort.var_names)
    assert has.groupby(level=0).nunique().max().max() == 1
    has = has[~has.index.duplicated()]
    assert not any(name.startswith("?") for name in has)
    assert has["GATA3"].tolist() == [True, True]
    assert has["ESR1"].tolist() == [False, True], "missing in a patient of BRCA"
    assert has["TP53"].tolist() == [True, False], "the same in every GBM"
    assert has["hsa-miR-21-5p"].tolist() == [True, False]
    assert "hsa-let-7a-3p" not in has, "varies in neither"


def test_values_follow_the_sample_not_the_column(cohort):
    assert cohort[BRCA[:3], "hsa-miR-21-5p"].X.ravel().tolist() == [1, 4, 5]
    assert cohort[BRCA[:3], "GATA3"].X.ravel().tolist() == [9.5, 3.25, 4]


def test_it_can_be_subtyped(cohort):
    brca = select_subtyping(cohort)
    check_subtyping(brca, 2)
    assert set(brca.var["feature_type"]) == {"gene", "microRNA"}
    assert set(select_subtyping(cohort, "GBM").var["feature_type"]) == {"gene"}
    assert COHORTS["paper-subtyping"].tier == "paper"
