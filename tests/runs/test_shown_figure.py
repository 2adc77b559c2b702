"""A recorded figure is shown from its file, once."""

import matplotlib as mpl
import pytest
from IPython import display as ipython
from matplotlib import pyplot as plt

from helpers.runs.shown_figure import show_file


@pytest.fixture
def shown(monkeypatch):
    """Widths of what is displayed; the backend says that it is a notebook's."""
    widths = []
    monkeypatch.setattr(mpl, "get_backend", lambda: "module://matplotlib_inline.backend_inline")
    monkeypatch.setattr(ipython, "display", lambda image: widths.append(image.width))
    plt.close("all")
    yield widths
    plt.close("all")


def saved(figure, path):
    """The file of a figure, at 150 dots an inch."""
    figure.savefig(path, dpi=150)
    return path


def test_an_open_figure_is_shown_from_its_file_and_closed(shown, tmp_path):
    figure = plt.figure(figsize=(4, 3))
    show_file(figure, saved(figure, tmp_path / "a.png"), 150)
    assert shown == [round(4 * figure.dpi)] and plt.get_fignums() == []


def test_an_old_figure_is_not_shown_again_for_the_number_of_a_new_one(shown, tmp_path):
    old = plt.figure(figsize=(4, 3))
    file = saved(old, tmp_path / "a.png")
    show_file(old, file, 150)
    new = plt.figure(figsize=(2, 1))
    assert old.number == new.number
    show_file(old, file, 150)
    assert len(shown) == 1 and plt.get_fignums() == [new.number]


def test_nothing_is_shown_outside_a_notebook(tmp_path, monkeypatch):
    monkeypatch.setattr(ipython, "display", lambda image: pytest.fail("shown"))
    figure = plt.figure()
    show_file(figure, saved(figure, tmp_path / "a.png"), 150)
    assert plt.fignum_exists(figure.number)
    plt.close(figure)
