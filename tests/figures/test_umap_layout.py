"""One picture a seed; compiled once, where there is a place to keep it."""

import numba
import numpy as np
import pytest
import torch

from helpers.figures import umap_layout as layout


def test_neighbours_are_exact_where_umap_would_estimate_them(monkeypatch):
    monkeypatch.setattr(layout, "UMAPS_EXACT", 50)
    monkeypatch.setattr(layout, "MOST_EXACT", 60)
    z = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    index, distance, _ = layout._neighbours(z)
    pairs = np.linalg.norm(z[:, None] - z[None], axis=2)
    np.testing.assert_array_equal(index, pairs.argsort(axis=1)[:, :15])
    np.testing.assert_allclose(distance[:, 1:], np.sort(pairs, axis=1)[:, 1:15], rtol=1e-4)
    for n in (50, 61):
        assert layout._neighbours(np.zeros((n, 3), np.float32)) == (None, None, None)


def test_a_seed_gives_one_picture_and_torch_keeps_its_threads():
    rng = np.random.default_rng(0)
    z = rng.normal(size=(90, 5)) + np.repeat([0, 8, 16], 30)[:, None]
    before = torch.get_num_threads()
    first, again = layout.umap_layout(z, 1), layout.umap_layout(z, 1)
    assert torch.get_num_threads() == before and first.shape == (90, 2)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(layout.umap_layout(z, 1, n_epochs=10), first)


@pytest.fixture
def doubled(tmp_path, monkeypatch):
    """A function in a file of its own, as numba keeps nothing of what has none."""
    (tmp_path / "doubled.py").write_text("def doubled(x):\n    return 2 * x\n")
    monkeypatch.syspath_prepend(tmp_path)
    import importlib

    yield importlib.import_module("doubled").doubled
    import sys

    del sys.modules["doubled"]


@pytest.mark.parametrize("signature", [(), ("int64(int64)",)])
def test_what_is_compiled_is_kept_on_disk(doubled, signature, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    plain = numba.njit
    with layout._compiled_once():
        compiled = numba.njit(*signature, nogil=True)(doubled)
    assert numba.njit is plain
    assert compiled(4) == 8
    assert list((tmp_path / "kept").rglob("doubled*.nbc"))


def test_a_bare_decorator_is_kept_too(doubled, tmp_path, monkeypatch):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "kept"))
    with layout._compiled_once():
        assert numba.njit(doubled)(4) == 8
    assert list((tmp_path / "kept").rglob("doubled*.nbc"))


def test_without_a_place_to_write_it_is_compiled_all_the_same(monkeypatch):
    """What comes from no file has nowhere to be kept."""
    written = {}
    exec("def tripled(x):\n    return 3 * x", written)
    with layout._compiled_once():
        assert numba.njit(written["tripled"])(4) == 12
