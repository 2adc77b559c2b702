import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb

from helpers.figures.palette import ACCENT, NEUTRAL
from helpers.rnalign.figures.method_scores import (
    METHOD_COLOURS,
    METHOD_LABELS,
    METRICS,
    method_colour,
    plot_ablation,
    plot_method_scores,
)

VALUES = {"input": 22.56, "celligner": 8.5, "rnalign": 4.75, "rnalign_no_cor": 10.7, "z_only": 9.0}


def scores(n_seeds=3, metric="delta_d"):
    rows = [
        {"method": name, "seed": seed, metric: value + seed - (n_seeds - 1) / 2}
        for name, value in VALUES.items()
        for seed in range(n_seeds)
    ]
    return pd.DataFrame(rows)


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def notes(ax):
    return [text.get_text() for text in ax.texts]


def test_the_best_is_on_top_in_bold_with_means_and_deviations(small_texts):
    ax = plot_method_scores(scores(), "delta_d")
    order = ["rnalign", "celligner", "z_only", "rnalign_no_cor", "input"]
    assert labels(ax) == [METHOD_LABELS[name] for name in order]
    assert [label.get_fontweight() == "bold" for label in ax.get_yticklabels()] == [True] + 4 * [
        False
    ]
    assert notes(ax) == ["4.75", "8.50", "9.00", "10.70", "22.56"]
    bar = ax.containers[0][2][0].get_segments()[0][:, 0]
    np.testing.assert_allclose(bar, [3.75, 5.75])
    assert "lower is better" in ax.get_xlabel() and "3 seeds" in ax.get_title()
    assert small_texts(ax.figure) == []


def test_a_match_is_better_when_higher_and_shows_chance():
    ax = plot_method_scores(scores(1, "match"), "match", chance=0.25)
    assert labels(ax)[0] == "input"
    assert "higher is better" in ax.get_xlabel() and "1 seed" in ax.get_title()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["chance (0.25)"]


def test_controls_are_hollow_and_unknown_methods_are_named_and_grey():
    table = pd.concat([scores(1), pd.DataFrame({"method": ["mine"], "delta_d": [1.0]})])
    ax = plot_method_scores(table, "delta_d")
    marks = {name: bar[0] for name, bar in zip(labels(ax), ax.containers, strict=True)}
    hollow = [name for name, mark in marks.items() if mark.get_markerfacecolor() == "white"]
    assert hollow == [METHOD_LABELS["z_only"]]
    assert to_hex(marks["mine"].get_color()) == NEUTRAL


def test_a_method_without_a_value_comes_last():
    table = scores(1)
    table.loc[table["method"] == "rnalign", "delta_d"] = np.nan
    assert labels(plot_method_scores(table, "delta_d"))[-1] == "RNAlign"


def test_the_ablation_keeps_the_order_and_shows_differences(small_texts):
    ax = plot_ablation(scores())
    assert labels(ax) == [METHOD_LABELS[name] for name in VALUES]
    assert notes(ax) == ["+17.81", "+3.75", "4.75", "+5.95", "+4.25"]
    assert ax.lines[-1].get_xdata()[0] == pytest.approx(4.75)
    assert "difference from RNAlign" in ax.get_xlabel()
    assert small_texts(ax.figure) == []


def test_no_label_leaves_the_figure_or_meets_another():
    for metric in METRICS:
        ax = plot_method_scores(scores(3, metric), metric)
        ax.figure.draw_without_rendering()
        renderer = ax.figure.canvas.get_renderer()
        frame = ax.figure.bbox
        texts = [*ax.texts, *ax.get_yticklabels(), ax.xaxis.label, ax.title]
        boxes = [text.get_window_extent(renderer) for text in texts]
        assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes), metric
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i]), metric


def test_every_method_has_a_label_and_rivals_have_their_own_colour():
    rivals = [*METHOD_COLOURS]
    colours = [*map(method_colour, rivals), ACCENT, method_colour("constant_type")]
    gaps = [
        np.linalg.norm(np.subtract(to_rgb(a), to_rgb(b)))
        for i, a in enumerate(colours)
        for b in colours[:i]
    ]
    assert min(gaps) > 0.25
    assert {method_colour(name) for name in METHOD_LABELS} == set(colours)


def test_unknown_metrics_and_missing_columns_are_refused():
    with pytest.raises(ValueError, match=r"`metric` must be one of .*'accuracy'"):
        plot_method_scores(scores(), "accuracy")
    with pytest.raises(ValueError, match=r"lacks the columns \['pvca'\]"):
        plot_method_scores(scores(), "pvca")
    with pytest.raises(ValueError, match="`full` must be a method"):
        plot_ablation(scores(), full="mober")
