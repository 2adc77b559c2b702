from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import PathPatch, Rectangle

from helpers.vqvae_subtyping.figures.group_colours import CLUSTER_COLOURS, PAM50_COLOURS
from helpers.vqvae_subtyping.figures.label_flow import plot_label_flow

COUNTS = {
    ("Basal", "C"): 150, ("Basal", "A"): 10, ("Her2", "A"): 72, ("LumA", "D"): 400,
    ("LumA", "A"): 74, ("LumB", "B"): 190, ("Normal", "E"): 1,
}  # fmt: skip


def flow():
    rows = [(*pair, n) for pair, n in COUNTS.items()]
    return pd.DataFrame(rows, columns=["source", "target", "n"])


def heights(path):
    y = path.vertices[:, 1]
    return y[0] - y[7], y[3] - y[4]


def test_bands_are_as_wide_as_the_patients_in_them():
    ax = plot_label_flow(flow())
    bands = [patch for patch in ax.patches if isinstance(patch, PathPatch)]
    assert len(bands) == len(COUNTS)
    start, end = np.array([heights(band.get_path()) for band in bands]).T
    order = sorted(COUNTS)  # bands leave in the order of the targets
    n = np.array([COUNTS[pair] for pair in order], float)
    np.testing.assert_allclose(start / start.sum(), n / n.sum())
    np.testing.assert_allclose(end / end.sum(), n / n.sum())
    assert [to_hex(band.get_facecolor()) for band in bands] == [PAM50_COLOURS[s] for s, _ in order]


def test_bars_do_not_overlap_and_hold_all_patients():
    ax = plot_label_flow(flow())
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(bars) == 10
    assert to_hex(bars[5].get_facecolor()) == CLUSTER_COLOURS["A"]
    for side in (bars[:5], bars[5:]):
        spans = sorted((bar.get_y(), bar.get_y() + bar.get_height()) for bar in side)
        assert all(low[1] < high[0] for low, high in pairwise(spans))
        assert spans[0][0] >= -1e-9 and spans[-1][1] <= 1 + 1e-9


def test_every_group_is_named_with_its_number(small_texts):
    ax = plot_label_flow(flow(), title="")
    texts = [text.get_text() for text in ax.texts]
    assert "LumA  474" in texts and "A  156" in texts and "Normal  1" in texts
    assert "n = 897" in ax.get_title() and small_texts(ax.figure) == []
    ax.figure.draw_without_rendering()
    renderer = ax.figure.canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in [*ax.texts, ax.title]]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    frame = ax.figure.bbox
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)


def test_targets_are_alphabetical_and_axes_are_taken():
    given = plt.subplots()[1]
    ax = plot_label_flow(flow(), given)
    assert ax is given
    targets = [text.get_text()[0] for text in ax.texts if text.get_text()[1:3] == "  "]
    assert targets == [*"ABCDE"]


def test_nothing_to_draw_is_refused():
    with pytest.raises(ValueError, match="must hold patients"):
        plot_label_flow(flow().assign(n=0))
    with pytest.raises(ValueError, match=r"lacks the columns \['n'\]"):
        plot_label_flow(flow().drop(columns="n"))
