"""What the chapter's figures are drawn of."""

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.figures.chapter_figures import (
    imputation_rows,
    plot_figure_2,
    plot_terms,
    plot_wide_peaks,
    with_gigabytes,
)


def test_a_panel_a_term_and_the_rest_of_the_grid_off():
    rows = [
        {"epoch": epoch, "term": term, "train": 1.0 / epoch, "validation": np.nan, "model": model}
        for epoch in (1, 2)
        for term in ("cycle", "match", "pair", "total")
        for model in ("adversarial", "contrastive")
    ]
    figure = plot_terms(pd.DataFrame(rows))
    assert [ax.axison for ax in figure.axes] == [True, True] + [False] * 6


def scores(with_survival=True):
    names = ["pca_rna", "rna_vae", "clinical", "shuffled_rna"]
    table = pd.DataFrame({"name": names, "model": ["pca", "rna_vae", "clinical", "shuffled"]})
    table["cohort_accuracy"], table["grassmann"] = [0.9, 0.8, np.nan, 0.3], [3, 2, np.nan, 5]
    table["grassmann_chance"] = [4.0, 5.0, np.nan, 9.0]
    table["n_differential"] = [1.0, 2.0, np.nan, 8.0]
    return table.assign(uno_c=[0.6, 0.7, 0.65, np.nan]) if with_survival else table


def test_controls_are_lines_and_no_rows():
    axes = plot_figure_2(scores())
    assert len(axes) == 4
    labels = [text.get_text() for text in axes[0].get_yticklabels()]
    assert labels == ["PCA, RNA", "VAE, RNA"]
    lines = {ax.get_title(): [line.get_xdata()[0] for line in ax.lines[-1:]] for ax in axes}
    (grassmann,) = [x for title, x in lines.items() if "Grassmann" in title]
    (survival,) = [x for title, x in lines.items() if "survival" in title]
    assert grassmann == [pytest.approx(4.5)] and survival == [pytest.approx(0.65)]


def test_without_follow_up_there_is_no_panel_of_survival():
    titles = [ax.get_title() for ax in plot_figure_2(scores(with_survival=False))]
    assert len(titles) == 3 and not [title for title in titles if "survival" in title]


def test_sizes_are_drawn_in_gigabytes():
    table = pd.DataFrame({"n_samples": [200, 400], "peak_memory_mb": [800, 900]})
    table = with_gigabytes(table.assign(matrix_mb=[450, 900], seconds_per_pass=[50, 70]))
    assert table["matrix_gb"].tolist() == [0.45, 0.9]
    memory, seconds = plot_wide_peaks(table)
    assert memory.lines[0].get_ydata().tolist() == [0.8, 0.9]
    assert seconds.lines[0].get_ydata().tolist() == [50, 70]


def test_models_are_named_as_in_figures_and_directions_stay_together():
    table = pd.DataFrame({"method": ["ridge", "ridge"], "direction": ["RNA → ATAC", "ATAC → RNA"]})
    rows = imputation_rows(table)
    assert rows["method"].tolist() == ["ridge, with pairs"] * 2
    assert rows["direction"].tolist() == ["ATAC → RNA", "RNA → ATAC"]
