"""Terms of the glossary, linked where a page uses them first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bs4 import BeautifulSoup, NavigableString, Tag

GLOSSARY = "book/glossary.html"
NOT_INSIDE = {"a", "code", "pre", "h1", "h2", "h3", "h4", "summary", "table", "math", "script"}
SHORTEST = 4  # letters; shorter ones are words of their own too often


@dataclass(frozen=True)
class Term:
    """A term of the glossary: its anchor there and the first sentence of what it means."""

    anchor: str
    meaning: str


def read_terms(glossary: BeautifulSoup) -> dict[str, Term]:
    """Term as it is written in running text → where the rendered glossary explains it."""
    found = {}
    for name in glossary.select("dl.glossary dt[id]"):
        for link in name.select("a.headerlink"):
            link.decompose()
        text = re.sub(r"\s*\(.*\)", "", " ".join(name.get_text().split()))
        meaning = name.find_next_sibling("dd")
        if len(text) >= SHORTEST and meaning:
            said = " ".join(meaning.get_text().split())
            found[_in_running_text(text)] = Term(name["id"], re.split(r"(?<=[a-z)\]])\. ", said)[0])
    return found


def link_terms(soup: BeautifulSoup, terms: Mapping[str, Term], address: str) -> None:
    """Link the first use of every term in the running text of a page to `address`, the glossary."""
    left = dict(terms)
    for paragraph in soup.select("article p, article li"):
        for text in list(paragraph.find_all(string=True, recursive=True)):
            if left and not _is_inside(text, paragraph):
                _link_in(soup, text, left, address)


def _in_running_text(term: str) -> str:
    """With a small first letter, unless it is a name or an abbreviation."""
    first, *_ = term.split()
    return term if first[1:] != first[1:].lower() else term[0].lower() + term[1:]


def _is_inside(text: NavigableString, paragraph: Tag) -> bool:
    names = [parent.name for parent in text.parents]
    return any(name in NOT_INSIDE for name in names) or text.find_parent(["p", "li"]) != paragraph


def _link_in(
    soup: BeautifulSoup, text: NavigableString, left: dict[str, Term], address: str
) -> None:
    """The first term that `text` uses and no text before it; what follows it is looked at too."""
    words = "|".join(sorted(map(re.escape, left), key=len, reverse=True))
    match = re.search(rf"(?<![\w-])(?:{words})(?![\w-])", str(text))
    if not match:
        return
    term = left.pop(match[0])
    attributes = {"class": "glossary-term", "title": term.meaning}
    link = soup.new_tag("a", href=f"{address}#{term.anchor}", attrs=attributes)
    link.string = match[0]
    before, after = str(text)[: match.start()], NavigableString(str(text)[match.end() :])
    text.replace_with(NavigableString(before), link, after)
    if left:
        _link_in(soup, after, left, address)
