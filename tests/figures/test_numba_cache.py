"""Compiled once, where there is a place to keep it, by one process at a time."""

import importlib
import sys
import threading
import time

import numba
import pytest
from filelock import FileLock

from helpers.figures.numba_cache import _alone_unless_marked, compiled_once


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """The folder of what is compiled."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def doubled(tmp_path, monkeypatch):
    """A function in a file of its own, as numba keeps nothing of what has none."""
    (tmp_path / "doubled.py").write_text("def doubled(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("doubled").doubled
    del sys.modules["doubled"]


@pytest.mark.parametrize("signature", [(), ("int64(int64)",)])
def test_what_is_compiled_is_kept_on_disk(doubled, signature, kept):
    plain = numba.njit
    with compiled_once("x"):
        compiled = numba.njit(*signature, nogil=True)(doubled)
    assert numba.njit is plain
    assert compiled(4) == 8
    assert list(kept.rglob("doubled*.nbc"))


def test_a_bare_decorator_is_kept_too(doubled, kept):
    with compiled_once("x"):
        assert numba.njit(doubled)(4) == 8
    assert list(kept.rglob("doubled*.nbc"))


def test_what_has_no_file_is_compiled_all_the_same():
    """What comes from no file has nowhere to be kept."""
    written = {}
    exec("def tripled(x):\n    return 3 * x", written)
    with compiled_once("x"):
        assert numba.njit(written["tripled"])(4) == 12


def test_a_folder_that_cannot_be_made_keeps_nothing_and_stops_nobody(doubled, tmp_path, kept):
    kept.write_text("a file, where the folder would be")
    with compiled_once("x"):
        compiled = numba.njit(doubled)
    assert compiled(4) == 8 and str(kept) == numba.config.CACHE_DIR


def test_the_first_of_a_kind_is_alone_and_those_after_it_wait_for_nobody(tmp_path):
    inside, most = [], []

    def draw(name):
        with _alone_unless_marked(tmp_path, name):
            inside.append(name)
            most.append(len(inside))
            time.sleep(0.05)
            inside.remove(name)

    def draw_at_once(names):
        most.clear()
        threads = [threading.Thread(target=draw, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return max(most)

    assert draw_at_once(["a", "b", "a"]) == 1
    with FileLock(tmp_path / "compiling.lock"):  # somebody compiles another kind
        assert draw_at_once(["a"]) == 1


def test_who_fails_leaves_no_mark(tmp_path):
    with pytest.raises(ValueError), _alone_unless_marked(tmp_path, "a"):
        raise ValueError
    assert not list(tmp_path.glob("*.done"))
