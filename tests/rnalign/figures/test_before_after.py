import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers.figures.palette import cancer_colours
from helpers.rnalign.figures.before_after import plot_before_after, plot_match_by_type
from helpers.rnalign.figures.method_scores import METHOD_LABELS, method_colour

TYPES = ["adrenal", "brain", "kidney"]


def samples():
    rng = np.random.default_rng(0)
    names = np.repeat([*TYPES, *TYPES], [30, 40, 20, 1, 25, 10])
    is_line = np.arange(len(names)) >= 90
    return rng.normal(size=(126, 2)), rng.normal(size=(126, 2)), names, is_line


def matches(methods=("input", "celligner", "rnalign"), n_seeds=1):
    """Lines matched at .2 (brain) and .8 (kidney), more by .05 with every method and seed."""
    rows = [
        (method, seed, name, n, base + 0.05 * (number + seed), 0.1)
        for number, method in enumerate(methods)
        for seed in range(n_seeds)
        for name, n, base in [("brain", 97, 0.2), ("kidney", 43, 0.8)]
    ]
    columns = ["method", "seed", "cancer_type", "n", "matched", "chance"]
    return pd.DataFrame(rows, columns=columns)


def overlap(boxes):
    return any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_every_sample_is_drawn_twice_in_the_colour_of_its_type():
    before, after, names, is_line = samples()
    axes = plot_before_after(before, after, names, is_line)
    assert [ax.get_title() for ax in axes] == ["Input", "Aligned"]
    colours = cancer_colours(names)
    for ax, points in zip(axes, (before, after), strict=True):
        tumours, lines = ax.collections
        assert (len(tumours.get_offsets()), len(lines.get_offsets())) == (90, 36)
        for drawn, side in [(tumours, False), (lines, True)]:
            offsets = np.asarray(drawn.get_offsets())
            for offset, face in zip(offsets, drawn.get_facecolors(), strict=True):
                row = np.flatnonzero((points == offset).all(axis=1)).item()
                assert is_line[row] == side and to_hex(face) == colours[names[row]]
        assert len(tumours.get_paths()[0].vertices) > len(lines.get_paths()[0].vertices)


def test_the_legend_counts_both_origins_and_hides_nothing(small_texts):
    axes = plot_before_after(*samples())
    figure = axes[0].figure
    (legend,) = figure.legends
    entries = [text.get_text() for text in legend.get_texts()]
    assert entries[:2] == ["tumours (n = 90)", "cell lines (n = 36)"]
    assert entries[2:4] == ["adrenal (30 tumours, 1 line)", "brain (40 tumours, 25 lines)"]
    assert small_texts(figure) == []
    renderer = figure.canvas.get_renderer()
    boxes = [ax.get_tightbbox(renderer) for ax in axes]
    assert not overlap([*boxes, legend.get_window_extent(renderer)])


def test_given_axes_are_drawn_on():
    mine = plt.subplots(1, 2)[1]
    assert (plot_before_after(*samples(), mine, name="PC", titles=("a", "b")) == mine).all()
    assert mine[1].get_title() == "b" and mine[0].get_xlabel() == "PC 1"


def test_embeddings_that_do_not_fit_are_named():
    before, after, names, is_line = samples()
    with pytest.raises(ValueError, match=r"126 samples.*\(125, 2\)"):
        plot_before_after(before, after[1:], names, is_line)
    with pytest.raises(ValueError, match="for 126 samples"):
        plot_before_after(before, after, names, is_line[1:])


def test_types_are_ordered_by_the_last_method_with_chance_and_n(small_texts):
    ax = plot_match_by_type(matches())
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "kidney (n = 43)",
        "brain (n = 97)",
    ]
    chance = next(mark for mark in ax.collections if mark.get_label() == "chance")
    np.testing.assert_allclose(chance.get_offsets(), [[0.1, 0], [0.1, 1]])
    shown = [bar.get_label() for bar in ax.containers]
    assert shown == [METHOD_LABELS[name] for name in ("input", "celligner", "rnalign")]
    for bar, value in zip(ax.containers, (0.8, 0.85, 0.9), strict=True):
        assert bar[0].get_xdata()[0] == pytest.approx(value)
    assert "n = 140 lines" in ax.get_title() and "1 seed" in ax.get_xlabel()
    assert small_texts(ax.figure) == []


def test_intervals_are_drawn_and_seeds_replace_them():
    table = matches().assign(low=lambda t: t["matched"] - 0.1, high=lambda t: t["matched"] + 0.05)
    ax = plot_match_by_type(table, methods=["rnalign"])
    np.testing.assert_allclose(ax.containers[0][2][0].get_segments()[0][:, 0], [0.8, 0.95])
    assert "Wilson" in ax.get_xlabel()
    ax = plot_match_by_type(matches(n_seeds=3), methods=["rnalign"])
    np.testing.assert_allclose(ax.containers[0][2][0].get_segments()[0][:, 0], [0.9, 1.0])
    assert "mean ± SD over 3 seeds" in ax.get_xlabel()
    assert to_hex(ax.containers[0][0].get_color()) == method_colour("rnalign")


def test_too_many_methods_and_missing_columns_are_refused():
    with pytest.raises(ValueError, match="At most 6 methods"):
        plot_match_by_type(matches(list(METHOD_LABELS)[:7]))
    with pytest.raises(ValueError, match=r"lacks the columns \['chance'\]"):
        plot_match_by_type(matches().drop(columns="chance"))
