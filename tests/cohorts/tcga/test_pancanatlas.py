"""The paper's full-size input, read from small files in Xena's format."""

import gzip

import numpy as np
import pytest

from helpers.cohorts.tcga.pancanatlas import OwnSymbols, build_xena_cohort

SAMPLES = ["TCGA-OR-A5J1-01", "TCGA-OR-A5J2-01", "TCGA-AB-2802-03", "TCGA-ZZ-0000-01"]
MATRIX = """\
sample\tTCGA-OR-A5J1-01\tTCGA-OR-A5J2-01\tTCGA-AB-2802-03\tTCGA-ZZ-0000-01
?|100130426\t0.0\t0.0\t0.0\t0.0
GATA3\t9.5\t3.25\t0.0\t1.0
SLC35E2\t1.0\t1.0\t1.0\t1.0
SLC35E2\t2.0\t2.0\t2.0\t2.0
LOCAL\t1.0\t\tNA\t1.0
ESR1\t7.0\t6.0\t5.0\t\n"""
SURVIVAL_COLUMNS = [
    *("sample", "_PATIENT", "cancer type abbreviation", "age_at_initial_pathologic_diagnosis"),
    *("gender", "race", "ajcc_pathologic_tumor_stage", "clinical_stage"),
    *("OS", "OS.time", "DSS", "DSS.time", "DFI", "DFI.time", "PFI", "PFI.time"),
]


@pytest.fixture
def files(tmp_path):
    matrix = tmp_path / "expression.xena.gz"
    matrix.write_bytes(gzip.compress(MATRIX.encode()))
    stage = ["Stage II", "[Not Applicable]"]
    ends = ["1", "1355", "1", "1355", "", "", "1", "754"]
    rows = [
        [SAMPLES[0], SAMPLES[0][:12], "ACC", "58", "MALE", "WHITE", *stage, *ends],
        [SAMPLES[1], SAMPLES[1][:12], "ACC", "44", "FEMALE", "WHITE", *stage, *ends],
        [SAMPLES[2], SAMPLES[2][:12], "LAML", "50", "MALE", "[Unknown]", *stage[::-1], *ends],
    ]
    survival = tmp_path / "survival"
    survival.write_text("\n".join("\t".join(row) for row in [SURVIVAL_COLUMNS, *rows]))
    phenotype = tmp_path / "phenotype.tsv.gz"
    rows = ["sample\tsample_type_id\tsample_type\t_primary_disease"]
    rows += [f"{s}\t1\tPrimary Tumor\tadrenocortical cancer" for s in SAMPLES[:2]]
    phenotype.write_bytes(gzip.compress("\n".join(rows).encode()))
    return matrix, survival, phenotype


def test_a_gene_has_a_symbol_and_is_the_first_of_it():
    wanted = OwnSymbols()
    assert [wanted(gene) for gene in ("?|1", "A", "B", "A")] == [False, True, True, False]
    assert wanted.n_asked == 4


def test_the_cohort_has_whole_genes_and_known_samples(files):
    cohort = build_xena_cohort(*files)
    assert cohort.obs_names.tolist() == SAMPLES[:3], "the fourth has no cancer type"
    assert cohort.var_names.tolist() == ["GATA3", "SLC35E2", "ESR1"]
    assert cohort[:, "SLC35E2"].X.ravel().tolist() == [1.0, 1.0, 1.0], "the first of a symbol"
    assert not np.isnan(cohort.X).any()
    assert (cohort.uns["unit"], cohort.uns["feature"]) == ("log2(normalised value + 1)", "gene")
    assert "3 of 6 genes" in cohort.uns["notes"][0]
    assert len(cohort.uns["default_types"]) == 12


def test_survival_and_phenotype_are_joined(files):
    obs = build_xena_cohort(*files).obs
    assert obs["cancer_type"].tolist() == ["ACC", "ACC", "LAML"]
    assert obs["sample_type"].tolist() == ["primary", "primary", "blood"]
    assert obs["os_time"].tolist() == [1355, 1355, 1355]
    assert obs["sex"].tolist() == ["male", "female", "male"]
    assert obs["stage"].tolist() == ["Stage II"] * 3
    assert obs["primary_disease"].isna().tolist() == [False, False, True]
    assert np.isnan(obs["race"].iloc[2])


def test_what_is_no_matrix_is_refused(files, tmp_path):
    path = tmp_path / "wrong.gz"
    path.write_bytes(gzip.compress(b"<html>not found</html>\n"))
    with pytest.raises(ValueError, match="must be tab-separated"):
        build_xena_cohort(path, *files[1:])
