"""What is mended in a rendered page: chapters' details folded, names for those who do not see.

The theme leaves a few things unnamed, and Markdown cannot fold a section; both are done here, in
the HTML, so that every link into a section stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from bs4 import BeautifulSoup, Tag

from helpers.book.web.captions import share_captions
from helpers.book.web.glossary_links import GLOSSARY, link_terms, read_terms
from helpers.book.web.pictures import rename_pictures

# Sections of a chapter that are folded: who wants the answer need not pass them.
FOLDED = {
    *("The paper and this chapter", "Parameters", "Data", "What would count as reproduced"),
    *("Model", "Training", "Checks", "What differs and why", "Exercises", "Key takeaways"),
    *("Reproduction table", "References"),
}
SEARCHING = ["searchindex.js", "searchtools.js", "language_data.js"]
FEW = 15  # pictures and tables in view, up to which each may be taller (`is-roomy` in pages.css)
WIDTH = re.compile(r"^\s*width:\s*(?P<pixels>\d+)px;?\s*$")
FOLDED_INSIDE = {"Beyond the paper"}  # each of its subsections


def mend_pages(html: Path, pictures: Mapping[str, str] = MappingProxyType({})) -> None:
    """Mend every page below `html`; the chapters are those in its folder notebooks/.

    `pictures`: old name → new name, of those that were written anew.
    """
    glossary, terms = html / GLOSSARY, {}
    if glossary.exists():
        terms = read_terms(BeautifulSoup(glossary.read_text(encoding="utf-8"), "html.parser"))
    for path in sorted(html.rglob("*.html")):
        if "_static" in path.parts:
            continue
        place = path.relative_to(html)
        soup = mended_page(path.read_text(encoding="utf-8"), place.parts[0] == "notebooks")
        rename_pictures(soup, pictures)
        if path != glossary and len(place.parts) > 1:
            link_terms(soup, terms, "../" * (len(place.parts) - 1) + GLOSSARY)
        path.write_text(str(soup), encoding="utf-8")


def mended_page(text: str, is_chapter: bool) -> BeautifulSoup:
    """The HTML of a page, mended."""
    soup = BeautifulSoup(text, "html.parser")
    _name_summaries(soup)
    _drop_empty_roles(soup)
    _frame_tables(soup)
    _drop_heavy_scripts(soup)
    for number in soup.select("figcaption span.caption-number"):  # through the whole book
        number.decompose()
    if is_chapter:
        share_captions(soup)
        _fold(soup)
        _link_pictures(soup)
        _give_room(soup)
    return soup


def _name_summaries(soup: BeautifulSoup) -> None:
    for summary in soup.select("nav details > summary"):
        item = summary.find_parent("li")
        link = item.find("a") if item else None
        title = " ".join(link.get_text().split()) if link else ""
        summary["aria-label"] = f"Pages below {title}" if title else "Pages"


def _drop_empty_roles(soup: BeautifulSoup) -> None:
    """A list for screen readers needs items; the bibliography's has none that say so."""
    for tag in soup.select("div[role=list]"):
        if not tag.select("[role=listitem]"):
            del tag["role"]


def _drop_heavy_scripts(soup: BeautifulSoup) -> None:
    """Icons come with the theme's fonts, without its megabyte of scripted ones; the index that is
    searched goes only with the page that shows what was found.
    """
    heavy = ["fontawesome.js"] + ([] if soup.select_one("#search-results") else SEARCHING)
    for tag in soup.find_all(["script", "link"]):
        address = tag.get("src", tag.get("href", ""))
        if address.partition("?")[0].rpartition("/")[2] in heavy:
            tag.decompose()


def _frame_tables(soup: BeautifulSoup) -> None:
    """Tables of prose pages scroll in a frame that the keyboard reaches."""
    for frame in soup.select("div.pst-scrollable-table-container, div.table-wrapper"):
        frame["tabindex"] = "0"


def _fold(soup: BeautifulSoup) -> None:
    for section in soup.select("article section, .bd-article section"):
        heading = section.find(["h2", "h3"], recursive=False)
        if heading is None or heading.find_parent("summary"):
            continue
        is_detail = heading.name == "h2" and _title(heading) in FOLDED
        is_beyond = heading.name == "h3" and _title_above(section) in FOLDED_INSIDE
        if is_detail or is_beyond:
            _fold_section(soup, section, heading)


def _link_pictures(soup: BeautifulSoup) -> None:
    """Each picture leads to its file, where it is as large as it was drawn.

    On the page it is at most as wide as it was meant to be, and less where its height is bounded.
    """
    for image in soup.select(".cell_output img"):
        if found := WIDTH.match(image.get("style", "")):
            image["style"] = f"max-width: min(100%, {found['pixels']}px);"
        if not image.find_parent("a"):
            image.wrap(soup.new_tag("a", href=image["src"], attrs={"class": "full-picture"}))


def _give_room(soup: BeautifulSoup) -> None:
    """A chapter with few pictures and tables in view may show each of them larger."""
    shown = soup.select(".cell_output img, .table-frame")
    n = sum(not one.find_parent("details", class_="section-fold") for one in shown)
    for article in soup.select("article.bd-article") if n <= FEW else ():
        article["class"] = [*article["class"], "is-roomy"]


def _title(heading: Tag) -> str:
    return heading.get_text().removesuffix("#").strip()


def _title_above(section: Tag) -> str:
    above = section.find_parent("section")
    heading = above.find("h2", recursive=False) if above else None
    return _title(heading) if heading else ""


def _fold_section(soup: BeautifulSoup, section: Tag, heading: Tag) -> None:
    """Everything below the heading into a fold that the heading opens."""
    for link in heading.select("a.headerlink"):
        link.decompose()
    fold, summary = soup.new_tag("details"), soup.new_tag("summary")
    fold["class"] = "section-fold"
    body = soup.new_tag("div")
    body["class"] = "fold-body"
    for rest in list(heading.next_siblings):
        body.append(rest.extract())
    heading.wrap(summary)
    summary.wrap(fold)
    fold.append(body)
