"""Every row of the paper has a known status, and nothing that is not as the paper has it no why."""

from helpers.vqvae_subtyping.claims import subtyping_claims
from helpers.vqvae_subtyping.paper_rows import STATUSES, paper_rows


def test_every_row_that_is_not_faithful_says_why():
    rows = paper_rows().table
    assert set(rows["status"]) == set(STATUSES)
    assert not rows[(rows["status"] != "faithful") & (rows["here"].str.len() < 20)].size
    assert not rows.duplicated(["where", "paper"]).any()


def test_counts_are_those_of_the_table():
    found = paper_rows()
    assert sum(found.counts.values()) == len(found.table)
    assert f"{found.counts['missing']} missing" in found.in_words
    assert found.in_words.startswith(f"Of {len(found.table)} rows")


def test_every_figure_of_the_text_is_there_claims_included():
    where = " ".join(paper_rows().table["where"])
    for figure in ("1", "2", "3", "4–6", "5–6", "7a–b", "7c", "7d–e", "7f", "8a", "8b", "9"):
        assert figure in where, figure
    for claim in subtyping_claims().values():
        number = claim.where.removeprefix("figure ").rstrip("abcdef–")
        assert number in where.replace("4–6", "4 5 6"), claim.where
