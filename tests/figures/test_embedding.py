import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex

from helpers.figures.embedding import plot_embedding, plot_embedding_batch, spread
from helpers.figures.palette import CANCER_COLOURS


def drawn(n=300):
    rng = np.random.default_rng(0)
    labels = rng.choice(["BRCA", "COAD", "READ"], n)
    return rng.normal(size=(n, 2)), labels


def test_every_sample_is_drawn_in_the_colour_of_its_type():
    xy, labels = drawn()
    ax = plot_embedding(xy, labels)
    points = ax.collections[0]
    offsets, colours = np.asarray(points.get_offsets()), points.get_facecolors()
    for offset, colour in zip(offsets, colours, strict=True):
        row = np.flatnonzero((xy == offset).all(axis=1)).item()
        assert to_hex(colour) == CANCER_COLOURS[labels[row]]


def test_n_stands_in_title_and_legend():
    xy, labels = drawn()
    ax = plot_embedding(xy, labels)
    assert "n = 300" in ax.get_title()
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert f"READ {(labels == 'READ').sum()}" in entries


def test_labels_do_not_overlap_and_stay_inside(small_texts):
    xy, labels = drawn()
    xy = np.zeros_like(xy) + 1e-3 * xy  # all medians in one place
    ax = plot_embedding(xy, labels)
    renderer = ax.figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert len(boxes) == 3
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert small_texts(ax.figure) == []
    assert not plot_embedding(xy, labels, direct_labels=False).texts


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 12))
def test_spread_separates_boxes_within_the_frame(seed, n):
    rng = np.random.default_rng(seed)
    centres, sizes = rng.uniform(0, 600, (n, 2)), rng.uniform([20, 10], [60, 20], (n, 2))
    placed = spread(centres, sizes, (0, 0, 600, 600))
    gap = np.abs(placed[:, None] - placed[None]) - (sizes[:, None] + sizes[None]) / 2
    assert (gap[~np.eye(n, dtype=bool)].max(axis=1) >= -1e-6).all()
    assert (placed >= sizes / 2 - 1e-9).all()
    assert (placed <= 600 - sizes / 2 + 1e-9).all()


def test_batches_take_the_given_axes():
    xy, _ = drawn()
    ax = plt.subplots()[1]
    assert plot_embedding_batch(xy, ["HiSeq"] * 200 + ["GA"] * 100, ax) is ax
    entries = [text.get_text() for text in ax.get_legend().get_texts()]
    assert entries == ["GA 100", "HiSeq 200"]


def test_one_sample_is_drawn():
    assert "n = 1" in plot_embedding([[0.0, 0.0]], ["BRCA"]).get_title()


def test_misfits_are_named():
    with pytest.raises(ValueError, match=r"samples × 2.*\(300, 3\)"):
        plot_embedding(np.zeros((300, 3)), ["BRCA"] * 300)
    with pytest.raises(ValueError, match="299 labels"):
        plot_embedding(np.zeros((300, 2)), ["BRCA"] * 299)
