"""The drawings in a browser: each draws, answers the mouse and the keyboard, and asks nobody else.

The page is one of the book's in little: the theme's style sheets, a picture, a place.
"""

import base64
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pydata_sphinx_theme
import pytest

from helpers.book.interactive.flows import describe_flow
from helpers.book.interactive.library import stage_library
from helpers.book.interactive.line_finder import describe_line_finder
from helpers.book.interactive.maps import describe_map
from helpers.book.interactive.packed_columns import script_of
from helpers.book.interactive.parallel_axes import describe_runs
from helpers.book.interactive.placing import place_of
from helpers.book.interactive.volcanoes import describe_volcano
from helpers.figures.palette import CANCER_COLOURS
from helpers.figures.sample_map import sample_map
from tests.book.conftest import PIXEL
from tests.book.interactive.hands import (
    BOX,
    SHOWN,
    choose,
    look_closer,
    point_at,
    press,
    problems,
    type_into,
    until,
)
from tests.fixtures.browser import opened_browser, served

pytestmark = pytest.mark.kernel

STATIC = Path(__file__).parents[3] / "book" / "_static"
THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
FOREIGN_NAME = '<img src=x onerror="window.struck=1"><b>s</b>'
PAGE = """<!doctype html>
<html lang="en" data-theme="light"><head><meta charset="utf-8"><title>{kind}</title>
<meta name="viewport" content="width=device-width">
<link rel="stylesheet" href="styles/pydata-sphinx-theme.css">
<link rel="stylesheet" href="book.css"><link rel="stylesheet" href="interactive/closer.css">
<script defer src="interactive/look_closer.js"></script></head>
<body style="background:var(--pst-color-background);color:var(--pst-color-text-base)">
<main class="bd-content"><article class="bd-article"><h1>A chapter</h1>
<div class="cell"><figure><a class="full-picture" href="picture.png">
<img alt="A picture." src="picture.png" width="500" height="520"></a>
<figcaption>What it says.</figcaption></figure></div>
{place}<p id="after">And on.</p></article></main></body></html>"""


def small_map():
    rng = np.random.default_rng(0)
    names = [FOREIGN_NAME, *(f"TCGA-{row}" for row in range(59))]
    facts = {"cancer_type": ["BRCA", "COAD", "LUAD"] * 20, "sample_type": ["primary"] * 60}
    obs = pd.DataFrame(facts | {"purity": rng.uniform(size=60)}, index=names)
    obs.iloc[40:, 1] = "cell line"
    xy = rng.uniform(-1, 1, (60, 2))
    xy[0] = 0, 3
    return describe_map(sample_map(obs, {"UMAP": xy, "PC": -xy}))


def small_volcano():
    rng = np.random.default_rng(0)
    names = [FOREIGN_NAME, *(f"GENE{row}" for row in range(39))]
    table = pd.DataFrame({"feature": names, "difference": rng.normal(0, 1, 40)})
    table = table.assign(p=10.0 ** -(3 * table["difference"].abs()))
    table = table.assign(q=table["p"] * 2)
    return describe_volcano(pd.concat([table.assign(cluster=name) for name in "AB"]), 0.2)


def small_finder():
    null = {"others_min": 0.5, "others_q05": 0.6, "others_q50": 0.7, "others_q95": 0.8}
    rows = [
        (
            f"{FOREIGN_NAME}{kind}{tumour}",
            kind,
            rank,
            f"L{rank}",
            line_kind,
            0.3 + 0.1 * rank,
            0.01 * rank,
        )
        for kind in ("eye", "gut")
        for tumour in range(3)
        for rank, line_kind in ((1, "eye"), (2, "gut"), (3, "eye"))
    ]
    names = ["tumour", "cancer_type", "rank", "line", "line_type", "distance", "p"]
    drugs = pd.DataFrame({"tumours": ["eye"], "drug": ["Selumetinib"], "n": [9], "p": [0.01]})
    nearest = pd.DataFrame(rows, columns=names).assign(**null)
    return describe_line_finder(nearest, None, drugs.assign(difference=-1.0, fdr=0.1))


def small_sweep():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"n_latent": [8, 16, 32] * 8, "rate": rng.uniform(0.1, 1, 24)})
    table = table.assign(run_id=[f"run{row:02d}" for row in range(24)], method=["a", "b"] * 12)
    table["score.mean"] = table["rate"] + 0.1
    table["score.loss"] = -table["rate"]
    metrics = ["score.mean", "score.loss"]
    return describe_runs(table, ["method", "n_latent", "rate"], metrics, {"is_least": True})


def small_flow():
    rows = [("LumA", "A", 30), ("LumA", "B", 5), (FOREIGN_NAME, "B", 20)]
    return describe_flow(pd.DataFrame(rows, columns=["source", "target", "n"]))


SMALL = {
    "map": small_map,
    "volcano": small_volcano,
    "lines": small_finder,
    "axes": small_sweep,
    "flow": small_flow,
}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Where the small pages are served, one a kind."""
    folder = tmp_path_factory.mktemp("pages")
    shutil.copytree(STATIC / "interactive", folder / "interactive")
    shutil.copytree(THEME / "styles", folder / "styles")
    shutil.copytree(THEME / "vendor", folder / "vendor")
    shutil.copy(STATIC / "book.css", folder)
    stage_library(folder / "interactive")
    (folder / "interactive" / "data").mkdir()
    (folder / "picture.png").write_bytes(base64.b64decode(PIXEL))
    (folder / "favicon.ico").write_bytes(b"")
    for kind, describe in SMALL.items():
        data = script_of(f"small-{kind}", describe())
        (folder / "interactive" / "data" / f"small-{kind}.js").write_text(data, encoding="utf-8")
        page = PAGE.format(kind=kind, place=place_of(f"small-{kind}", kind))
        (folder / f"{kind}.html").write_text(page, encoding="utf-8")
    with served(folder) as local:
        yield local


@pytest.fixture(scope="module")
def chromium():
    with opened_browser() as browser:
        yield browser


@pytest.fixture
def opened(chromium, address, request):
    """The browser with the page of a kind open and its figure drawn."""
    kind = request.param
    chromium.open(f"{address}/{kind}.html")
    with chromium.screen(1000, 900):
        look_closer(chromium)
        yield chromium


def of_kind(kind):
    return pytest.mark.parametrize("opened", [kind], indirect=True)


each_kind = pytest.mark.parametrize("opened", list(SMALL), indirect=True)


@each_kind
def test_it_draws_in_the_pictures_place_without_an_error_or_a_foreign_request(opened, address):
    assert opened.evaluate("document.querySelector('figure img').offsetParent") is None
    assert opened.evaluate("document.querySelector('figure img').offsetHeight") == 0
    inked = f"""(() => {{
      const canvas = {BOX}.closer.view.canvas_view.primary.canvas;
      const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
      const colours = new Set();
      for (let at = 0; at < pixels.length; at += 4) colours.add(pixels.slice(at, at + 3).join());
      return colours.size;
    }})()"""
    assert opened.evaluate(inked) > 20
    asked = [
        event["params"]["request"]["url"]
        for event in opened.events
        if event["method"] == "Network.requestWillBeSent"
    ]
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert problems(opened) == []
    assert not opened.evaluate(
        "!!window.struck || !!document.querySelector('.closer img, .closer b')"
    )


@each_kind
def test_it_follows_light_and_dark_fits_a_phone_and_has_no_serious_violation(opened):
    for theme in ("light", "dark"):
        opened.evaluate(f"document.documentElement.dataset.theme = {theme!r}")
        assert opened.violations() == [], theme
    assert opened.width_of_content(390) <= 390


@each_kind
def test_back_to_the_picture_and_on_paper_the_picture(opened):
    shown = "getComputedStyle(document.querySelector('figure img')).display"
    opened.send("Emulation.setEmulatedMedia", media="print")
    assert opened.evaluate(shown) != "none"
    assert opened.evaluate(f"getComputedStyle({BOX}).display") == "none"
    opened.send("Emulation.setEmulatedMedia", media="")
    opened.evaluate("document.querySelector('.closer-open').click()")
    assert opened.evaluate(shown) != "none" and opened.evaluate(f"{BOX}.hidden")


def test_nothing_is_loaded_before_it_is_asked_for_and_the_library_once(chromium, address):
    chromium.open(f"{address}/map.html")
    names = "performance.getEntriesByType('resource').map((one) => one.name)"
    loads = f"{names}.filter((name) => /bokeh|.data.small/.test(name)).length"
    assert chromium.evaluate(loads) == 0
    top = "document.querySelector('.closer-open').getBoundingClientRect().top"
    before = chromium.evaluate(top)
    look_closer(chromium)
    assert chromium.evaluate(top) == before
    assert chromium.evaluate(loads) == 3
    chromium.evaluate("document.querySelector('.closer-open').click()")
    chromium.evaluate("document.querySelector('.closer-open').click()")
    assert chromium.evaluate(loads) == 3


@of_kind("map")
def test_a_point_says_what_is_known_of_it_as_text(opened):
    point_at(opened, 0, 3)
    until(opened, f"{SHOWN}.includes('window.struck')")
    shown = opened.evaluate(SHOWN)
    assert FOREIGN_NAME in shown and "purity" in shown and "BRCA" in shown
    assert not opened.evaluate("!!window.struck")


@of_kind("map")
def test_colours_follow_the_choice_and_a_group_is_seen_alone(opened):
    colours = f"[...new Set({BOX}.closer.source.data.colour)].sort()"
    types = sorted(CANCER_COLOURS[name] for name in ("BRCA", "COAD", "LUAD"))
    assert opened.evaluate(colours) == types
    choose(opened, "Colour by", "purity")
    assert len(opened.evaluate(colours)) > 20
    choose(opened, "Colour by", "cancer type")
    opened.evaluate("document.querySelector('.closer-legend button').click()")
    faint = f"{BOX}.closer.source.data.alpha.filter(one => one < 0.1).length"
    assert opened.evaluate(faint) == 40
    assert opened.evaluate("document.querySelector('.closer-legend button').ariaPressed") == "true"
    choose(opened, "Space", "PC")
    assert opened.evaluate(f"{BOX}.closer.figure.below[0].axis_label") == "PC 1"


@of_kind("map")
def test_the_keyboard_reaches_every_control_and_changes_the_colours(opened):
    opened.evaluate("document.querySelector('.closer-open').focus()")
    reached = []
    for _ in range(9):
        press(opened, "Tab")
        reached.append(
            opened.evaluate(
                "document.activeElement.labels?.[0]?.textContent || "
                "document.activeElement.ariaLabel || document.activeElement.textContent"
            )
        )
    assert reached[:6] == ["Space", "Colour by", "Find", "Zoom in", "Zoom out", "Show all"]
    assert [name.split()[0] for name in reached[6:]] == ["BRCA", "COAD", "LUAD"]
    before = opened.evaluate(f"{BOX}.closer.source.data.colour.join()")
    opened.evaluate("document.querySelectorAll('.closer select')[1].focus()")
    press(opened, "ArrowDown")
    until(opened, f"{BOX}.closer.source.data.colour.join() !== {before!r}")


@of_kind("map")
def test_a_sample_is_found_and_read_aloud(opened):
    type_into(opened, ".closer input[type=search]", "tcga-58")
    said = until(opened, "document.querySelector('.closer-said').textContent")
    assert said.startswith("1 of 60 samples") and "TCGA-58" in said and "LUAD" in said
    assert opened.evaluate(f"{BOX}.closer.found.data.x.length") == 1


@of_kind("map")
def test_buttons_zoom(opened):
    wide = f"{BOX}.closer.figure.x_range.end - {BOX}.closer.figure.x_range.start"
    whole = opened.evaluate(wide)
    opened.evaluate("document.querySelector('[aria-label=\"Zoom in\"]').click()")
    assert opened.evaluate(wide) == pytest.approx(0.6 * whole)
    opened.evaluate("document.querySelector('[aria-label=\"Show all\"]').click()")
    assert opened.evaluate(wide) == pytest.approx(whole)


@of_kind("volcano")
def test_features_are_found_by_name_in_any_group(opened):
    type_into(opened, ".closer input[type=search]", "gene12, GENE3")
    until(opened, "document.querySelector('caption').textContent.includes('gene12')")
    cells = "document.querySelectorAll('.closer tbody td:first-child')"
    rows = f"[...{cells}].map(one => one.textContent)"
    found = opened.evaluate(rows)
    assert set(found) >= {"GENE12", "GENE3", "GENE30"} and "GENE4" not in found
    choose(opened, "Group", "B")
    assert set(opened.evaluate(rows)) == set(found)


@of_kind("lines")
def test_another_tumour_has_its_own_lines_null_and_drugs(opened):
    said = "document.querySelector('.closer-said').textContent"
    assert "no line of another type is as near" in opened.evaluate(said)
    assert "Selumetinib" in opened.evaluate(said)
    choose(opened, "Type", "gut")
    assert "Its nearest line is of another type, eye." in opened.evaluate(said)
    assert "No drug screen" in opened.evaluate(said)
    assert opened.evaluate(f"{BOX}.closer.others.data.middle") == [0.7]
    type_into(opened, ".closer input[type=search]", "</b>gut2")
    until(
        opened, "document.querySelectorAll('.closer option').length === 3"
    )  # two types, one tumour
    assert f"{FOREIGN_NAME}gut2, gut" in opened.evaluate(said)


@of_kind("axes")
def test_runs_are_sorted_and_axes_are_chosen_and_moved(opened):
    firsts = (
        "[...document.querySelectorAll('.closer tbody tr')].map(row => row.lastChild.textContent)"
    )
    values = [float(text) for text in opened.evaluate(firsts)]
    assert values == sorted(values)  # less is better
    assert opened.evaluate("document.querySelector('[aria-sort]').textContent") == "score.mean"
    opened.evaluate("document.querySelector('[aria-sort] button').click()")
    assert opened.evaluate("document.querySelector('[aria-sort]').ariaSort") == "descending"
    assert opened.evaluate("document.activeElement.textContent") == "score.mean"
    shown = f"{BOX}.closer.state.shown"
    before = opened.evaluate(shown)
    opened.evaluate("document.querySelector('.closer-axis input').click()")
    assert opened.evaluate(shown) == before[1:]
    opened.evaluate("document.querySelector('[aria-label=\"rate to the left\"]').click()")
    assert opened.evaluate(shown)[:2] == ["rate", "n_latent"]
    assert opened.evaluate(f"{BOX}.closer.lines.data.xs[0].length") == len(before) - 1


@of_kind("axes")
def test_only_the_best_runs_stay_bright(opened):
    opened.evaluate(
        "(() => { const best = document.querySelector('.closer input[type=range]');"
        "best.value = 25; best.dispatchEvent(new Event('input')); })()"
    )
    data = opened.evaluate(f"[{BOX}.closer.lines.data.run, {BOX}.closer.lines.data.alpha]")
    assert sum(alpha > 0.5 for alpha in data[1]) == 6


@of_kind("flow")
def test_one_group_is_followed(opened):
    choose(opened, "Follow", "from:0")
    assert sorted(opened.evaluate(f"{BOX}.closer.source.data.alpha")) == [0.07, 0.75, 0.75]
    said = opened.evaluate("document.querySelector('.closer-said').textContent")
    assert "Out of LumA" in said and "86 % of LumA" in said
