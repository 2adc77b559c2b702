"""Pictures written anew, smaller and with the same pixels."""

import numpy as np
from bs4 import BeautifulSoup
from PIL import Image

from helpers.book.web.pictures import COLOURS, MOST_OFF, rename_pictures, shrink_pictures


def drawn(path, transparent=False):
    """A few coloured points, saved as matplotlib does: opaque RGBA unless `transparent`."""
    rng = np.random.default_rng(0)
    pixels = np.full((200, 300, 4), 255, np.uint8)
    for y, x in rng.integers(0, 190, (120, 2)):
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


def shades(path):
    """Every shade between white and four colours, as the edges and bars of a drawing have them."""
    share = np.linspace(0, 1, 240)[None, :, None]
    colours = np.repeat([[31, 119, 180], [214, 39, 40], [44, 160, 44], [0, 0, 0]], 40, axis=0)
    pixels = (255 * (1 - share) + colours[:, None] * share).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return pixels


def test_of_many_shades_no_pixel_moves_far_and_white_stays_white(tmp_path):
    (tmp_path / "_images").mkdir()
    pixels = shades(tmp_path / "_images" / "a.png")
    (name,) = shrink_pictures(tmp_path).values()
    new = np.asarray(Image.open(tmp_path / "_images" / name).convert("RGB"))
    assert len(np.unique(new.reshape(-1, 3), axis=0)) <= COLOURS
    assert 0 < np.abs(new.astype(int) - pixels).max() <= MOST_OFF
    assert (new[:, 0] == 255).all()


def test_a_picture_that_few_colours_would_change_is_kept_exactly(tmp_path):
    (tmp_path / "_images").mkdir()
    steps = np.arange(0, 256, 4, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(512, 512, 3)
    Image.fromarray(cube).save(tmp_path / "_images" / "a.png")
    (name,) = shrink_pictures(tmp_path).values()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "_images" / name)), cube)


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
