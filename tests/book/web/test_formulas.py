"""Formulas as MathML."""

import xml.etree.ElementTree as ET

import pytest

from helpers.book.web.formulas import mathml

SPACE = "{http://www.w3.org/1998/Math/MathML}"


def test_a_formula_in_a_line_is_mathml_without_white_space_between_its_tags():
    assert mathml(r"\beta") == f'<math xmlns="{SPACE[1:-1]}"><mi>β</mi></math>'
    root = ET.fromstring(mathml("x_i^2", is_display=True))
    assert root.get("display") == "block"
    (power,) = root.iter(f"{SPACE}msubsup")
    assert [child.text for child in power] == ["x", "i", "2"]


@pytest.mark.parametrize("size", ["big", "Big", "bigg", "Bigg"])
def test_sized_brackets_without_a_side_are_given_one(size):
    with_side = mathml(rf"\{size}l( x \{size}r)")
    assert mathml(rf"\{size}( x \{size})") == with_side
    assert "(" in with_side and ")" in with_side


def test_what_cannot_be_read_is_named():
    with pytest.raises(ValueError, match=r"TeX that docutils reads.*nonsense.*Write it with other"):
        mathml(r"\nonsense x")
