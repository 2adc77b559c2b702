"""The README's picture: the top of the first page of a built book.

.venv/bin/python -m tests.book.picture            # of the book in build/
.venv/bin/python -m tests.book.picture FOLDER     # of the one made there
"""

import base64
import io
import sys
from pathlib import Path

from PIL import Image

from tests.fixtures.browser import opened_browser, served

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "book" / "picture.webp"
SIZE = (1280, 1000)  # of the screen


def take(html: Path, target: Path) -> Path:
    """Write a picture of the first page of the book in the folder `html`."""
    if not (html / "book" / "intro.html").exists():
        raise SystemExit(f"{html} holds no book. Give the folder that `make book` built, build/")
    with opened_browser() as browser, served(html) as address, browser.screen(*SIZE):
        browser.open(f"{address}/book/intro.html")
        browser.evaluate("document.querySelector('.bd-header-announcement')?.remove()")
        browser.evaluate("document.querySelector('#four-papers-four-answers').scrollIntoView()")
        shot = browser.send("Page.captureScreenshot")["data"]
    image = Image.open(io.BytesIO(base64.b64decode(shot))).convert("RGB")
    image.save(target, "WEBP", quality=80, method=6)
    return target


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build"
    print(take(out / "_build" / "html", PICTURE))
