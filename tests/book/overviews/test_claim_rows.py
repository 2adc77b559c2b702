"""Claims read from a run, their section, and their verdicts in HTML."""

import pytest
from bs4 import BeautifulSoup

from helpers.book.overviews.claim_rows import marks, read_claims, section_of, verdict_bar
from helpers.book.overviews.questions import Question
from helpers.book.overviews.results_page import claim_tables

HEADINGS = ["Tumours (figure 2)", "Every clusterer (figures 3 to 6)", "PAM50 (figure 7a–c)"]
HEADINGS += ["Groups (figure 7d–e)", "Table 1: every method"]


@pytest.mark.parametrize(
    ("where", "heading"),
    [
        ("figure 2", "Tumours (figure 2)"),
        ("figure 5", "Every clusterer (figures 3 to 6)"),
        ("figure 7c", "PAM50 (figure 7a–c)"),
        ("figure 7e", "Groups (figure 7d–e)"),
        ("figure 7f", "PAM50 (figure 7a–c)"),
        ("table 1", "Table 1: every method"),
        ("results", "Reproduction table"),
        ("table 2", "Reproduction table"),
    ],
)
def test_a_claim_leads_to_the_section_that_names_its_figure(where, heading):
    assert section_of(where, HEADINGS) == heading


def test_figures_and_tables_named_in_a_text():
    assert marks("figure 2d–e, table 3") == {"figure2d", "figure2e", "table3"}
    assert marks("no such thing") == set()


def test_every_claim_of_a_run_is_read_with_its_verdict(finished):
    claims = read_claims(finished)
    assert [claim.verdict for claim in claims] == [
        *("reproduced", "not", "uncertain", "not testable here")
    ]
    assert [claim.is_papers for claim in claims] == [True, True, False, True]
    assert claims[0].address == "../notebooks/tiny.html#reproduction-table"
    (finished.folder / "tables" / "reproduction.csv").unlink()
    assert read_claims(finished) == []


def test_the_bar_counts_the_papers_claims_and_says_so_in_words(finished):
    bar = BeautifulSoup(verdict_bar(read_claims(finished)), "html.parser")
    assert [part.get_text() for part in bar.select(".part")] == ["1", "1", "1"]
    said = bar.select_one(".counts").get_text()
    assert said == "3 claims of the paper: 1 reproduced, 1 not reproduced, 1 not testable here"
    assert verdict_bar([]) == ""


def test_the_page_has_a_row_a_claim_with_digits_that_the_spread_supports(finished):
    asked = {"tiny": Question("tiny", "White?", name="Pixels")}
    markdown = claim_tables([finished, finished], asked)
    assert "## Pixels" in markdown and "<details" in markdown
    soup = BeautifulSoup(markdown, "html.parser")
    first = soup.select_one("table.claims tbody tr")
    assert first["data-paper"] == "tiny" and first["data-verdict"] == "reproduced"
    cells = [cell.get_text(" ", strip=True) for cell in first.find_all(["th", "td"])]
    assert cells[0] == "pixels are white figure 2"
    assert cells[2] == "0.9550 ± 0.0062 n = 5"
    assert len(soup.select("table.claims tbody tr")) == 8
    assert "our question" in soup.get_text()
