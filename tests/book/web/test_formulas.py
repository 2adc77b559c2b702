"""Formulas drawn into the page."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import nbformat
import pytest

from helpers.book.web.formulas import drawn

ROOT = Path(__file__).parents[3]
FORMULA = re.compile(r"\$\$(.+?)\$\$|(?<![`\w$])\$([^$\n`]+)\$(?![\w$])", re.DOTALL)


def numbers(text):
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text)]


def test_a_formula_is_one_drawing_in_the_colour_of_the_text_that_says_what_it_is():
    svg = ET.fromstring(drawn(r"x < \beta"))
    assert svg.get("role") == "img" and svg.get("aria-label") == r"x < \beta"
    assert svg.get("fill") == "currentColor"
    left, top, width, height = numbers(svg.get("viewBox"))
    places = numbers(svg[0].get("d"))
    assert left - 5 <= min(places[::2]) and max(places[::2]) <= left + width + 5
    assert top - 5 <= min(places[1::2]) and max(places[1::2]) <= top + height + 5


def test_every_command_of_the_outline_has_its_points():
    for letter, points in re.findall(
        r"([MLQC])([^MLQCZ]*)", ET.fromstring(drawn("S_8"))[0].get("d")
    ):
        assert len(numbers(points)) == {"M": 2, "L": 2, "Q": 4, "C": 6}[letter]


def test_what_hangs_below_the_line_does():
    below = re.compile(r"vertical-align:(-?[\d.]+)em")
    assert float(below.search(drawn("y_p"))[1]) < float(below.search(drawn("x"))[1]) <= 0


def test_bars_and_brackets_of_latex_are_set():
    assert re.sub("aria-label=.*? style", "", drawn(r"\lVert x\rVert")) == re.sub(
        "aria-label=.*? style", "", drawn(r"\Vert x\Vert ")
    )
    assert drawn(r"\big(x\big)").count("M") == drawn("(x)").count("M")


def test_what_cannot_be_set_is_named():
    with pytest.raises(
        ValueError, match=r"TeX that matplotlib sets.*nonsense.*Write it with other"
    ):
        drawn(r"\nonsense x")


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/**/*.ipynb")), ids=lambda p: p.stem)
def test_the_formulas_of_a_notebook_are_set(path):
    prose = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]
    for display, inline in FORMULA.findall("\n\n".join(prose)):
        assert drawn(display or inline).startswith("<svg")
