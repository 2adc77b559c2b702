"""The gates of a rendered book: what must hold before its address is printed.

Each gate is a function that returns its faults as lines of text; none means that it holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat

from helpers.book.web.web_page import WebPage, read_pages

TRACEBACK = re.compile(r"Traceback \(most recent call last\)")
FOREIGN = re.compile(r"^(?:https?:|wss?:|ftp:)?//", re.IGNORECASE)
IMAGE_NAME = re.compile(r"\.(?:png|svg|jpe?g|gif|webp)$", re.IGNORECASE)


class BookFaulty(RuntimeError):
    """The rendered book failed a gate; the message lists every fault."""


def check_book(
    site: Path, html: Path, documents: Sequence[str], announcement: str = "", root: str = ""
) -> None:
    """Run every gate over the staged folder `site` and the rendered folder `html`.

    `documents` are the pages that must be there; `announcement` is the HTML of the banner that
    every one of them must show, "" for none; `root` is the project's folder, which no page may
    name, "" to leave that unchecked.

    Raises: BookFaulty with one line a fault.
    """
    pages = read_pages(html)
    written = [page for page in pages if page.name.removesuffix(".html") in set(documents)]
    faults = [
        *(fault for path in sorted(site.rglob("*.ipynb")) for fault in notebook_faults(path)),
        *missing_pages(html, documents),
        *traceback_faults(pages),
        *link_faults(pages),
        *foreign_requests(pages),
        *alt_text_faults(pages),
        *banner_faults(written, announcement),
        *machine_paths(pages, root),
    ]
    if faults:
        raise BookFaulty(
            f"The book must pass every gate, and has {len(faults)} faults:\n- "
            + "\n- ".join(faults)
        )


def notebook_faults(path: Path) -> list[str]:
    """Error outputs in an executed notebook, and an exception that papermill noted."""
    notebook = nbformat.read(path, as_version=4)
    faults = [
        f"{path.name}: a cell ended with {output['ename']}: {output['evalue']}"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output["output_type"] == "error"
    ]
    if notebook.metadata.get("papermill", {}).get("exception"):
        faults.append(f"{path.name}: papermill noted an exception")
    return faults


def missing_pages(html: Path, documents: Iterable[str]) -> list[str]:
    """Documents of the table of contents that were not rendered."""
    wanted = [*documents, "search", "index"]
    return [f"{name}: was not rendered" for name in wanted if not (html / f"{name}.html").exists()]


def traceback_faults(pages: Iterable[WebPage]) -> list[str]:
    """Pages that show a Python traceback."""
    return [f"{page.name}: shows a traceback" for page in pages if TRACEBACK.search(page.text())]


def link_faults(pages: Sequence[WebPage]) -> list[str]:
    """Links, images, scripts and styles of this book that lead nowhere, anchors included."""
    by_path = {page.path.resolve(): page for page in pages}
    return [
        f"{page.name}: broken link or missing file: {address}"
        for page in pages
        for address in sorted({*page.links(), *page.loads()})
        if _is_local(address) and not _exists(page, address, by_path)
    ]


def _is_local(address: str) -> bool:
    return not FOREIGN.match(address) and not urlsplit(address).scheme


def _exists(page: WebPage, address: str, by_path: dict[Path, WebPage]) -> bool:
    parts = urlsplit(address)
    target = (page.path.parent / unquote(parts.path)).resolve() if parts.path else page.path
    target = target / "index.html" if target.is_dir() else target
    if not target.exists():
        return False
    other = by_path.get(target.resolve())
    return not parts.fragment or other is None or unquote(parts.fragment) in other.anchors


def foreign_requests(pages: Iterable[WebPage]) -> list[str]:
    """Addresses on another host that a page loads when it is opened; links to click are not.

    What scripts and style sheets ask for in turn is seen only by a browser: the tests of the whole
    book open every page of it in one.
    """
    return [
        f"{page.name}: loads {address}"
        for page in pages
        for address in page.loads()
        if FOREIGN.match(address)
    ]


def alt_text_faults(pages: Iterable[WebPage]) -> list[str]:
    """Images without a text for those who cannot see them; a file name is no such text."""
    return [
        f"{page.name}: image without alt text: {image.get('src', '')[:80]}"
        for page in pages
        for image in page.images
        if not (alt := image.get("alt", "").strip()) or IMAGE_NAME.search(alt)
    ]


def banner_faults(pages: Iterable[WebPage], announcement: str) -> list[str]:
    """Pages that lack the banner, or show one that this copy of the book must not have."""
    expected = " ".join(re.sub(r"<[^>]+>", "", announcement).split())
    faults = []
    for page in pages:
        banner = page.soup.select_one(".bd-header-announcement")
        shown = " ".join(banner.get_text(" ").split()) if banner else ""
        if "".join(shown.split()) != "".join(expected.split()):
            faults.append(f"{page.name}: the banner must read {expected!r}, and reads {shown!r}")
    return faults


def machine_paths(pages: Iterable[WebPage], root: str) -> list[str]:
    """Pages that show a path below `root`: it means nothing elsewhere, and may name a person."""
    if not root:
        return []
    below = re.compile(rf"(?<![\w./-]){re.escape(root.rstrip('/'))}/")
    shown = (page.name for page in pages if below.search(page.text()))
    return [f"{name}: shows a path of this machine" for name in shown]
