"""All that the renderer reads, laid out in one folder: prose, configuration, notebooks."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nbformat
import yaml

from helpers.book import check_counts, data_page, pages
from helpers.book.chapter_pages.figure_numbers import chapter_of
from helpers.book.chapter_pages.notebook_page import Setting, notebook_page, with_outputs
from helpers.book.chapter_pages.opening import FIGURES, write_picture
from helpers.book.chapters import cited_papers
from helpers.book.contents import Contents
from helpers.book.dataset import announcement
from helpers.book.finished import FinishedRun
from helpers.book.interactive.library import stage_library
from helpers.book.interactive.placing import offer_closer_looks
from helpers.book.overviews import across_papers, beside_published, first_page, results_page
from helpers.book.overviews.questions import Questions, load_questions
from helpers.book.source_links import find_repository, links, source_of
from helpers.book.sweep_pages import sweep_page
from helpers.course.student_edition import take_out_solutions
from helpers.runs.parameters import notebook_parameters


@dataclass(frozen=True)
class Edition:
    """One copy of the book: where its sources are, which runs it shows, of which kind of data."""

    root: Path  # the project: book/, notebooks/, _config.yml, _toc.yml
    contents: Contents
    runs: Sequence[FinishedRun]
    dataset: str  # "real" or "demo"
    quick: bool = False
    sweeps: Path | None = None  # folder with one CSV a sweep; results/sweeps unless given
    for_students: bool = False  # without solutions

    @cached_property
    def questions(self) -> Questions:
        """What its chapters ask."""
        return load_questions(self.root / "book" / "questions.toml")

    @property
    def sweeps_made(self) -> Path:
        """Folder of the sweeps made where this copy of the book is."""
        return self.sweeps or self.root / "results" / "sweeps"


def stage(edition: Edition, site: Path) -> Path:
    """Fill `site` anew with everything the book is rendered from.

    Raises: ValueError when a page asks for a generated part that does not exist.
    """
    if site.exists():
        shutil.rmtree(site)
    ignore = shutil.ignore_patterns("*.toml", "__pycache__", ".*")
    shutil.copytree(edition.root / "book", site / "book", ignore=ignore)
    shutil.copy(edition.root / "_toc.yml", site / "_toc.yml")
    _stage_config(edition, site)
    _stage_prose(site, generated_parts(edition))
    _stage_sweeps(edition, site)
    check_counts.write_figure(_checks(edition), site / "book" / check_counts.FIGURE)
    for finished in edition.runs:
        write_picture(finished, site / "book" / FIGURES)
        _stage_notebook(edition, finished, site)
    _link_sources(edition, site)
    stage_library(site / "book" / "_static" / "interactive")
    if edition.for_students:
        take_out_solutions(site)
    return site


def generated_parts(edition: Edition) -> dict[str, str]:
    """Markdown for every `<!-- insert: name -->` that the prose pages may ask for."""
    from helpers.cohorts.registry import COHORTS
    from helpers.cohorts.sources import load_sources

    runs, sources, asked = edition.runs, load_sources(), edition.questions
    papers = cited_papers(edition.contents.entries, edition.root)
    return {
        "dataset-note": pages.dataset_note(edition.dataset, edition.quick),
        "cards": first_page.cards(runs, asked.chapters, papers),
        "verdicts": across_papers.verdicts_in_words(runs),
        "rerun-cost": first_page.rerun_cost(runs),
        "claims": results_page.claim_tables(runs, asked.chapters),
        "your-runs": beside_published.own_runs(
            edition.sweeps_made.parent,
            [run.run["run_id"] for run in runs],
            edition.root / "book" / "published",
        ),
        "across": across_papers.across_sections(asked.across, runs),
        "across-first": across_papers.across_sections(asked.across, runs, n_shown=1),
        "metrics": pages.metric_tables(runs),
        "status": pages.status_table(runs),
        "versions": pages.version_table(runs),
        "sweeps": sweep_page.overview(
            edition.root / "book" / "published",
            edition.sweeps_made,
            [entry.notebook for entry in edition.contents.entries],
        ),
        "check-counts": check_counts.overview(
            _checks(edition), _page(edition, "what_can_go_wrong")
        ),
        "cohorts": data_page.cohort_table(COHORTS.values()),
        "sources": data_page.source_table(sources),
        "citations": data_page.citations(sources),
        "source-files": data_page.source_files(sources),
    }


def _checks(edition: Edition) -> Path:
    return edition.root / "book" / "published" / "checks"


def _page(edition: Edition, name: str) -> str:
    """Text of a prose page; "" where the edition has none of that name."""
    path = edition.root / "book" / f"{name}.md"
    return path.read_text(encoding="utf8") if path.exists() else ""


def _stage_config(edition: Edition, site: Path) -> None:
    config = yaml.safe_load((edition.root / "_config.yml").read_text(encoding="utf8"))
    options = config["sphinx"]["config"]["html_theme_options"]
    options["announcement"] = announcement(edition.dataset, edition.quick)
    text = yaml.safe_dump(config, sort_keys=False, allow_unicode=True)
    (site / "_config.yml").write_text(text, encoding="utf8")


def _stage_prose(site: Path, parts: Mapping[str, str]) -> None:
    for path in sorted((site / "book").rglob("*.md")):
        path.write_text(pages.fill(path.read_text(encoding="utf8"), parts), encoding="utf8")


def _stage_sweeps(edition: Edition, site: Path) -> None:
    notebooks = sorted((edition.root / "notebooks").rglob("*.ipynb"))  # sweeps have their own too
    parameters = {path.stem: notebook_parameters(path) for path in notebooks}
    results, published = edition.sweeps_made.parent, edition.root / "book" / "published"
    sweep_page.stage_sweeps(site, published, results, parameters, edition.questions.words)


def _setting(edition: Edition, finished: FinishedRun) -> Setting:
    """What the page of `finished` takes from the book around it."""
    notebook = finished.entry.notebook
    same = [run for run in edition.runs if run.entry.notebook == notebook]
    return Setting(
        question=edition.questions.chapters.get(notebook),
        chapter=chapter_of(notebook, same.index(finished)),
        words=edition.questions.words,
        better=edition.questions.better,
        units=edition.questions.units,
    )


def _stage_notebook(edition: Edition, finished: FinishedRun, site: Path) -> None:
    source = edition.root / "notebooks" / f"{finished.entry.notebook}.ipynb"
    executed = nbformat.read(finished.notebook, as_version=4)
    ran = with_outputs(nbformat.read(source, as_version=4), executed)
    page = notebook_page(ran, finished, notebook_parameters(source), _setting(edition, finished))
    offer_closer_looks(page, finished, site)
    target = site / f"{finished.entry.page}.ipynb"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(page, target)


def _link_sources(edition: Edition, site: Path) -> None:
    """At the end of every page that is made from a file: where it is edited, and its problems."""
    config = yaml.safe_load((site / "_config.yml").read_text(encoding="utf8"))
    repository = find_repository(edition.root, config, os.environ)
    notebooks = {run.entry.page: run.entry.notebook for run in edition.runs}
    for document in document_names(site / "_toc.yml") if repository else []:
        source = source_of(document, edition.root, notebooks)
        if source is None:
            continue
        line = links(repository, source, document)
        if document in notebooks:
            path = site / f"{document}.ipynb"
            page = nbformat.read(path, as_version=4)
            page.cells.append(nbformat.v4.new_markdown_cell(line, id="source-links"))
            nbformat.write(page, path)
        else:
            path = site / f"{document}.md"
            path.write_text(f"{path.read_text(encoding='utf8')}\n{line}\n", encoding="utf8")


def folder_digest(folder: Path) -> str:
    """sha256 over the names and contents of all files below `folder`."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def document_names(toc: Path) -> list[str]:
    """Every document that `_toc.yml` lists, in its order."""

    def walk(node: object) -> list[str]:
        if isinstance(node, list):
            return [name for item in node for name in walk(item)]
        if not isinstance(node, dict):
            return []
        own = [node[key] for key in ("root", "file") if key in node]
        return own + [name for value in node.values() for name in walk(value)]

    return walk(yaml.safe_load(Path(toc).read_text(encoding="utf8")))
