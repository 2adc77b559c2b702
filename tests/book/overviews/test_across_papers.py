"""Sentences over papers: their numbers come from runs, or they are left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from helpers.book.overviews.across_papers import across_sections, told, verdicts_in_words
from helpers.book.overviews.first_page import at_a_glance, cards, rerun_cost
from helpers.book.overviews.questions import Across, Finding, Question, load_questions
from helpers.runs.parameters import notebook_parameters

ROOT = Path(__file__).parents[3]
BETTER = Finding(
    notebook="tiny",
    text="On {cohort} it is {order} PCA ({numbers}).",
    table="scores",
    column="accuracy",
    a={"method": "vae"},
    b={"method": "pca"},
)


def test_an_order_is_told_with_its_numbers_and_a_link(finished):
    said = told(BETTER, [finished])
    assert said.startswith(
        "On `demo-pancan` it is better than PCA (0.910 ± 0.010 against 0.813 ± 0.015"
    )
    assert said.endswith("([chapter](../notebooks/tiny.ipynb))")
    worse = told(replace(BETTER, higher_is_better=False), [finished])
    assert "worse than PCA" in worse


def test_metrics_of_a_run_are_written_as_the_text_asks(finished):
    finding = Finding("tiny", "{units:.0f} units", metrics={"units": "latent.active_units"})
    assert told(finding, [finished]).startswith("27 units")


@pytest.mark.parametrize(
    "lost",
    [
        {"notebook": "gone"},
        {"table": "gone"},
        {"column": "gone"},
        {"a": {"method": "gone"}},
        {"b": {"gone": "pca"}},
        {"metrics": {"units": "gone"}},
    ],
)
def test_a_sentence_without_its_run_or_number_is_left_out(finished, lost):
    finding = replace(BETTER, **lost)
    assert told(finding, [finished]) == ""
    assert across_sections([Across("Any?", (finding,))], [finished]) == ""
    kept = across_sections([Across("Any?", (finding, BETTER))], [finished])
    assert kept.startswith("### Any?\n\n- On `demo-pancan`")


def test_a_glance_has_the_first_finding_and_the_others_folded(finished):
    three = [Across("Any?", (BETTER, BETTER, BETTER))]
    page = across_sections(three, [finished], n_shown=1)
    seen, _, folded = page.partition(":::{dropdown} 2 more\n")
    assert seen.count("- On") == 1 and folded.count("- On") == 2 and folded.endswith("\n:::")
    assert "dropdown" not in across_sections([Across("Any?", (BETTER,))], [finished], n_shown=1)
    assert "dropdown" not in across_sections(three, [finished])


def test_a_card_that_compares_much_says_so_without_numbers():
    one = "It is better than A (0.3 ± 0.1 against 0.2 ± 0.1)"
    assert at_a_glance(f"{one}.") == f"{one}."
    many = f"{one}, worse than B (1 against 2) and better than C (4 against 3)."
    assert at_a_glance(many) == "It is better than A, worse than B and better than C."


def test_the_verdicts_of_all_papers_are_counted(finished):
    assert verdicts_in_words([finished, finished]) == (
        "Of 3 claims of 1 papers: 1 reproduced, 1 not reproduced, 1 not testable here."
    )


def test_a_card_has_question_picture_answer_and_verdicts(finished):
    asked = {"tiny": Question("tiny", "White?", name="Pixels", answer=("Is it white",))}
    card = cards([finished], asked, {"tiny": "A paper"})
    assert ":::{grid-item-card} Pixels" in card and "*White?*" in card
    assert "_figures/tiny.png\n:alt: One white pixel." in card
    assert "\nYes.\n" in card and "verdict-bar" in card and "A paper, on `demo-pancan`." in card


def test_the_cost_is_that_of_the_runs(finished):
    said = rerun_cost([finished, finished])
    assert "2 runs" in said and "**8 min 25 s**" in said and "0.9 GB" in said


def test_the_books_questions_name_notebooks_and_parameters_that_there_are():
    asked = load_questions(ROOT / "book" / "questions.toml")
    for notebook, question in asked.chapters.items():
        names = {p.name for p in notebook_parameters(ROOT / "notebooks" / f"{notebook}.ipynb")}
        assert set(question.change) <= names and question.why
    notebooks = {finding.notebook for one in asked.across for finding in one.finding}
    assert notebooks <= set(asked.chapters)


def test_an_unknown_key_is_refused(tmp_path):
    path = tmp_path / "questions.toml"
    path.write_text('[[chapter]]\nnotebook = "n"\nquestion = "q"\nanwser = []\n')
    with pytest.raises(ValueError, match="keys must be among notebook, question"):
        load_questions(path)
