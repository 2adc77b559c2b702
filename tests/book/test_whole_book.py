"""The whole book as `make book` makes it, on simulated data and quick; then opened in a browser."""

import itertools
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from helpers.book.build import build_book, finish_runs
from helpers.book.contents import load_contents
from helpers.book.missing_runs import plan_entries
from helpers.book.staging import document_names
from helpers.book.web.web_page import read_pages
from tests.book.walk import copy_project, fifth_paper, remove_paper
from tests.fixtures.browser import opened_browser, served
from tests.fixtures.quick_runs import making, on_the_processor, shared_results

pytestmark = pytest.mark.book

TALLEST = 12000  # pixels of a page at 1280 with everything folded
HEAVIEST, HEAVIEST_DRAWN = 2e6, 6e6  # bytes of all that a page loads; with its drawings open
HEADINGS = (
    "[...(document.querySelector('article') || document.querySelector('main'))"
    ".querySelectorAll('h1,h2,h3,h4,h5,h6')].map(heading => +heading.tagName[1])"
)
OPEN_DRAWINGS = (
    "(() => { const buttons = [...document.querySelectorAll('.closer-open')]; "
    "buttons.forEach(button => button.click()); return buttons.length })()"
)
ROOT = Path(__file__).parents[2]
DOCUMENTS = document_names(ROOT / "_toc.yml")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Where the runs and the book of this module go."""
    out = tmp_path_factory.mktemp("book") / "build"
    return {"results": shared_results(tmp_path_factory), "out": out}


@pytest.fixture(scope="module")
def first_page(folders):
    """First page of the book, built once, of runs that the tests of the chapters look at too."""
    entries = load_contents(ROOT / "book" / "runs.toml").entries
    made_from = entries, "demo", True, folders["results"], ROOT
    with making(plan_entries(*made_from)), on_the_processor():
        finish_runs(*made_from)
    return build_book("demo", quick=True, **folders)


@pytest.fixture(scope="module")
def html(first_page):
    """Folder of the rendered book."""
    return first_page.parents[1]


def test_every_page_of_the_contents_is_there_and_says_that_it_is_a_demonstration(html):
    pages = {page.name.removesuffix(".html"): page for page in read_pages(html)}
    for name in DOCUMENTS:
        banner = pages[name].soup.select_one(".bd-header-announcement").get_text()
        assert "simulated tumours" in banner and "Quick build" in banner


def test_each_run_has_its_card_and_its_parameters(html):
    for page in read_pages(html):
        if page.name.startswith("notebooks/"):
            assert page.soup.select_one(".run-card")
            assert "n_latent" in page.soup.select_one(".parameter-table").get_text()
            assert len(page.soup.select(".bd-article h1")) == 1


def test_building_again_trains_and_renders_nothing(folders, first_page, capsys):
    rendered = first_page.stat().st_mtime_ns
    assert build_book("demo", quick=True, **folders) == first_page
    said = capsys.readouterr().out
    assert re.search(r"^\d+ runs, all there\.$", said, re.MULTILINE)
    assert "The book is up to date." in said
    assert first_page.stat().st_mtime_ns == rendered


# ---- a paper moves in, another moves out ----------------------------------------------------


@pytest.fixture(scope="module")
def moved(first_page, folders, tmp_path_factory):
    """A copy of the project with the fifth paper of CONTRIBUTING.md and without the third.

    Its book is built beside the runs of the first, so that only the new paper is run.
    """
    project = copy_project(ROOT, tmp_path_factory.mktemp("project"))
    notebook = fifth_paper(project)
    remove_paper(project, "03_vqvae_subtyping")
    out = project / "build"
    code = (
        "from pathlib import Path\nfrom helpers.book.build import build_book\n"
        f"build_book('demo', quick=True, results=Path({str(folders['results'])!r}), "
        f"out=Path({str(out)!r}))"
    )
    environment = os.environ | {"PYTHONPATH": str(project), "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    html = out / "_build" / "html"
    return {"project": project, "notebook": notebook, "html": html, "said": done.stdout}


def test_a_fifth_paper_moves_in_by_the_walk_of_contributing(moved, folders):
    page = moved["html"] / "notebooks" / f"{moved['notebook']}.html"
    text = page.read_text(encoding="utf-8")
    assert "run-card" in text and "Nearest centroid" in text
    (run,) = (folders["results"] / moved["notebook"]).glob("*/metrics.json")
    metrics = json.loads(run.read_text())
    assert metrics["classifier.accuracy.centroid"] > metrics["classifier.accuracy.commonest"]
    first = (moved["html"] / "book" / "intro.html").read_text(encoding="utf-8")
    assert "Nearest centroid" in first


def test_nothing_of_the_others_is_run_again(moved):
    n_runs = len(load_contents(moved["project"] / "book" / "runs.toml").entries)
    assert f"{n_runs} runs, {n_runs - 1} of them already there" in moved["said"]


def test_a_paper_that_moves_out_leaves_nothing_behind(moved):
    assert not list((moved["html"] / "notebooks").glob("*vqvae*"))
    command = [sys.executable, "-m", "helpers", "cohorts"]
    environment = os.environ | {"PYTHONPATH": str(moved["project"])}
    listed = subprocess.run(
        command, cwd=moved["project"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert "demo-centroids" in listed and "demo-subtypes" not in listed
    for page in moved["html"].rglob("*.html"):
        assert "03_vqvae_subtyping.html" not in page.read_text(encoding="utf-8"), page


# ---- in a browser ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    """Chromium; without one the test is skipped, except where it is required."""
    with opened_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(html):
    """Local address of the book."""
    with served(html) as address:
        yield address


def asked_for(events):
    """Addresses that the browser asked for."""
    sent = (event["params"] for event in events if event["method"] == "Network.requestWillBeSent")
    return [params["request"]["url"] for params in sent]


def weight(addresses, host, folder):
    """Bytes, as they lie on the disk, of all files at `addresses` of `host`, each once."""
    names = {url.removeprefix(host).partition("?")[0] for url in addresses if url.startswith(host)}
    return sum((folder / unquote(name).lstrip("/")).stat().st_size for name in names)


def wait_until(browser, condition):
    """Wait until a JavaScript condition holds in the page."""
    deadline = time.monotonic() + 60
    while not browser.evaluate(condition):
        assert time.monotonic() < deadline, condition
        time.sleep(0.1)


@pytest.mark.parametrize("name", [*DOCUMENTS, "search"])
def test_a_page_opens_without_errors_or_foreign_requests_and_fits_a_phone(browser, address, name):
    events = browser.open(f"{address}/{name}.html")
    requests = asked_for(events)
    assert requests
    local = (address, "data:", "blob:")
    assert [url for url in requests if not url.startswith(local)] == []
    problems = ("Runtime.exceptionThrown", "Network.loadingFailed")
    assert [event for event in events if event["method"] in problems] == []
    logged = [event["params"] for event in events if event["method"] == "Log.entryAdded"]
    assert [entry for entry in logged if entry["entry"]["level"] == "error"] == []
    assert browser.violations() == []
    levels = browser.evaluate(HEADINGS)
    assert levels[0] == 1 and (levels.count(1) == 1 or name == "search")
    assert [pair for pair in itertools.pairwise(levels) if pair[1] - pair[0] > 1] == []
    assert browser.width_of_content(width=390) <= 390


@pytest.mark.parametrize("name", [*DOCUMENTS, "search"])
def test_a_page_is_light_and_with_its_drawings_open_still_not_heavy(browser, address, html, name):
    events = browser.open(f"{address}/{name}.html")
    assert weight(asked_for(events), address, html) < HEAVIEST
    n_drawings = browser.evaluate(OPEN_DRAWINGS)
    wait_until(browser, f"document.querySelectorAll('[data-state=drawn]').length === {n_drawings}")
    assert weight(asked_for(browser.events), address, html) < HEAVIEST_DRAWN


@pytest.mark.parametrize(("scheme", "is_dark"), [("dark", True), ("light", False)])
def test_the_book_follows_the_readers_light_or_dark(browser, address, scheme, is_dark):
    browser.prefer(scheme)
    browser.open(f"{address}/{DOCUMENTS[0]}.html")
    colour = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
    assert (brightness < 128) == is_dark


def test_figures_and_tables_stay_readable_in_the_dark(browser, address):
    """By their pixels: dark marks on a figure's light ground, light ones on a table's dark."""
    browser.prefer("dark")
    try:
        browser.open(f"{address}/{DOCUMENTS[1]}.html")
        figure = browser.picture(".bd-article img.one-minute")
        assert np.median(figure) > 200 and figure.min() < 130
        browser.open(f"{address}/book/results.html")
        table = browser.picture("table.claims")
        assert np.median(table) < 70 and np.quantile(table, 0.995) > 170
        assert browser.violations() == []
    finally:
        browser.prefer("light")


def test_claims_are_filtered_by_paper_and_verdict(browser, address):
    browser.open(f"{address}/book/results.html")
    rows = "[...document.querySelectorAll('table.claims tbody tr')]"
    visible = f"{rows}.filter(r => !r.hidden).map(r => [r.dataset.paper, r.dataset.verdict])"
    everything = browser.evaluate(visible)
    assert len({paper for paper, _ in everything}) == 4
    paper, verdict = everything[0]
    choose = (
        "(() => {{ const s = document.querySelectorAll('.claim-filter select')[{0}]; "
        "s.value = '{1}'; s.dispatchEvent(new Event('change')); }})()"
    )
    browser.evaluate(choose.format(0, paper))
    browser.evaluate(choose.format(1, verdict))
    chosen = browser.evaluate(visible)
    assert chosen == [row for row in everything if row == [paper, verdict]]


def test_a_link_into_a_folded_section_opens_it(browser, address):
    browser.open(f"{address}/{DOCUMENTS[1]}.html#checks")
    assert browser.evaluate("document.querySelector('#checks > details').open")
    assert not browser.evaluate("document.querySelector('#model > details').open")


def test_paper_has_what_is_folded_but_the_code_and_the_screen_is_as_it_was(browser, address):
    browser.open(f"{address}/{DOCUMENTS[1]}.html")
    state = (
        "[...document.querySelectorAll('details')].map(fold => "
        "[fold.classList.contains('above-input'), fold.open])"
    )
    before = browser.evaluate(state)
    browser.evaluate("dispatchEvent(new Event('beforeprint')); true")
    printed = browser.evaluate(state)
    assert {tuple(fold) for fold in printed} == {(True, False), (False, True)}
    browser.evaluate("dispatchEvent(new Event('afterprint')); true")
    assert browser.evaluate(state) == before and printed != before


def test_no_page_is_endless_with_everything_folded(browser, address):
    heights = {}
    for name in DOCUMENTS:
        with browser.screen(1280, 900):
            browser.open(f"{address}/{name}.html")
            heights[name] = browser.evaluate("document.documentElement.scrollHeight")
    assert {name: height for name, height in heights.items() if height > TALLEST} == {}


def test_numbers_that_are_searched_for_come_out_of_their_folds(browser, address):
    browser.open(f"{address}/book/numbers.html")
    shown = (
        "[...document.querySelectorAll('.bd-article tbody tr')]"
        ".filter((row) => row.checkVisibility()).map((row) => row.cells[0].textContent)"
    )
    type_in = (
        "(() => {{ const box = document.querySelector('.metric-search input'); "
        "box.value = '{}'; box.dispatchEvent(new Event('input')); }})()"
    )
    assert browser.evaluate(shown) == []
    browser.evaluate(type_in.format("accuracy"))
    found = browser.evaluate(shown)
    assert len(found) > 5
    browser.evaluate(type_in.format("no such number"))
    assert browser.evaluate(shown) == []
