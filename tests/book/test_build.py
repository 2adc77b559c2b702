"""From runs to a rendered book, with a notebook of a few lines and Jupyter Book itself."""

import shutil
from dataclasses import replace

import pytest

from helpers.book import build as book
from helpers.book.dataset import RealDataUnreachable
from helpers.book.gates import BookFaulty
from helpers.book.render import RenderFailed


@pytest.fixture
def fake_runs(monkeypatch, finished):
    """`finish_runs` that notes its calls and hands out the finished run."""
    calls = []

    def finish_runs(entries, dataset, quick, results, root):
        calls.append((dataset, quick, results))
        return [finished]

    monkeypatch.setattr(book, "finish_runs", finish_runs)
    return calls


@pytest.fixture
def small(edition):
    """The edition with two pages of prose, since all of them are rendered with the whole book."""
    folder = edition.root / "book"
    for page in folder.glob("*.md"):
        page.unlink()
    shutil.rmtree(folder / "published")
    (folder / "intro.md").write_text(
        "# Small\n\n<!-- insert: dataset-note -->\n\n```{bibliography}\n```\n"
    )
    (folder / "status.md").write_text("# Status\n\n<!-- insert: status -->\n")
    (edition.root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/intro\n"
        "chapters:\n  - file: notebooks/tiny\n  - file: book/status\n"
    )
    return edition


@pytest.mark.kernel
def test_a_book_is_rendered_checked_and_not_rendered_again(small, tmp_path, monkeypatch, capsys):
    out = tmp_path / "build"
    first_page = book.publish(small, out)
    assert first_page == out / "_build" / "html" / "book" / "intro.html"
    assert "every gate passed" in capsys.readouterr().out
    for name in ("notebooks/tiny", "book/status", "search", "index"):
        assert (out / "_build" / "html" / f"{name}.html").exists()
    assert "Not patients" not in first_page.read_text()
    assert "simulated tumours" in first_page.read_text()

    def refuse(*_):
        raise AssertionError("rendered again")

    monkeypatch.setattr(book, "render", refuse)
    assert book.publish(small, out) == first_page
    assert "up to date" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="rendered again"):  # other data, other banner
        book.publish(replace(small, dataset="real"), out)
    first_page.write_text("spoilt")
    with pytest.raises(AssertionError, match="rendered again"):
        book.publish(small, out)


@pytest.mark.kernel
def test_a_warning_fails_the_rendering_and_is_named(small, tmp_path):
    page = small.root / "book" / "status.md"
    page.write_text("# Status\n\n[lost](lost.md)\n")
    with pytest.raises(RenderFailed, match=r"(?s)render\.log.*WARNING.*lost"):
        book.publish(small, tmp_path / "build")


@pytest.mark.kernel
def test_a_book_that_failed_its_gates_does_not_count_as_current(small, tmp_path, monkeypatch):
    page = small.root / "book" / "status.md"
    page.write_text('# Status\n\n<img src="https://cdn.example/a.png" alt="A.">\n')
    out = tmp_path / "build"
    for _ in range(2):
        with pytest.raises(BookFaulty, match=r"status.html: loads https://cdn.example"):
            book.publish(small, out)
        monkeypatch.setattr(book, "render", lambda site, out: out / "_build" / "html")


def test_the_demo_notice_cannot_be_missed(
    edition, finished, fake_runs, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(book, "load_contents", lambda path: edition.contents)
    monkeypatch.setattr(book, "publish", lambda edition, out: out / "html" / "book" / "intro.html")
    monkeypatch.setattr("helpers.cohorts.sources.is_available", lambda group: False)
    page = book.build_book("auto", results=tmp_path / "r", out=tmp_path / "o", root=edition.root)
    printed = capsys.readouterr().out
    assert printed.count("DEMONSTRATION DATA, NOT PATIENTS") == 2  # before the runs and after
    assert str(page) in printed
    assert "tcga-mirna" in printed


def test_real_without_data_runs_nothing(edition, fake_runs, tmp_path, monkeypatch):
    monkeypatch.setattr(book, "load_contents", lambda path: edition.contents)
    monkeypatch.setattr("helpers.cohorts.sources.is_available", lambda group: False)
    with pytest.raises(RealDataUnreachable, match="DATASET=demo"):
        book.build_book("real", out=tmp_path / "o", root=edition.root)
    assert fake_runs == []


def test_a_finished_book_asks_for_neither_data_nor_network(
    edition, fake_runs, tmp_path, monkeypatch
):
    def refuse(group):
        raise AssertionError(f"asked for {group}")

    asked = []

    def unfinished(entries, quick, results, root):
        asked.append(len(entries))
        return []

    monkeypatch.setattr(book, "load_contents", lambda path: edition.contents)
    monkeypatch.setattr(book, "unfinished_entries", unfinished)
    monkeypatch.setattr(book, "publish", lambda edition, out: out / "html" / "book" / "intro.html")
    monkeypatch.setattr("helpers.cohorts.sources.is_available", refuse)
    for request in ("auto", "real"):
        book.build_book(request, out=tmp_path / "o", root=edition.root)
    assert fake_runs == [("real", False, edition.root / "results")] * 2 and asked == [1, 1]
