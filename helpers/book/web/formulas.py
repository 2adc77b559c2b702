"""Formulas as MathML, set when the book is rendered: a page needs no script to show one.

A Sphinx extension: its registry of renderers, and the TeX reader that docutils brings.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html import HTML5Translator

LOGGER = logging.getLogger(__name__)
SPACE = re.compile(r">\s+<")  # the reader indents; between tags it means nothing
SIZE = re.compile(r"\\(?P<size>[bB]igg?)(?=[(\[|.])|\\(?P<end>[bB]igg?)(?=[)\]])")


def mathml(tex: str, *, is_display: bool = False) -> str:
    """MathML of the formula `tex`, a line of its own with `is_display`.

    Raises: ValueError for TeX that the reader does not know.
    """
    sided = SIZE.sub(lambda m: rf"\{m['size']}l" if m["size"] else rf"\{m['end']}r", tex)
    try:
        return SPACE.sub("><", tex2mathml(sided, as_block=is_display)).strip()
    except MathError as error:
        said = str(error).rstrip(".")
        raise ValueError(
            f"a formula must be TeX that docutils reads: {said}, in {tex!r}. Write it with other "
            "commands"
        ) from error


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer that `html_math_renderer: mathml` asks for."""
    app.add_html_math_renderer("mathml", (_visit_math, None), (_visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _visit_math(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_set(self, node, is_display=False) + "</span>")
    raise nodes.SkipNode


def _visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_set(self, node, is_display=True) + "</div>\n")
    raise nodes.SkipNode


def _set(self: HTML5Translator, node: nodes.Element, *, is_display: bool) -> str:
    """The formula of `node`; one that cannot be read is a warning, and shown as it was written."""
    tex = node.astext()
    try:
        return mathml(tex, is_display=is_display)
    except ValueError as error:
        LOGGER.warning("%s", error, location=node)
        return self.encode(tex)
