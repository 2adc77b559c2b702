"""Pictures of the rendered book as WebP of at most 256 colours: a fourth of the bytes.

Drawings have few colours besides the shades of their edges, so nothing is seen to change; codes
for photographs would blur small letters.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bs4 import BeautifulSoup
from PIL import Image, ImageChops

FOLDER = "_images"  # where Sphinx collects them, below the book's first folder
OPAQUE = 255
COLOURS, MOST_OFF = 256, 24  # of a picture; by how many of 255 levels a pixel may then differ
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
    image = image.convert("RGBA") if has_alpha else _of_few_colours(image.convert("RGB"))
    content = io.BytesIO()
    image.save(content, "WEBP", lossless=True, **EFFORT)
    return content.getvalue()


def _of_few_colours(image: Image.Image) -> Image.Image:
    """`image` in `COLOURS` colours, or as it is where one of its pixels would change too much."""
    if image.getcolors(COLOURS):
        return image
    palette = image.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few = palette.convert("RGB")
    furthest = max(high for _, high in ImageChops.difference(image, few).getextrema())
    return few if furthest <= MOST_OFF else image
