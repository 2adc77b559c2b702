"""Pictures of the rendered book as WebP without loss: the same pixels in a third of the bytes."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bs4 import BeautifulSoup
from PIL import Image

FOLDER = "_images"  # where Sphinx collects them, below the book's first folder
OPAQUE = 255
EFFORT = {"method": 4, "quality": 60}  # of the search for a short code; more takes seconds each


def shrink_pictures(html: Path) -> dict[str, str]:
    """Replace each PNG among the pictures of the book by its WebP; old name → new name.

    A new name is of the content, so that a picture used twice is one file. What WebP does not make
    smaller stays.
    """
    paths = sorted((html / FOLDER).glob("*.png"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # the encoder leaves Python's lock
        shrunk = list(pool.map(_as_webp, paths))
    names = {}
    for path, content in zip(paths, shrunk, strict=True):
        if len(content) >= path.stat().st_size:
            continue
        name = f"{hashlib.sha256(content).hexdigest()[:20]}.webp"
        (html / FOLDER / name).write_bytes(content)
        path.unlink()
        names[path.name] = name
    return names


def rename_pictures(soup: BeautifulSoup, names: Mapping[str, str]) -> None:
    """Let a page show the pictures under their new names."""
    for tag, attribute in (("img", "src"), ("a", "href")):
        for found in soup.find_all(tag, attrs={attribute: True}):
            folder, slash, name = found[attribute].rpartition("/")
            if name in names and folder.endswith(FOLDER):
                found[attribute] = f"{folder}{slash}{names[name]}"


def _as_webp(path: Path) -> bytes:
    image = Image.open(path)
    has_alpha = "A" in image.getbands() and image.getchannel("A").getextrema()[0] < OPAQUE
    content = io.BytesIO()
    image.convert("RGBA" if has_alpha else "RGB").save(content, "WEBP", lossless=True, **EFFORT)
    return content.getvalue()
