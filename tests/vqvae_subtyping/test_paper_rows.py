"""Every figure of paper 3 has its row; what all papers' rows must say is in tests/evaluate."""

from helpers.evaluate.fidelity import STATUSES
from helpers.vqvae_subtyping.claims import subtyping_claims
from helpers.vqvae_subtyping.paper_rows import paper_rows


def test_what_is_not_faithful_says_why_at_some_length():
    rows = paper_rows().table
    assert set(rows["status"]) == set(STATUSES)
    assert (rows.loc[rows["status"] != "faithful", "here"].str.len() >= 20).all()


def test_every_figure_of_the_text_is_there_claims_included():
    where = " ".join(paper_rows().table["where"])
    for figure in ("1", "2", "3", "4–6", "5–6", "7a–b", "7c", "7d–e", "7f", "8a", "8b", "9"):
        assert figure in where, figure
    for claim in subtyping_claims().values():
        number = claim.where.removeprefix("figure ").rstrip("abcdef–")
        assert number in where.replace("4–6", "4 5 6"), claim.where
