"""Names held against a table of HGNC's."""

import pytest

from tests.cohorts.reading.hgnc_comparison import missed, read_hgnc, verdicts

CUSTOM = """HGNC ID\tApproved symbol\tStatus\tAlias symbols\tNCBI Gene ID\tPrevious symbols
1\tTENT5C\tApproved\t\t54855\tFAM46C
2\tVSIR\tApproved\tSISP1, GI24\t64115\tC10orf54, B7H5
3\tCFAP68\tApproved\t\t64776\tC11orf1
4\tGONE\tEntry Withdrawn\t\t\tFAM1
5\tONE\tApproved\t\t1\tTWICE
6\tOTHER\tApproved\t\t2\tTWICE, C10orf9
"""
COMPLETE = """hgnc_id\tsymbol\tstatus\talias_symbol\tprev_symbol\tentrez_id
2\tVSIR\tApproved\tSISP1|GI24\tC10orf54|B7H5\t64115
"""


@pytest.fixture
def hgnc(tmp_path):
    (tmp_path / "hgnc.txt").write_text(CUSTOM)
    return read_hgnc(tmp_path / "hgnc.txt")


def test_both_downloads_are_read(hgnc, tmp_path):
    (tmp_path / "complete.txt").write_text(COMPLETE)
    (row,) = read_hgnc(tmp_path / "complete.txt").itertuples()
    assert (row.symbol, row.previous, row.alias, row.entrez) == (
        *("VSIR", ["C10orf54", "B7H5"], ["SISP1", "GI24"], "64115"),
    )
    assert hgnc["symbol"].tolist() == ["TENT5C", "VSIR", "CFAP68", "ONE", "OTHER"]


def test_names_are_as_hgnc_has_them_or_not(hgnc):
    names = {"FAM46C": "TENT5C", "C10ORF54": "VSIR", "GI24": "VSIR", "B7H5": "TENT5C"}
    names |= {"C11ORF1": "C11orf1", "FAM1": "GONE", "TWICE": "ONE"}
    assert verdicts(names, hgnc).to_dict() == {
        **dict.fromkeys(["FAM46C", "C10ORF54", "GI24", "C11ORF1", "TWICE"], "as HGNC"),
        "B7H5": "otherwise",
        "FAM1": "not in HGNC",
    }


def test_names_that_are_not_known_to_us_but_to_hgnc(hgnc):
    asked = ["C10orf54", "FAM46C", "TWICE", "VSIR", "C10orf9", "NEVER", "GI24"]
    assert missed(asked, {"FAM46C"}, hgnc) == ["C10orf54", "C10orf9"]
