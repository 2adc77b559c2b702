"""Runs and prose → one checked book: `build_book`, behind `make book`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from helpers import files
from helpers.book.contents import Entry, load_contents
from helpers.book.dataset import announcement, choose_dataset, demo_notice
from helpers.book.finished import FinishedRun
from helpers.book.gates import check_book
from helpers.book.missing_runs import (
    make_missing,
    missing_runs,
    plan_entries,
    unfinished_entries,
)
from helpers.book.render import is_current, mark_current, render
from helpers.book.staging import Edition, document_names, stage


def build_book(
    dataset: str = "auto",
    quick: bool = False,
    results: Path | str | None = None,
    out: Path | str | None = None,
    root: Path | str | None = None,
    for_students: bool = False,
) -> Path:
    """Make the missing runs of `book/runs.toml`, render the book, check it; path of its first page.

    `dataset` is "real", "demo" or "auto" (real when every file can be had, else demo);
    `quick` trains for seconds, to test the book; `results` (default `results/`) holds the runs,
    `out` (default `build/`, the students' `build/student/`) the book, `root` (default the project)
    the sources; `for_students` leaves the solutions out.
    With nothing changed since the last time, nothing is trained and nothing rendered; once every
    run is there, neither data nor network is asked for.

    Raises: RealDataUnreachable, RunsFailed, RenderFailed, BookFaulty, and what `plan_run` refuses.
    """
    root = Path(root) if root else files.project_root()
    results = Path(results) if results else root / "results"
    out = Path(out).resolve() if out else root / "build" / ("student" if for_students else ".")
    contents = load_contents(root / "book" / "runs.toml")
    entries = contents.entries
    if dataset in ("auto", "real"):  # a finished run needs neither data nor network
        entries = unfinished_entries(entries, quick, results, root)
    dataset, missing = choose_dataset(dataset, entries)
    if dataset == "demo":
        print(demo_notice(missing), flush=True)
    runs = finish_runs(contents.entries, dataset, quick, results, root)
    edition = Edition(root, contents, runs, dataset, quick, results / "sweeps", for_students)
    first_page = publish(edition, out)
    if dataset == "demo":
        print(demo_notice(missing), flush=True)
    print(_farewell(first_page, dataset, quick), flush=True)
    return first_page


def finish_runs(
    entries: Sequence[Entry], dataset: str, quick: bool, results: Path, root: Path
) -> list[FinishedRun]:
    """Make the runs that are missing and say so; the finished run of every entry."""
    plans = plan_entries(entries, dataset, quick, results, root)
    make_missing(missing_runs(entries, plans, dataset, quick, results), len(entries))
    return [
        FinishedRun(plan.folder, entry.titled_for(dataset))
        for entry, plan in zip(entries, plans, strict=True)
    ]


def publish(edition: Edition, out: Path) -> Path:
    """Stage, render and check `edition` below `out`; path of its first page.

    Rendering is left out when `out` holds this very edition and it passed its gates.
    """
    out.mkdir(parents=True, exist_ok=True)
    site = stage(edition, out / "site")
    documents = document_names(site / "_toc.yml")
    html = out / "_build" / "html"
    if is_current(site, out):
        print("The book is up to date.", flush=True)
    else:
        print("Rendering the book ...", flush=True)
        html = render(site, out)
        banner = announcement(edition.dataset, edition.quick)
        check_book(site, html, documents, banner, root=str(edition.root))
        mark_current(site, out)
        print(f"Checked: {len(documents)} pages, every gate passed.", flush=True)
    return html / f"{documents[0]}.html"


def _farewell(first_page: Path, dataset: str, quick: bool) -> str:
    made_from = "simulated data" if dataset == "demo" else "the real cohorts"
    return (
        f"\nThe book is ready, made from {made_from}{', quick' if quick else ''}. "
        f"Open in a browser:\n\n    {first_page}\n\n"
        "or serve it, for a search with excerpts:\n\n"
        f"    python3 -m http.server --bind 127.0.0.1 --directory {first_page.parents[1]} 8000\n"
    )
