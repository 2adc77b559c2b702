import numpy as np
import pandas as pd
import pytest

from helpers.vqvae_subtyping.figures.clustering_grid import (
    METRIC_LABELS,
    plot_clustering_grid,
    plot_cophenetic,
    plot_number_of_clusters,
    plot_score_grids,
    plot_stability_over_k,
)
from helpers.vqvae_subtyping.figures.extractor_names import CLUSTERER_LABELS, EXTRACTOR_LABELS


def grid(n_seeds=5, missing=("vae", "snf")):
    rows = [
        (e, c, "nmi", 0.1 * i + 0.01 * j, 0.02, n_seeds)
        for i, e in enumerate(["raw", "vae", "vqvae"])
        for j, c in enumerate(["snf", "kmeans", "gmm"])
        if (e, c) != missing
    ]
    columns = ["extractor", "clusterer", "metric", "mean", "sd", "n_seeds"]
    empty = ("raw", "kmeans", "ari", np.nan, np.nan, 0)
    return pd.DataFrame([*rows, empty], columns=columns)


def stability():
    k = np.arange(2, 8)
    values = {"k": k, "stability": 0.9 - 0.05 * k, "sd": 0.1, "null": 0.4, "null_sd": 0.05}
    return pd.DataFrame(values)


def test_methods_stand_in_the_papers_order_with_mean_and_deviation(small_texts):
    ax = plot_clustering_grid(grid(), "nmi", n_samples=929)
    rows = [label.get_text() for label in ax.get_yticklabels()]
    columns = [label.get_text() for label in ax.get_xticklabels()]
    assert rows == [EXTRACTOR_LABELS[name] for name in ("vqvae", "vae", "raw")]
    assert columns == [CLUSTERER_LABELS[name] for name in ("kmeans", "gmm", "snf")]
    texts = {text.get_position(): text.get_text() for text in ax.texts}
    assert texts[0, 0] == "0.21 ± 0.02" and texts[2, 1] == "–" and len(texts) == 9
    assert "n = 929; mean ± SD, 5 seeds" in ax.get_title()
    assert METRIC_LABELS["nmi"] in ax.get_title()
    assert small_texts(ax.figure) == []


def test_the_best_is_outlined_and_bold():
    ax = plot_clustering_grid(grid(), "nmi")
    (box,) = ax.patches
    assert (box.get_x() + 0.48, box.get_y() + 0.47) == pytest.approx((1, 0))  # vqvae, gmm
    bold = [text.get_text() for text in ax.texts if text.get_fontweight() == "bold"]
    assert bold == ["0.22 ± 0.02"]


def test_one_seed_shows_no_deviation_and_unknown_methods_come_last():
    table = grid(1)
    table.loc[table["extractor"] == "vqvae", "extractor"] = "mine"
    ax = plot_clustering_grid(table, "nmi")
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "mine"
    assert "1 seed" in ax.get_title() and "0.200" in {text.get_text() for text in ax.texts}
    one = table.iloc[[0]]
    assert plot_clustering_grid(one, "nmi").texts[0].get_text() == "0.000"


def test_no_cell_text_leaves_its_cell():
    ax = plot_clustering_grid(grid(missing=None), "nmi")
    ax.figure.draw_without_rendering()
    renderer = ax.figure.canvas.get_renderer()
    width = ax.get_window_extent(renderer).width / 3
    assert all(text.get_window_extent(renderer).width < width for text in ax.texts)
    labels = [label.get_window_extent(renderer) for label in ax.get_xticklabels()]
    assert not any(a.overlaps(b) for i, a in enumerate(labels) for b in labels[:i])


def test_both_curves_and_the_choice_are_drawn(small_texts):
    ax = plot_stability_over_k(stability(), chosen=4, n_samples=929)
    null, seen = ax.lines[0], ax.containers[0].lines[0]
    np.testing.assert_allclose(null.get_ydata(orig=False), 0.4)
    np.testing.assert_allclose(seen.get_ydata(orig=False), 0.9 - 0.05 * np.arange(2, 8))
    names = {text.get_text() for text in ax.get_legend().get_texts()}
    assert names == {"data without clusters", "these patients", "chosen: 4"}
    assert "n = 929" in ax.get_title() and small_texts(ax.figure) == []


def test_no_cluster_is_marked_where_none_was_chosen():
    names = plot_stability_over_k(stability(), chosen=1).get_legend().get_texts()
    assert not any("chosen" in name.get_text() for name in names)


def test_the_cophenetic_curve_is_drawn(small_texts):
    curve = pd.DataFrame({"k": range(2, 6), "cophenetic": [1, 0.99, 0.9, 0.8]})
    ax = plot_cophenetic(curve, n_samples=929)
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), curve)
    assert "n = 929" in ax.get_title() and small_texts(ax.figure) == []


def test_bad_tables_are_refused():
    with pytest.raises(ValueError, match=r"`metric` must have a value in the table: \['nmi'\]"):
        plot_clustering_grid(grid(), "ari")
    with pytest.raises(ValueError, match=r"lacks the columns \['sd'\]"):
        plot_clustering_grid(grid().drop(columns="sd"), "nmi")
    with pytest.raises(ValueError, match=r"lacks the columns \['null'\]"):
        plot_stability_over_k(stability().drop(columns="null"))
    with pytest.raises(ValueError, match=r"lacks the columns \['cophenetic'\]"):
        plot_cophenetic(pd.DataFrame({"k": [2]}))


def test_grids_stand_beside_each_other_and_curves_below():
    figure = plot_score_grids(grid(), ["nmi", "nmi"], 929)
    assert len(figure.axes) == 2 and "n = 929" in figure.axes[1].get_title()
    curve = pd.DataFrame({"k": range(2, 6), "cophenetic": [1, 0.99, 0.9, 0.8]})
    over_k = {"vqvae": stability(), "raw": stability()}
    figure = plot_number_of_clusters(over_k, {"vqvae": 4, "raw": 1}, curve, 929)
    titles = [ax.get_title() for ax in figure.axes]
    assert [title.split(" ")[0] for title in titles] == ["vqvae", "raw", "Consensus"]
    legends = [ax.get_legend().get_texts() for ax in figure.axes[:2]]
    assert [len(texts) for texts in legends] == [3, 2]
