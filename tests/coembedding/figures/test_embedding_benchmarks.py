import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers.coembedding.figures.embedding_benchmarks import (
    BENCHMARKS,
    BEST,
    MODEL_LABELS,
    PAIRING,
    plot_benchmarks,
    plot_memory,
    plot_pairing,
)
from helpers.figures.palette import ACCENT, NEUTRAL, style

VALUES = {  # accuracy, Grassmann, C, differential
    "pca_atac": (0.8, 4.0, 0.55, 40),
    "atac_vae": (0.7, 4.2, np.nan, 30),
    "adversarial_atac": (0.85, 3.9, 0.7, 20),
    "pca_rna": (0.9, 3.5, 0.6, 10),
    "contrastive_rna": (0.88, 3.4, 0.65, 25),
}
PAIRS = {"single": (0.5, 1.0, 0.9, 0.5), "adversarial": (0.2, 0.6, 0.88, 0.25)}
PAIRS |= {"shuffled": (0.49, 0.5, 0.95, 0.5)}
N_SEEDS = 4


def table(values, columns):
    rows = [
        {"model": name, "seed": seed} | dict(zip(columns, np.array(row) + step, strict=True))
        for name, row in values.items()
        for seed, step in enumerate([-0.03, -0.01, 0.01, 0.03])
    ]
    return pd.DataFrame(rows)


def benchmarks():
    return table(VALUES, list(BENCHMARKS))


def pairs():
    return table(PAIRS, [*PAIRING, "foscttm_within_type"])


def marks(ax):
    """Model row → colour of its mean."""
    return {bar[0].get_ydata()[0]: to_hex(bar[0].get_color()) for bar in ax.containers}


def notes(ax):
    return [text.get_text() for text in ax.texts][: len(VALUES)]


def test_figure_2_has_a_panel_a_metric_with_best_green_and_baselines_grey(small_texts):
    style()
    axes = plot_benchmarks(benchmarks())
    assert len(axes) == 4
    assert notes(axes[0]) == ["0.800", "0.700", "0.850", "0.900", "0.880"]
    assert marks(axes[0]) == {0: NEUTRAL, 1: ACCENT, 2: ACCENT, 3: BEST, 4: ACCENT}
    assert marks(axes[1])[4] == BEST and marks(axes[1])[3] == NEUTRAL, "lower is better"
    assert notes(axes[2])[1] == "–" and marks(axes[2])[2] == BEST
    assert [ax.get_title(loc="left")[-1] for ax in axes] == [*"→←→←"]
    assert small_texts(axes[0].figure) == []
    shown = [label.get_text() for label in axes[0].get_yticklabels()]
    assert shown == [MODEL_LABELS[name] for name in VALUES]


def test_bars_are_standard_errors_over_seeds():
    ax = plot_benchmarks(benchmarks())[0]
    segment = ax.containers[0][2][0].get_segments()[0][:, 0]
    error = np.std([-0.03, -0.01, 0.01, 0.03], ddof=1) / N_SEEDS**0.5
    np.testing.assert_allclose(segment, [0.8 - error, 0.8 + error])
    legend = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert "other models (mean ± SE, 4 seeds)" in legend


def test_a_reference_is_a_named_line():
    ax = plot_benchmarks(benchmarks(), references={"uno_c": (0.715, "clinical")})[2]
    assert any(line.get_xdata()[0] == 0.715 for line in ax.lines)
    assert ax.texts[-1].get_text() == "clinical"


def test_the_shuffled_control_is_grey_and_never_best(small_texts):
    style()
    axes = plot_pairing(pairs(), label_chance=0.2)
    assert len(axes) == 3
    assert [marks(ax)[2] for ax in axes] == [NEUTRAL] * 3, "0.95 of a control is no success"
    assert marks(axes[0])[1] == BEST and marks(axes[2])[0] == BEST
    assert [ax.lines[-1].get_xdata()[0] for ax in axes] == [0.5, 0.5, 0.2]
    legends = axes[0].figure.legends
    assert len(legends) == 1
    names = [text.get_text() for text in legends[0].get_texts()]
    assert names[1] == "shuffled control" and "partners exchanged within a cancer type" in names
    assert small_texts(axes[0].figure) == []


def test_within_type_marks_are_left_out_where_unknown():
    axes = plot_pairing(pairs().drop(columns="foscttm_within_type"))
    assert len(axes[0].figure.legends[0].get_texts()) == 3


def test_no_text_leaves_the_figure_or_meets_another():
    style()
    for axes in (plot_benchmarks(benchmarks()), plot_pairing(pairs(), label_chance=0.2)):
        figure = axes[0].figure
        figure.draw_without_rendering()
        renderer = figure.canvas.get_renderer()
        texts = [text for ax in axes for text in [*ax.texts, *ax.get_yticklabels(), ax._left_title]]
        boxes = [text.get_window_extent(renderer) for text in texts if text.get_text()]
        assert all(figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 for box in boxes)
        assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_memory_is_shown_beside_the_matrix_and_the_limit(small_texts):
    measured = {"n_samples": [800, 200], "peak_memory_gb": [1.4, 1.3], "seconds": [80, 20]}
    axes = plot_memory(pd.DataFrame(measured).assign(matrix_gb=[1.8, 0.45]))
    assert axes[0].lines[0].get_xdata().tolist() == [200, 800]
    assert axes[0].lines[0].get_ydata().tolist() == [1.3, 1.4]
    names = [text.get_text() for text in axes[0].get_legend().get_texts()]
    assert names == ["peak memory", "the matrix in float32", "limit, 4 GB"]
    assert axes[0].get_ylim()[0] == 0 and axes[0].get_ylim()[1] > 4
    assert small_texts(axes[0].figure) == []


def test_bad_tables_are_refused():
    with pytest.raises(ValueError, match=r"lacks the columns \['grassmann'\]"):
        plot_benchmarks(benchmarks().drop(columns="grassmann"))
    with pytest.raises(ValueError, match="there is nothing to show"):
        plot_benchmarks(benchmarks().assign(**dict.fromkeys(BENCHMARKS, np.nan)))
    with pytest.raises(ValueError, match=r"lacks the columns \['matrix_gb'\]"):
        plot_memory(pd.DataFrame({"n_samples": [1], "peak_memory_gb": [1], "seconds": [1]}))
