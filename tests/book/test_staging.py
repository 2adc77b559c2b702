"""Notebook → page, and the staged folder as a whole."""

import shutil
from dataclasses import replace

import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell

from helpers.book.chapter_pages.labels import rename_labels
from helpers.book.chapter_pages.notebook_page import Setting, notebook_page, with_outputs
from helpers.book.chapter_pages.run_cards import parameter_table
from helpers.book.contents import Entry
from helpers.book.finished import FinishedRun
from helpers.book.staging import document_names, folder_digest, stage
from helpers.runs.parameters import Parameter

PARAMETERS = [
    Parameter("seed", "int", 0, "of every random number"),
    Parameter("n_latent", "int", 32, "latent | dimensions"),
    Parameter("out_dir", "str", "", "folder of the run"),
]


@pytest.fixture
def page(source_notebook, executed_notebook, finished):
    return notebook_page(
        with_outputs(source_notebook, executed_notebook), finished, PARAMETERS, Setting()
    )


def second(finished, suffix=" · again"):
    entry = Entry("tiny", "notebooks/tiny_again", {}, {}, suffix=suffix)
    return FinishedRun(finished.folder, entry)


def sources(page):
    return [cell.source for cell in page.cells]


def test_prose_comes_from_the_source_and_outputs_from_the_run(source_notebook, executed_notebook):
    source_notebook.cells[0].source = "# New title"
    source_notebook.cells[3].metadata["mystnb"]["image"]["alt"] = "New text."
    page = with_outputs(source_notebook, executed_notebook)
    assert page.cells[0].source == "# New title"
    shown = next(cell for cell in page.cells if cell.source == "show(pixel)")
    assert shown.outputs and shown.metadata["mystnb"]["image"]["alt"] == "New text."


def test_code_that_was_not_run_is_refused(source_notebook, executed_notebook):
    source_notebook.cells[3].source = "show(other)"
    with pytest.raises(ValueError, match="must have the code of its source"):
        with_outputs(source_notebook, executed_notebook)


def test_injected_parameters_are_kept_out_of_sight(page):
    injected = [
        cell for cell in page.cells if "injected-parameters" in cell.metadata.get("tags", [])
    ]
    assert len(injected) == 1
    assert "remove-cell" in injected[0].metadata["tags"]


def test_machine_notes_and_widgets_are_dropped(page):
    assert "widgets" not in page.metadata
    assert page.metadata["papermill"] == {"exception": None}
    assert not any("papermill" in cell.metadata for cell in page.cells)


def test_answer_and_run_card_stand_below_the_title(page):
    assert sources(page)[0] == "# Tiny"
    assert sources(page)[1].startswith("## In one minute")
    card = sources(page)[2]
    for fact in (
        "`demo-pancan`, 1,234 samples × 680 microRNAs",
        "4 min 12 s",
        "It is microRNA, not mRNA.",
        "0a1b2c3d4e",
        "0123456789ab",
        "helpers/__init__.py",
        "log2(RPM+1)",
        "2.13.0",
        "851 MB",
    ):
        assert fact in card
    assert sources(page)[3].startswith("## The paper and this chapter\n\nWhat it is about")


def test_the_parameter_table_follows_the_parameters(page):
    index = next(i for i, c in enumerate(page.cells) if "parameters" in c.metadata.get("tags", []))
    assert "remove-cell" in page.cells[index].metadata["tags"]  # once, as a table
    table = page.cells[index + 2].source
    assert "| `n_latent` | **`64`** | `32` | `int` | latent \\| dimensions |" in table
    assert "out_dir" not in table


def test_values_at_their_default_are_not_bold():
    assert "| `seed` | `0` | `0` |" in parameter_table({"seed": 0}, PARAMETERS)


def test_a_second_page_has_its_own_title_and_no_first_page_only_cells(
    page, source_notebook, executed_notebook, finished
):
    ran = with_outputs(source_notebook, executed_notebook)
    again = notebook_page(ran, second(finished), PARAMETERS, Setting())
    assert sources(again)[0] == "# Tiny · again"
    assert "## Exercises" in sources(page)
    assert "## Exercises" not in sources(again)


def test_a_second_page_shares_no_label_with_the_first(source_notebook, executed_notebook, finished):
    ran = with_outputs(source_notebook, executed_notebook)
    again = notebook_page(ran, second(finished), PARAMETERS, Setting())
    text = "\n".join(sources(again))
    assert "(pixels-tiny_again)=" in text and "{ref}`pixels-tiny_again`" in text
    assert "{ref}`Fig. 1 <pixel-tiny_again>`" in text
    figure = next(cell for cell in again.cells if cell.source == "show(pixel)")
    assert figure.metadata["mystnb"]["figure"]["name"] == "pixel-tiny_again"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("(umap)=\n# Umap", "(umap-x)=\n# Umap"),
        (":label: umap\n\nThe umap", ":label: umap-x\n\nThe umap"),
        ("(umap)=\n[see](#umap) (umap)", "(umap-x)=\n[see](#umap-x) (umap)"),
        ("(umap)=\n{ref}`text <umap>`, umap", "(umap-x)=\n{ref}`text <umap-x>`, umap"),
        ("(umap)=\n(umap-2)=\n{ref}`umap-2`", "(umap-x)=\n(umap-2-x)=\n{ref}`umap-2-x`"),
        ("$$\na\n$$ (umap)\n{eq}`umap`", "$$\na\n$$ (umap-x)\n{eq}`umap-x`"),
        (
            "```{exercise}\n:label: e\n```\n```{solution} e\n```",
            "```{exercise}\n:label: e-x\n```\n```{solution} e-x\n```",
        ),
        ("{ref}`elsewhere` and {cite:p}`umap`", "{ref}`elsewhere` and {cite:p}`umap`"),
    ],
)
def test_labels_are_renamed_where_they_are_labels(before, after):
    page = nbformat.v4.new_notebook(cells=[new_markdown_cell(before)])
    rename_labels(page, "-x")
    assert page.cells[0].source == after


def test_a_notebook_without_title_or_parameters_is_refused(finished):
    parameters = new_code_cell("a: int = 1", metadata={"tags": ["parameters"]})
    with pytest.raises(ValueError, match=r"tiny.ipynb must have a title"):
        notebook_page(nbformat.v4.new_notebook(cells=[parameters]), finished, [], Setting())
    with pytest.raises(ValueError, match="tagged `parameters`"):
        notebook_page(
            nbformat.v4.new_notebook(cells=[new_markdown_cell("# T")]),
            finished,
            PARAMETERS,
            Setting(),
        )


@pytest.mark.slow
def test_the_staged_folder_has_every_page_and_no_open_insert(edition, tmp_path):
    site = stage(edition, tmp_path / "site")
    for name in document_names(site / "_toc.yml"):
        assert (site / f"{name}.md").exists() or (site / f"{name}.ipynb").exists(), name
    assert not any("<!-- insert" in path.read_text() for path in site.rglob("*.md"))
    assert (site / "book" / "_figures" / "tiny.png").exists()


@pytest.mark.slow
def test_staging_twice_gives_the_same_bytes(edition, tmp_path):
    first = folder_digest(stage(edition, tmp_path / "site"))
    assert folder_digest(stage(edition, tmp_path / "site")) == first
    (tmp_path / "site" / "book" / "intro.md").write_text("other")
    assert folder_digest(tmp_path / "site") != first


@pytest.mark.parametrize(
    ("dataset", "quick", "says"), [("demo", False, "simulated"), ("real", True, "Quick build")]
)
def test_the_banner_is_in_the_staged_configuration(edition, tmp_path, dataset, quick, says):
    shutil.rmtree(edition.root / "book" / "published")  # the figures of sweeps take seconds
    site = stage(replace(edition, dataset=dataset, quick=quick), tmp_path / "site")
    config = yaml.safe_load((site / "_config.yml").read_text())
    assert says in config["sphinx"]["config"]["html_theme_options"]["announcement"]


def test_the_students_edition_is_staged_without_solutions(edition, tmp_path):
    page = edition.root / "book" / "intro.md"
    page.write_text(page.read_text() + "\n```{solution} a\nThirty-two.\n```\n")
    assert "Thirty-two" in (stage(edition, tmp_path / "site") / "book" / "intro.md").read_text()
    site = stage(replace(edition, for_students=True), tmp_path / "site")
    assert "Thirty-two" not in (site / "book" / "intro.md").read_text()
