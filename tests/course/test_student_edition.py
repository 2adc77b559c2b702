"""The students' book: solutions are out of its sources, and nothing else is."""

import nbformat
import pytest

from helpers.course.student_edition import take_out_solutions

EXERCISE = ":::{exercise}\n:label: a\n**Try.** Run it.\n:::\n"
SOLUTION = ":::{solution} a\n:class: dropdown\nIt fails.\n```python\n1\n```\n:::\n"
FENCED = "```{solution} a\nIt fails, {ref}`so`.\n```\n"


@pytest.fixture
def site(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "book" / "teaching.md").write_text("# For lecturers\n\nWrong answers.\n")
    (tmp_path / "book" / "page.md").write_text(f"# Page\n\n{EXERCISE}\n{FENCED}\nAfter.\n")
    text = f"## Exercises\n\n{EXERCISE}\n{SOLUTION}\n{EXERCISE}\n{SOLUTION}"
    cells = [nbformat.v4.new_markdown_cell(text), nbformat.v4.new_code_cell("'{solution} x'")]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbformat.write(notebook, tmp_path / "notebooks" / "01.ipynb")
    return tmp_path


def test_solutions_go_and_exercises_stay(site):
    take_out_solutions(site)
    notebook = nbformat.read(site / "notebooks" / "01.ipynb", as_version=4)
    text = notebook.cells[0].source
    assert "solution" not in text and "It fails" not in text and text.count(EXERCISE) == 2
    assert notebook.cells[1].source == "'{solution} x'"
    page = (site / "book" / "page.md").read_text()
    assert "It fails" not in page and EXERCISE in page and page.endswith("After.\n")


def test_the_lecturers_page_keeps_its_title_alone(site):
    take_out_solutions(site)
    page = (site / "book" / "teaching.md").read_text()
    assert page.startswith("# For lecturers\n") and "Wrong answers" not in page


def test_a_solution_in_another_form_is_refused(site):
    gated = "```{solution-start} a\n```\nIt.\n```{solution-end}\n```\n"
    (site / "book" / "page.md").write_text(gated)
    with pytest.raises(ValueError, match=r"page.md has a solution .* one directive"):
        take_out_solutions(site)
