"""Chapter 4 says before its start what it cannot use."""

import pytest

from helpers.cohorts.registry import load_cohort
from helpers.rnalign.needs import check_needs, halved

USUAL = {"cohort": "demo-rnalign", "subtype_cohort": "", "line_panel": "", "quick": False}
USUAL |= {"cancer_types": "default", "min_tumours": 10, "min_lines": 5, "n_neighbours": 25}
USUAL |= {"tumour": "", "seed": 0, "line_cohort": ""}


@pytest.mark.parametrize(
    "given", [{}, {"quick": True}, {"tumour": "SIM-0001"}, {"subtype_cohort": "demo-rnalign"}]
)
def test_the_demo_is_let_through(given):
    check_needs(USUAL | given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cancer_types": "BRCA"}, "cancer_types must be of .*got BRCA"),
        ({"min_lines": 1000}, "must leave a type with 10 patients and 1000 cell lines"),
        ({"min_tumours": 1000}, "must leave two or more types with 1000"),
        ({"n_neighbours": 10_000}, "n_neighbours = 10000 must be at most"),
        ({"tumour": "nobody"}, "`tumour` must be one of the chosen .*: got 'nobody'"),
        ({"tumour": "SIM-0001", "quick": True}, "such as SIM-0000, SIM-0002"),
        ({"subtype_cohort": "demo-pancan"}, r'the cohort must have obs\["purity"\]'),
    ],
)
def test_what_it_cannot_use_is_refused(given, message):
    with pytest.raises(ValueError, match=message):
        check_needs(USUAL | given)


def test_a_panel_without_the_cohorts_genes_is_refused(make_cohort, tmp_path):
    lines = make_cohort([(f"L{i}", "GLAND", "cell line") for i in range(30)])
    lines.write_h5ad(tmp_path / "panel.h5ad")
    with pytest.raises(ValueError, match=r"panel.h5ad"):
        check_needs(USUAL | {"line_panel": str(tmp_path / "panel.h5ad")})


def test_only_large_cohorts_are_halved():
    cohort = load_cohort("demo-rnalign", 0)
    assert halved(cohort, True).n_obs == cohort.n_obs // 2
    assert halved(cohort, False) is cohort and halved(cohort[:900], True).n_obs == 900
