"""The top of a chapter, its commands, its figures' numbers."""

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.book.chapter_pages.figure_numbers import chapter_of, number_figures
from helpers.book.chapter_pages.opening import answer_of, one_minute, write_picture
from helpers.book.chapter_pages.run_cards import command, commands
from helpers.book.chapter_pages.run_sentences import first_sentence, sentences
from helpers.book.overviews.questions import Question
from helpers.runs.parameters import Parameter

PARAMETERS = [
    Parameter("cohort", "str", "demo", "cohort"),
    Parameter("seed", "int", 3, "of every random number"),
    Parameter("n_latent", "int", 32, "dimensions"),
]


def test_the_runs_own_sentences_are_read_by_their_title(finished):
    said = sentences(nbformat.read(finished.notebook, as_version=4))
    assert list(said) == ["Telling pixels (by lamp)", "Is it white?"]
    assert said["Is it white?"] == "Yes. It is."


def test_a_sentence_ends_at_its_full_stop_and_not_at_a_decimal():
    text = "A is better than B (0.91 ± 0.02 against 0.85). Under `x` it is not. And so on."
    assert first_sentence(text) == "A is better than B (0.91 ± 0.02 against 0.85)."
    assert first_sentence("One only") == "One only"


def test_the_answer_is_the_chosen_sentence_or_the_first_ones(finished):
    assert answer_of(finished, ["Is it"]) == [("Is it white?", "Yes.")]
    (title, text), _ = answer_of(finished, ["Gone"])
    assert title == "Telling pixels (by lamp)"
    assert text == "They beat dots (0.900 ± 0.010 against 0.810 ± 0.015)."


def test_the_opening_has_question_answer_verdicts_and_picture(finished, tmp_path):
    text = one_minute(finished, Question("tiny", "White?", answer=("Is it",)))
    assert text.startswith("## In one minute\n\n*White?*\n\n- **Is it white?** Yes.")
    assert "1 not reproduced" in text
    assert "../book/_figures/tiny.png\n:alt: One white pixel." in text
    write_picture(finished, tmp_path)
    assert (tmp_path / "tiny.png").read_bytes().startswith(b"\x89PNG")


def test_a_run_that_says_nothing_has_no_opening(finished):
    nbformat.write(new_notebook(cells=[new_markdown_cell("# T")]), finished.notebook)
    (finished.folder / "tables" / "reproduction.csv").unlink()
    assert one_minute(finished, None) == ""


def test_the_command_names_what_differs_from_the_default_and_what_is_changed(finished):
    assert command(finished, PARAMETERS) == (
        ".venv/bin/python -m helpers run tiny \\\n  -p cohort demo-pancan \\\n  -p n_latent 64"
    )
    asked = Question("tiny", "White?", change={"n_latent": 2}, why="see what is left.")
    text = commands(finished, PARAMETERS, asked)
    assert "-p n_latent 2" in text and "see what is left." in text and "helpers compare" in text


def test_figures_are_counted_by_chapter():
    drawn = [new_output("display_data", data={"image/png": ""})]
    cells = [
        new_code_cell("a", outputs=drawn, metadata={"mystnb": {"figure": {"caption": "A."}}}),
        new_code_cell("none", metadata={"mystnb": {"figure": {"caption": "Not drawn."}}}),
        new_code_cell(
            "b", outputs=drawn, metadata={"mystnb": {"figure": {"caption": "B.", "name": "b"}}}
        ),
        new_markdown_cell("See {numref}`b` and {numref}`elsewhere`."),
    ]
    page = new_notebook(cells=cells)
    number_figures(page, "4")
    captions = [cell.metadata["mystnb"]["figure"]["caption"] for cell in page.cells[:3]]
    assert captions == ["**Fig. 4.1.** A.", "Not drawn.", "**Fig. 4.2.** B."]
    assert page.cells[3].source == "See {ref}`Fig. 4.2 <b>` and {numref}`elsewhere`."


def test_a_second_page_of_a_chapter_has_its_own_count():
    assert chapter_of("04_rnalign", 0) == "4"
    assert chapter_of("04_rnalign", 1) == "4b"
    assert chapter_of("tiny", 0) == ""
