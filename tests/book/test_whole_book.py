"""The whole book as `make book` makes it, on simulated data and quick; then opened in a browser."""

import functools
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from helpers.book.build import build_book, finish_runs
from helpers.book.contents import load_contents
from helpers.book.missing_runs import plan_entries
from helpers.book.staging import document_names
from helpers.book.web.web_page import read_pages
from tests.book.walk import copy_project, fifth_paper, remove_paper
from tests.fixtures.quick_runs import making, on_the_processor, shared_results

pytestmark = pytest.mark.book

ROOT = Path(__file__).parents[2]
DOCUMENTS = document_names(ROOT / "_toc.yml")
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--remote-debugging-port=0", "--remote-allow-origins=*"),
)


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
    assert "helpers/nearest_centroid/" in first


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


class Browser:
    """A headless Chromium, spoken to over its DevTools socket."""

    def __init__(self, program, profile):
        self.process = subprocess.Popen(
            [program, *QUIET, f"--user-data-dir={profile}", "about:blank"],
            stderr=subprocess.PIPE,
            text=True,
        )
        address = next(
            found[1] for line in self.process.stderr if (found := re.search(r"(ws://\S+)", line))
        )
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        import websocket

        self.socket = websocket.create_connection(address, timeout=60)
        self.numbers, self.events, self.session = itertools.count(1), [], None
        page = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=page, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method, **params):
        """Result of a DevTools command; events met on the way are kept."""
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": params}
        self.socket.send(
            json.dumps(message | ({"sessionId": self.session} if self.session else {}))
        )
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def evaluate(self, expression):
        """Value of a JavaScript expression in the page."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        return result["result"].get("value")

    def open(self, url):
        """Open `url`, wait until its scripts are done; events since."""
        self.events.clear()
        self.send("Page.navigate", url=url)
        deadline = time.monotonic() + 60
        settled = (
            f"location.href.startsWith({url!r}) && document.readyState === 'complete' && "
            "(!document.querySelector('.math') || !!document.querySelector('mjx-container'))"
        )
        while not self.evaluate(settled):
            assert time.monotonic() < deadline, f"{url} did not finish loading"
            time.sleep(0.1)
        time.sleep(0.2)
        self.evaluate("1")
        return self.events

    def width_of_content(self, width):
        """Width in pixels that the open page takes on a screen `width` pixels wide."""
        metrics = {"width": width, "height": 844, "deviceScaleFactor": 2, "mobile": True}
        self.send("Emulation.setDeviceMetricsOverride", **metrics)
        taken = self.evaluate("document.documentElement.scrollWidth")
        self.send("Emulation.clearDeviceMetricsOverride")
        return taken

    def close(self):
        """End the browser and the socket."""
        self.socket.close()
        self.process.terminate()
        self.process.wait(timeout=30)


@pytest.fixture(scope="module")
def browser():
    """Chromium; without one the test is skipped, except in continuous integration."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        message = "no Chromium to open the book with; install Debian's package `chromium`"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        opened = Browser(program, profile)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(html):
    """Local address of the book."""

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=html))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.parametrize("name", [*DOCUMENTS, "search"])
def test_a_page_opens_without_errors_or_foreign_requests_and_fits_a_phone(browser, address, name):
    events = browser.open(f"{address}/{name}.html")
    requests = [
        event["params"]["request"]["url"]
        for event in events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert requests
    local = (address, "data:", "blob:")
    assert [url for url in requests if not url.startswith(local)] == []
    problems = ("Runtime.exceptionThrown", "Network.loadingFailed")
    assert [event for event in events if event["method"] in problems] == []
    logged = [event["params"] for event in events if event["method"] == "Log.entryAdded"]
    assert [entry for entry in logged if entry["entry"]["level"] == "error"] == []
    assert browser.width_of_content(width=390) <= 390


@pytest.mark.parametrize(("scheme", "is_dark"), [("dark", True), ("light", False)])
def test_the_book_follows_the_readers_light_or_dark(browser, address, scheme, is_dark):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.send("Emulation.setEmulatedMedia", features=features)
    browser.open(f"{address}/{DOCUMENTS[0]}.html")
    colour = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, re.findall(r"\d+", colour)[:3])) / 3
    assert (brightness < 128) == is_dark
