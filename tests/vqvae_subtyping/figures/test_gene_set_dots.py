import numpy as np
import pandas as pd
import pytest

from helpers.vqvae_subtyping.figures.gene_set_dots import (
    plot_collections,
    plot_over_representation,
)


@pytest.fixture
def table():
    rows = [
        (cluster, direction, f"GO process {number} (GO:000{number})", 40, number + 1, 0.8)
        for cluster in "AB"
        for direction in ("up", "down")
        for number in range(4)
    ]
    columns = ["cluster", "direction", "set", "n_hits", "n_overlap", "q"]
    table = pd.DataFrame(rows, columns=columns)
    table.loc[[1, 2, 12], "q"] = [1e-9, 1e-3, 0.01]
    return table


def test_dots_are_shares_of_hits_and_crosses_the_rest(table, small_texts):
    ax = plot_over_representation(table)
    dots, crosses = ax.collections[:2]
    np.testing.assert_allclose(sorted(dots.get_sizes() / 900), [1 / 40, 2 / 40, 3 / 40])
    assert len(crosses.get_offsets()) == 4 * 3 - 3
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names == ["GO process 1", "GO process 2", "GO process 0"]
    places = {
        tuple(xy): c for xy, c in zip(dots.get_offsets().tolist(), dots.get_array(), strict=True)
    }
    assert places[0, 0] == pytest.approx(9)
    assert "3 of 16 tests, 3 sets shown" in ax.get_title()
    assert ax.get_xticklabels()[0].get_text() == "A ▲\n40"
    assert small_texts(ax.figure) == []


def test_the_best_sets_of_each_cluster_are_shown_and_long_names_cut(table):
    long = table.assign(set=table["set"].str.replace("process", "process " + 12 * "very "))
    ax = plot_over_representation(long, n_sets=1)
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert len(names) == 2 and all(len(name) == 46 and name.endswith("…") for name in names)


def test_nothing_found_is_refused_and_infinite_significance_drawn(table):
    with pytest.raises(ValueError, match=r"No set has q < 0\.05"):
        plot_over_representation(table.assign(q=0.5))
    ax = plot_over_representation(table.assign(q=0.0))
    assert np.isfinite(ax.collections[0].get_array()).all()


def test_a_collection_without_a_set_that_passes_is_not_drawn(table):
    drawn = plot_collections({"GO BP": table, "KEGG": table.assign(q=0.5)}, 929)
    assert list(drawn) == ["GO BP"]
    assert drawn["GO BP"].get_title().startswith("GO BP (n = 929 patients)")
