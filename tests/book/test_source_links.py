"""Links to the sources of pages: addresses of forges, and pages that have none."""

import subprocess

import nbformat
import pytest
from bs4 import BeautifulSoup

from helpers.book.render import render
from helpers.book.source_links import (
    Repository,
    browser_address,
    find_repository,
    links,
    source_of,
)
from helpers.book.staging import folder_digest, stage

GITHUB = Repository("https://github.com/lab/latents")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://github.com/lab/latents.git", "https://github.com/lab/latents"),
        ("https://name:secret@github.com/lab/latents/", "https://github.com/lab/latents"),
        ("git@github.com:lab/latents.git", "https://github.com/lab/latents"),
        ("ssh://git@gitlab.com:22/lab/room/latents.git", "https://gitlab.com/lab/room/latents"),
        ("../main", ""),
        ("/srv/git/latents.git", ""),
        ("file:///srv/git/latents", ""),
        ("http://localhost:3000/lab/latents", ""),
        ("https://github.com/lab", ""),
        ("", ""),
    ],
)
def test_the_address_for_browsers(address, shown):
    assert browser_address(address) == shown


def test_the_configuration_goes_before_the_workflow_and_git(tmp_path):
    workflow = {"GITHUB_REPOSITORY": "lab/fork", "GITHUB_REF_NAME": "next"}
    stated = {"repository": {"url": "https://gitlab.com/lab/latents", "branch": "dev"}}
    assert find_repository(tmp_path, {}, {}) is None
    assert find_repository(tmp_path, {}, workflow) == Repository(
        "https://github.com/lab/fork", "next"
    )
    assert find_repository(tmp_path, stated, workflow).url == "https://gitlab.com/lab/latents"


def test_only_the_projects_own_repository_is_asked(tmp_path):
    def git(*words):
        subprocess.run(["git", "-C", str(tmp_path), *words], check=True, capture_output=True)

    git("init")
    git("remote", "add", "origin", "git@github.com:lab/latents.git")
    inside = tmp_path / "copy"
    inside.mkdir()
    assert find_repository(tmp_path, {}, {}) == GITHUB
    assert find_repository(inside, {}, {}) is None


def test_a_notebook_opens_elsewhere_only_where_that_place_reads_the_forge():
    line = links(GITHUB, "notebooks/01_pancan_vae.ipynb", "notebooks/01_pancan_vae_mrna")
    assert "github.com/lab/latents/edit/main/notebooks/01_pancan_vae.ipynb" in line
    assert "colab.research.google.com/github/lab/latents/blob/main/notebooks/01" in line
    assert "mybinder.org/v2/gh/lab/latents/main?labpath=notebooks%2F01" in line
    prose = links(GITHUB, "book/data.md", "book/data")
    assert "Colab" not in prose and "Binder" not in prose and "title=Page%20book/data" in prose
    own = links(Repository("https://git.lab.org/a/b"), "notebooks/x.ipynb", "x")
    assert "Edit this page" in own and "Colab" not in own and "Binder" not in own


def test_a_page_made_from_results_has_no_source(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "data.md").write_text("# Data")
    chapters = {"notebooks/01_mrna": "01"}
    assert source_of("book/data", tmp_path, chapters) == "book/data.md"
    assert source_of("notebooks/01_mrna", tmp_path, chapters) == "notebooks/01.ipynb"
    assert source_of("book/sweeps/one", tmp_path, chapters) is None


def test_staged_pages_end_with_them_and_stay_the_same(edition, tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    without = stage(edition, tmp_path / "without")
    assert not any("source-links" in path.read_text() for path in without.rglob("*.md"))
    monkeypatch.setenv("GITHUB_REPOSITORY", "lab/latents")
    site = stage(edition, tmp_path / "site")
    first = folder_digest(site)
    entry = edition.runs[0].entry
    page = nbformat.read(site / f"{entry.page}.ipynb", as_version=4)
    assert f"edit/main/notebooks/{entry.notebook}.ipynb" in page.cells[-1].source
    assert "edit/main/book/" in (site / "book" / "intro.md").read_text()
    assert folder_digest(stage(edition, tmp_path / "site")) == first


@pytest.mark.book
def test_they_are_rendered_as_links_below_the_page(edition, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "lab/latents")
    html = render(stage(edition, tmp_path / "site"), tmp_path / "out")
    for name, n_links in (("book/intro", 2), (edition.runs[0].entry.page, 4)):
        page = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        (line,) = page.select("article .source-links")
        assert len(line.select("a[href^='https://']")) == n_links
        assert "{" not in line.get_text() and ":::" not in line.get_text()
