from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from helpers.figures.volcano import plot_volcano


@pytest.fixture
def differential():
    rng = np.random.default_rng(0)
    difference = np.append(rng.normal(0, 0.1, 80), [1.0, 1.2, 1.4, -1.1, -1.3])
    names = [f"G{number:02d}" for number in range(85)]
    p = np.append(rng.uniform(0.05, 1, 80), [1e-20, 1e-21, 1e-22, 1e-15, 0])
    table = pd.DataFrame({"feature": names, "difference": difference, "p": p})
    return table.assign(q=table["p"] * 2)


def test_colours_are_counted_and_names_stand_at_their_side(differential, small_texts):
    ax = plot_volcano(differential)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["not significant 80", "up 3", "down 2"]
    assert "5 of 85 features at FDR < 0.05" in ax.get_title()
    side = {text.get_text(): np.sign(text.xy[0]) for text in ax.texts}
    assert side == {"G80": 1, "G81": 1, "G82": 1, "G83": -1, "G84": -1}
    assert np.isfinite(ax.get_ylim()).all(), "p of 0"
    assert small_texts(ax.figure) == []


def test_names_do_not_overlap_and_keep_the_order_of_height(differential):
    crowd = differential.assign(
        difference=np.linspace(0.9, 1, 85), p=np.logspace(-30, -29, 85), q=1e-9
    )
    ax = plot_volcano(crowd, n_labels=12)
    ax.figure.draw_without_rendering()
    boxes = [Text.get_window_extent(text) for text in ax.texts]
    tops = sorted((box.y0, box.y1) for box in boxes)
    assert len(boxes) == 12
    assert all(below[1] <= above[0] + 4 for below, above in pairwise(tops))
    heights = [text.xy[1] for text in ax.texts]
    places = [text.get_position()[1] for text in ax.texts]
    assert np.argsort(heights).tolist() == np.argsort(places).tolist()


def test_a_smallest_difference_and_nothing_found(differential):
    ax = plot_volcano(differential, min_difference=1.25, n_labels=0)
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == ["others 83", "up 1", "down 1"] and not ax.texts
    assert ax.get_title().endswith("2 of 85 features at FDR < 0.05 and |difference| > 1.25")
    assert not plot_volcano(differential.assign(q=1.0)).texts
    assert not plot_volcano(differential.assign(q=1.0, p=1.0)).texts
    with pytest.raises(ValueError, match="no features to show"):
        plot_volcano(differential[:0])
