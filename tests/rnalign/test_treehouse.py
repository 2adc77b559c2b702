"""Cohort paper-rnalign on small files in its publishers' formats."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.sources import fetch_group
from helpers.rnalign.purity_estimates import load_purity
from helpers.rnalign.samples import select_alignment
from helpers.rnalign.treehouse import (
    build_paper_rnalign,
    read_celligner_annotation,
    read_depmap_matrix,
)

TUMOURS = ["TCGA-A1-A0SE-01", "TARGET-40-PAMYYJ-01A-01R", "TH27_1241_S01", "TCGA-AB-2803-03"]
LINES = ["ACH-001097", "ACH-000534", "ACH-999999"]
COLUMNS = ["sampleID", "lineage", "subtype", "type", "disease", "age", "sex"]
ANNOTATION = [
    (TUMOURS[0], "breast", "luminal B", "tumor", "Breast Cancer", 50, "Female"),
    (TUMOURS[1], "bone", "osteosarcoma", "tumor", "Bone Cancer", 17.86, "Male"),
    (TUMOURS[2], "central_nervous_system", "glioma", "tumor", "Brain Cancer", None, "Unknown"),
    (TUMOURS[3], "blood", "AML", "tumor", "Leukemia", 61, "Male"),
    ("TARGET-20-PANLRE-04A-01R", "blood", "AML", "tumor", "Leukemia", 3, "Male"),
    (LINES[0], "breast", "basal A", "CL", "Breast Cancer", 44, "Female"),
    (LINES[1], "central_nervous_system", "", "CL", "Brain Cancer", None, "Male"),
]
PURITY = pd.DataFrame({"ABSOLUTE": [0.6], "CPE": [0.9]}, index=["TCGA-A1-A0SE-01"])


@pytest.fixture
def files(tmp_path):
    """The compendium (a gene twice), its clinical table, DepMap's matrix and the annotation."""
    matrix = tmp_path / "compendium.tsv"
    rows = [["Gene", *TUMOURS], ["ESR1", 9, 0, 1, 2], ["GFAP", 0, 0.5, 12, 0]]
    rows += [["MALAT1", 9, 9, 9, 9], ["ESR1", 1, 1, 1, 1], ["TP53", 3, 4, 5, 6]]
    matrix.write_text("\n".join("\t".join(map(str, row)) for row in rows))
    clinical = tmp_path / "clinical.tsv"
    clinical.write_text(
        "th_sampleid\tdisease\tage_at_dx\tpedaya\tgender\tsite_id\n"
        f"{TUMOURS[0]}\tbreast invasive carcinoma\t50\tNo\tfemale\tTCGA\n"
    )
    lines = tmp_path / "CCLE_expression_full.csv"
    lines.write_text(
        ",TP53 (ENSG00000141510),GFAP (ENSG00000131095),ESR1 (ENSG00000091831),"
        "ESR1 (ENSG00000999999)\n"
        f"{LINES[0]},5.5,0,0.1,8\n{LINES[1]},6.5,3,0,8\n{LINES[2]},1,1,1,1\n"
    )
    annotation = tmp_path / "annotation.csv"
    pd.DataFrame(ANNOTATION, columns=COLUMNS).to_csv(annotation, index=False)
    return matrix, clinical, lines, annotation


GENES = {"ESR1", "GFAP", "TP53", "BRCA1"}


def test_the_cohort(files):
    cohort = build_paper_rnalign(*files, PURITY, GENES)
    assert cohort.obs_names.tolist() == [*TUMOURS, *LINES[:2]]
    assert cohort.var_names.tolist() == ["ESR1", "GFAP", "TP53"]
    expected = [[9, 0, 3], [0, 0.5, 4], [1, 12, 5], [2, 0, 6], [0.1, 0, 5.5], [0, 3, 6.5]]
    np.testing.assert_allclose(cohort.X, np.array(expected, np.float32))
    obs = cohort.obs
    assert obs["cancer_type"].tolist() == ["breast", "bone", "brain", "blood", "breast", "brain"]
    assert obs["sample_type"].tolist() == [
        *("primary", "primary", "primary", "blood"),
        *("cell line", "cell line"),
    ]
    assert obs["batch"].tolist() == ["TCGA", "TARGET", "Treehouse", "TCGA", "DepMap", "DepMap"]
    assert obs["patient"].tolist()[:3] == ["TCGA-A1-A0SE", "TARGET-40-PAMYYJ", "TH27_1241"]
    assert obs["subtype"].tolist() == ["luminal", "", "", "", "basal", ""]
    assert obs["disease"].iloc[0] == "breast invasive carcinoma"
    assert obs["purity"].tolist() == [0.6, 0.6, 0.6, 0.6, 1, 1]
    assert obs["purity_source"].tolist()[:2] == ["ABSOLUTE", "overall median"]
    assert obs["sex"].tolist()[2:4] == ["", "male"]


def test_it_can_be_aligned(files):
    cohort = build_paper_rnalign(*files, PURITY, GENES)
    chosen = select_alignment(cohort, min_tumours=1, min_lines=1)
    assert chosen.uns["scored_types"] == ["brain", "breast"]


def test_the_first_row_of_a_repeated_symbol_counts(files):
    text = files[0].read_text()
    assert text.count("\nESR1\t") == 2
    cohort = build_paper_rnalign(*files, PURITY, GENES)
    assert cohort[TUMOURS[0], "ESR1"].X.item() == 9


def test_other_files_are_refused(files, tmp_path):
    _, clinical, lines, annotation = files
    with pytest.raises(ValueError, match="must be tab-separated"):
        build_paper_rnalign(lines, clinical, lines, annotation, PURITY, GENES)
    with pytest.raises(ValueError, match=r"must be named like 'TSPAN6 \(ENSG00000000003\)'; got"):
        read_depmap_matrix(annotation, GENES)
    other = tmp_path / "other.tsv"
    other.write_text("Gene\tA\tB\nESR1\t1\t2\nGFAP\t1\t2\n")
    with pytest.raises(ValueError, match=r"samples of Celligner's annotation.*it has A, B"):
        build_paper_rnalign(other, clinical, lines, annotation, PURITY, GENES)


@pytest.fixture(scope="module")
def annotation(real_data):
    path = next(path for path in fetch_group("celligner") if "fullsample" in path.name)
    return path, read_celligner_annotation(path, load_purity())


@pytest.mark.real
def test_samples_of_the_real_annotation(annotation):
    _, obs = annotation
    is_line = obs["sample_type"] == "cell line"
    assert ((~is_line).sum(), is_line.sum()) == (12_236, 1_249)
    assert obs.index.is_unique and obs["purity"].between(0, 1).all()
    assert (obs[~is_line]["batch"].value_counts()[["TCGA", "Treehouse", "TARGET"]]).tolist() == [
        *(9_806, 1_646, 784),
    ]
    shared = set(obs["cancer_type"][is_line]) & set(obs["cancer_type"][~is_line])
    assert len(shared) == 25


@pytest.mark.real
def test_subtypes_are_those_of_the_papers_table(annotation):
    """n of tumours and lines in figure 2 of the paper."""
    _, obs = annotation
    n = pd.crosstab(obs["subtype"], obs["sample_type"] == "cell line")
    assert n.drop("").to_dict("index") == {
        "HER2-enriched": {False: 81, True: 15},
        "adenocarcinoma": {False: 516, True: 79},
        "basal": {False: 190, True: 27},
        "luminal": {False: 770, True: 14},
        "squamous": {False: 498, True: 30},
    }


@pytest.mark.real
def test_celligners_purity_is_cpe(annotation):
    path, _ = annotation
    theirs = pd.read_csv(path, index_col="sampleID", low_memory=False)["purity"].dropna()
    assert len(theirs) == 7_832
    ours = load_purity()["CPE"].reindex(theirs.index)
    assert ours.notna().all()
    assert (np.abs(ours - theirs) > 0.001).sum() <= 2
