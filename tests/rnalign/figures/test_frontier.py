"""The frontier: who stands on it, and that the figure says which way is better."""

import pandas as pd
import pytest

from helpers.rnalign.figures.frontier import plot_frontier, unbeaten

MEANS = {
    "input": (1.0, 1.0),
    "mean_shift": (0.3, 0.9),
    "celligner": (0.4, 0.8),
    "rnalign": (0.1, 0.3),
    "mober": (0.1, 0.2),
    "z_only": (0.0, float("nan")),
}


def _scores():
    rows = [
        {"method": name, "seed": seed, "delta_d_relative": mixing + 0.01 * seed, "r2_kept": kept}
        for name, (mixing, kept) in MEANS.items()
        for seed in range(3)
    ]
    return pd.DataFrame(rows)


def test_who_is_beaten_in_both_is_not_on_the_frontier():
    means = pd.DataFrame(MEANS, index=["delta_d_relative", "r2_kept"]).T.dropna()
    assert [*unbeaten(means, "delta_d_relative", "r2_kept").index] == [
        "rnalign",
        "mean_shift",
        "input",
    ]


def test_every_method_with_both_values_is_in_the_legend():
    ax = plot_frontier(_scores())
    shown = {text.get_text() for text in ax.get_legend().get_texts()}
    assert shown == {"input", "mean shift", "Celligner", "RNAlign", "MOBER"}
    marks = [handle.get_marker() for handle in ax.get_legend().legend_handles]  # without bars
    assert len(set(marks)) == 5
    assert "3 seeds" in ax.get_title() and "origins mixed" in ax.get_xlabel()
    (line,) = (line for line in ax.lines if line.get_linestyle() == "--")
    assert len(line.get_xdata()) == 3


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="r2_kept"):
        plot_frontier(_scores().drop(columns="r2_kept"))
