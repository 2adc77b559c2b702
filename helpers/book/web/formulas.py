"""Formulas as drawings in the page, made when the book is rendered: no script, no font to load.

A Sphinx extension: its registry of renderers, and the TeX that matplotlib sets. MathML would need a
font for mathematics, which many machines lack.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.textpath import text_to_path
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html import HTML5Translator

LOGGER = logging.getLogger(__name__)
FONT = FontProperties(size=100, math_fontfamily="cm")
EM = 85  # units of the drawing that are as high as a letter of the text around it
# matplotlib's TeX has no bars with a side and no brackets of a size.
UNKNOWN = re.compile(r"\\(?P<bar>[lr]Vert)(?![A-Za-z])|\\[bB]igg?[lr]?(?![A-Za-z])")
LETTER = {Outline.MOVETO: "M", Outline.LINETO: "L", Outline.CURVE3: "Q", Outline.CURVE4: "C"}


def drawn(tex: str) -> str:
    """SVG of the formula `tex`, on the line of the text around it and in its colour.

    Raises: ValueError for TeX that matplotlib does not know.
    """
    known = UNKNOWN.sub(lambda found: r"\Vert " if found["bar"] else "", " ".join(tex.split()))
    try:
        width, height, depth = text_to_path.get_text_width_height_descent(f"${known}$", FONT, True)
        points, codes = text_to_path.get_text_path(FONT, f"${known}$", ismath=True)
    except ValueError as error:
        said = str(error).strip().splitlines()[-1]
        raise ValueError(
            f"a formula must be TeX that matplotlib sets: {said}, in {tex!r}. Write it with other "
            "commands"
        ) from error
    look = f"height:{height / EM:.3f}em;vertical-align:{-depth / EM:.3f}em;width:{width / EM:.3f}em"
    box = f"0 {depth - height:.0f} {width:.0f} {height:.0f}"
    return (
        f'<svg role="img" aria-label="{escape(tex)}" style="{look}" viewBox="{box}" '
        f'fill="currentColor"><path d="{_outline(points, codes)}"/></svg>'
    )


def _outline(points: Any, codes: Any) -> str:
    """Commands of an SVG path, whose y points down."""
    said, before = [], None
    for (x, y), code in zip(points, codes, strict=True):
        if code == Outline.CLOSEPOLY:
            said.append("Z")
            before = None
            continue
        # A curve's control points have its code too: its letter stands before the first.
        if code != before or code in (Outline.MOVETO, Outline.LINETO):
            said.append(LETTER[code])
            n_seen = 0
        elif n_seen % (code - 1) == 0:
            said.append(LETTER[code])
        n_seen, before = n_seen + 1, code
        said.append(f"{x:.0f} {-y:.0f} ")
    return "".join(said).replace(" Z", "Z").strip()


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer that `html_math_renderer: drawn` asks for."""
    app.add_html_math_renderer("drawn", (_visit_math, None), (_visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _visit_math(self: HTML5Translator, node: nodes.math) -> None:
    self.body.append(self.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    self.body.append(_set(self, node) + "</span>")
    raise nodes.SkipNode


def _visit_display(self: HTML5Translator, node: nodes.math_block) -> None:
    self.body.append(self.starttag(node, "div", "", CLASS="math notranslate nohighlight"))
    if node["number"]:
        number = get_node_equation_number(self, node)
        self.body.append(f'<span class="eqno">({number})')
        self.add_permalink_ref(node, "Link to this equation")
        self.body.append("</span>")
    self.body.append(_set(self, node) + "</div>\n")
    raise nodes.SkipNode


def _set(self: HTML5Translator, node: nodes.Element) -> str:
    """The formula of `node`; one that cannot be read is a warning, and shown as it was written."""
    tex = node.astext()
    try:
        return drawn(tex)
    except ValueError as error:
        LOGGER.warning("%s", error, location=node)
        return self.encode(tex)
