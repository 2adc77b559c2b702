"""From runs to a rendered book, with a notebook of a few lines and Jupyter Book itself."""

from dataclasses import replace

import pytest

from helpers.book import build as book
from helpers.book.contents import Entry
from helpers.book.dataset import RealDataUnreachable
from helpers.book.gates import BookFaulty
from helpers.book.render import RenderFailed


@pytest.fixture
def fake_runs(monkeypatch, finished):
    """`run_notebook` that notes its calls and hands out the finished run."""
    calls = []

    def run_notebook(name, parameters, *, results):
        calls.append((name.stem, parameters, results))
        return finished.folder

    monkeypatch.setattr("helpers.runs.execution.run_notebook", run_notebook)
    return calls


def test_every_run_is_asked_for_with_the_parameters_of_its_dataset(
    tmp_path, fake_runs, entry, capsys
):
    other = Entry(
        "tiny", "notebooks/tiny_2", {"cohort": "tcga-mrna"}, {"seed": 1}, " · mRNA", " · 2"
    )
    runs = book.finish_runs([entry, other], "demo", True, tmp_path / "results", tmp_path)
    assert [parameters for _, parameters, _ in fake_runs] == [
        {"cohort": "demo", "quick": True},
        {"seed": 1, "quick": True},
    ]
    assert [run.entry.suffix for run in runs] == ["", " · 2"]
    assert "[2/2] tiny: seed=1, quick=True" in capsys.readouterr().out


def test_a_book_is_rendered_checked_and_not_rendered_again(edition, tmp_path, monkeypatch, capsys):
    out = tmp_path / "build"
    first_page = book.publish(edition, out)
    assert first_page == out / "_build" / "html" / "book" / "intro.html"
    assert "every gate passed" in capsys.readouterr().out
    for name in ("notebooks/tiny", "book/status", "search", "index"):
        assert (out / "_build" / "html" / f"{name}.html").exists()
    assert "Not patients" not in first_page.read_text()
    assert "simulated tumours" in first_page.read_text()

    def refuse(*_):
        raise AssertionError("rendered again")

    monkeypatch.setattr(book, "render", refuse)
    assert book.publish(edition, out) == first_page
    assert "up to date" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="rendered again"):  # other data, other banner
        book.publish(replace(edition, dataset="real"), out)
    first_page.write_text("spoilt")
    with pytest.raises(AssertionError, match="rendered again"):
        book.publish(edition, out)


def test_a_warning_fails_the_rendering_and_is_named(edition, tmp_path):
    page = edition.root / "book" / "glossary.md"
    page.write_text("# Glossary\n\n[lost](lost.md)\n")
    with pytest.raises(RenderFailed, match=r"(?s)render\.log.*WARNING.*lost"):
        book.publish(edition, tmp_path / "build")


def test_a_book_that_failed_its_gates_does_not_count_as_current(edition, tmp_path):
    page = edition.root / "book" / "glossary.md"
    page.write_text('# Glossary\n\n<img src="https://cdn.example/a.png" alt="A.">\n')
    for _ in range(2):
        with pytest.raises(BookFaulty, match=r"glossary.html: loads https://cdn.example"):
            book.publish(edition, tmp_path / "build")


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
