import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.figures.imputed_features import (
    plot_feature_spearman,
    plot_imputation,
    plot_truth_and_embedding,
)
from helpers.figures.palette import style


def spearman(n=200):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"spearman": rng.uniform(0.2, 0.6, n), "shuffled": 0.001 * rng.normal()})
    table["shuffled_within_type"] = table["spearman"] - 0.1
    table.loc[:4, "spearman"] = np.nan
    return table


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_histogram_stands_beside_its_controls(small_texts):
    style()
    table = spearman()
    ax = plot_feature_spearman(table, feature="peaks", n_samples=110)
    median = table["spearman"].median()
    assert legend(ax) == [
        f"predicted, median {median:.2f}",
        f"shuffled within a cancer type, median {table['shuffled_within_type'][5:].median():.2f}",
        "shuffled, median 0.00",
    ]
    assert ax.lines[0].get_xdata()[0] == pytest.approx(median)
    assert "195 peaks, 110 samples; 5 predicted the same for everyone" in ax.get_title(loc="left")
    assert small_texts(ax.figure) == []


def test_controls_that_are_not_there_are_not_shown():
    ax = plot_feature_spearman(spearman()[["spearman"]])
    assert len(ax.lines) == 1 and len(legend(ax)) == 1


def test_truth_and_embedding_share_one_legend(small_texts):
    style()
    rng = np.random.default_rng(0)
    xy, labels = rng.normal(size=(60, 2)), rng.choice(["BRCA", "LUAD"], 60)
    axes = plot_truth_and_embedding(xy, -xy, labels)
    assert all(ax.get_legend() is None for ax in axes)
    (below,) = axes[0].figure.legends
    n = (labels == "BRCA").sum()
    assert [text.get_text() for text in below.get_texts()] == [f"BRCA {n}", f"LUAD {60 - n}"]
    assert "n = 60" in axes[1].get_title(loc="left")
    assert small_texts(axes[0].figure) == []


def test_imputation_shows_each_method_and_direction_with_what_the_type_gives():
    rows = [("ridge", "ATAC → RNA", 0.4, 0.3), ("ridge", "RNA → ATAC", 0.5, 0.45)]
    columns = ["method", "direction", "spearman", "shuffled_within_type"]
    ax = plot_imputation(pd.DataFrame(rows, columns=columns))
    assert [bar.get_width() for bar in ax.patches] == [0.4, 0.5]
    assert ax.collections[0].get_offsets()[:, 0].tolist() == [0.3, 0.45]
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert shown == ["ridge, ATAC → RNA", "ridge, RNA → ATAC"]


def test_bad_tables_are_refused():
    with pytest.raises(ValueError, match=r"lacks the columns \['spearman'\]"):
        plot_feature_spearman(pd.DataFrame({"shuffled": [0.0]}))
    with pytest.raises(ValueError, match="every prediction is constant"):
        plot_feature_spearman(pd.DataFrame({"spearman": [np.nan]}))
    with pytest.raises(ValueError, match=r"lacks the columns \['direction'\]"):
        plot_imputation(pd.DataFrame({"method": ["a"], "spearman": [0.1]}))
    with pytest.raises(ValueError, match="samples × 2 with one label per sample"):
        plot_truth_and_embedding(np.ones((3, 2)), np.ones((3, 2)), ["a"])
