"""One caption for all that a cell shows: the renderer repeats it below each picture and table."""

from __future__ import annotations

from bs4 import BeautifulSoup, NavigableString, Tag

BESIDE = "pictures-beside"  # class of a figure whose pictures stand in a row where they fit


def share_captions(soup: BeautifulSoup) -> None:
    """Leave a repeated caption below the last picture of its cell; neighbours stand in one row.

    What had no picture stays where it is, without a frame of its own; every anchor stays.
    """
    for output in soup.select("div.cell_output"):
        by_caption: dict[str, list[Tag]] = {}
        for figure in output.find_all("figure", recursive=False):
            if figure.figcaption:
                by_caption.setdefault(_caption(figure), []).append(figure)
        for figures in by_caption.values():
            if len(figures) > 1:
                _share(soup, figures)


def _caption(figure: Tag) -> str:
    text = figure.figcaption.select_one(".caption-text") or figure.figcaption
    return " ".join(text.get_text().split())


def _share(soup: BeautifulSoup, figures: list[Tag]) -> None:
    pictures = [figure for figure in figures if figure.find("img")]
    kept = pictures[-1] if pictures else figures[0]
    for figure in figures:
        if figure is not kept:
            figure.figcaption.decompose()
        if not figure.find("img") and figure is not kept:
            figure.name = "div"
            del figure["class"]
    neighbours = [kept]
    for figure in reversed(pictures[:-1]):
        if _next_tag(figure) is not neighbours[0]:
            break
        neighbours.insert(0, figure)
    if len(neighbours) > 1:
        _set_beside(soup, neighbours)


def _next_tag(tag: Tag) -> Tag | None:
    """The sibling that follows, if nothing but white space stands between."""
    after = tag.next_sibling
    while isinstance(after, NavigableString) and not after.strip():
        after = after.next_sibling
    return after if isinstance(after, Tag) else None


def _set_beside(soup: BeautifulSoup, figures: list[Tag]) -> None:
    whole = soup.new_tag("figure", attrs={"class": f"align-default {BESIDE}"})
    row = soup.new_tag("div")
    figures[0].insert_before(whole)
    whole.append(row)
    whole.append(figures[-1].figcaption.extract())
    for figure in figures:
        figure.name = "div"
        row.append(figure.extract())
