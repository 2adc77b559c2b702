"""Pictures written anew, smaller and with the same pixels."""

import numpy as np
from bs4 import BeautifulSoup
from PIL import Image

from helpers.book.web.pictures import rename_pictures, shrink_pictures


def drawn(path, transparent=False):
    """A scatter of points as matplotlib would save it: opaque RGBA unless `transparent`."""
    rng = np.random.default_rng(0)
    pixels = np.full((200, 300, 4), 255, np.uint8)
    for y, x in rng.integers(0, 190, (150, 2)):
        pixels[y : y + 5, x : x + 5, :3] = rng.integers(0, 255, 3)
    pixels[:20, :20, 3] = 0 if transparent else 255
    Image.fromarray(pixels).save(path)
    return pixels


def test_a_picture_keeps_every_pixel_in_fewer_bytes(tmp_path):
    (tmp_path / "_images").mkdir()
    path = tmp_path / "_images" / "a.png"
    pixels, size = drawn(path), path.stat().st_size
    names = shrink_pictures(tmp_path)
    new = tmp_path / "_images" / names["a.png"]
    assert new.stat().st_size < size and not path.exists()
    assert np.array_equal(np.asarray(Image.open(new).convert("RGBA")), pixels)
    assert Image.open(new).mode == "RGB"


def test_what_is_transparent_stays_so(tmp_path):
    (tmp_path / "_images").mkdir()
    drawn(tmp_path / "_images" / "a.png", transparent=True)
    (name,) = shrink_pictures(tmp_path).values()
    alpha = np.asarray(Image.open(tmp_path / "_images" / name).getchannel("A"))
    assert alpha[:20, :20].max() == 0 and alpha[20:].min() == 255


def test_a_picture_shown_twice_is_one_file_under_the_same_name_everywhere(tmp_path):
    (tmp_path / "_images").mkdir()
    for name in ("a.png", "b.png"):
        drawn(tmp_path / "_images" / name)
    names = shrink_pictures(tmp_path)
    assert names["a.png"] == names["b.png"] and len(list((tmp_path / "_images").iterdir())) == 1
    page = '<a href="../_images/a.png"><img src="../_images/b.png"></a><img src="../else/a.png">'
    soup = BeautifulSoup(page, "html.parser")
    rename_pictures(soup, names)
    shown = f"../_images/{names['a.png']}"
    assert soup.a["href"] == soup.img["src"] == shown
    assert soup.find_all("img")[1]["src"] == "../else/a.png"
