"""A rendered page as the checks see it: its anchors, links, images and what it loads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bs4 import BeautifulSoup, Tag

# Attributes that make a browser fetch something as soon as the page is opened.
LOADING = {
    "audio": ("src",),
    "embed": ("src",),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
# `<link rel=…>` values that fetch or connect; canonical, next, author and the like do not.
LOADING_RELATIONS = {
    *("stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch"),
    *("modulepreload", "manifest", "apple-touch-icon"),
}


@dataclass(frozen=True)
class WebPage:
    """One HTML file below the folder `html`."""

    path: Path
    html: Path

    @property
    def name(self) -> str:
        """Path relative to the book's first folder, for messages."""
        return self.path.relative_to(self.html).as_posix()

    @cached_property
    def soup(self) -> BeautifulSoup:
        """The parsed page."""
        return BeautifulSoup(self.path.read_text(encoding="utf8"), "html.parser")

    @cached_property
    def anchors(self) -> set[str]:
        """Every id and anchor name that a link may point to."""
        named = self.soup.find_all("a", attrs={"name": True})
        return {tag["id"] for tag in self.soup.find_all(id=True)} | {tag["name"] for tag in named}

    @property
    def images(self) -> list[Tag]:
        """Every `<img>`."""
        return self.soup.find_all("img")

    def links(self) -> Iterator[str]:
        """Targets of all `<a href>`."""
        for tag in self.soup.find_all("a", href=True):
            yield tag["href"]

    def loads(self) -> Iterator[str]:
        """Addresses that a browser fetches to show the page."""
        for tag in self.soup.find_all(list(LOADING)):
            for attribute in LOADING[tag.name]:
                if attribute in tag.attrs:
                    yield from _addresses(tag[attribute], attribute)
        for tag in self.soup.find_all("link", href=True):
            if LOADING_RELATIONS & {relation.lower() for relation in tag.get("rel", [])}:
                yield tag["href"]

    def text(self) -> str:
        """What a reader sees, in one string."""
        return self.soup.get_text(" ")


def _addresses(value: str, attribute: str) -> list[str]:
    if attribute == "srcset":
        return [part.split()[0] for part in value.split(",") if part.strip()]
    return [value]


def read_pages(html: Path) -> list[WebPage]:
    """All pages of the rendered book, without those kept as sources for download."""
    paths = sorted(html.rglob("*.html"))
    return [WebPage(path, html) for path in paths if "_static" not in path.parts]
