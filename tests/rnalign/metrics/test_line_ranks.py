"""Lines by their distance to tumours, and the null of other types."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from helpers.rnalign.metrics.line_ranks import line_distances, rank_lines


def test_distances_are_those_of_scipy():
    x = np.random.default_rng(0).normal(size=(12, 7))
    is_line = np.arange(12) >= 8
    found = line_distances(x, is_line, [0, 3])
    np.testing.assert_allclose(found, cdist(x[[0, 3]], x[is_line], "correlation"))
    x[0] = 1.0
    with pytest.raises(ValueError, match="genes that differ"):
        line_distances(x, is_line, [0])


def test_p_counts_the_lines_of_other_types_that_are_as_near():
    distance = [[0.1, 0.2, 0.3, 0.4, 0.5]]
    table = rank_lines(distance, ["a", "b", "a", "b", "a"], ["a"])
    assert table["rank"].tolist() == [1, 2, 3, 4, 5] and table.index.tolist() == [0, 1, 2, 3, 4]
    own = table[table.index.isin([0, 2, 4])]
    assert own["p"].tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert table["p"].isna().tolist() == [False, True, False, True, False]


def test_groups_are_ranked_by_their_mean_and_without_other_types_there_is_no_p():
    table = rank_lines([[0.1, 0.4], [0.7, 0.2]], ["a", "b"], ["a", "b"])
    assert table.index.tolist() == [1, 0] and table["p"].isna().all()
    assert table["distance"].tolist() == pytest.approx([0.3, 0.4])


def test_p_is_uniform_where_types_say_nothing():
    rng, p = np.random.default_rng(1), []
    for _ in range(300):
        table = rank_lines(rng.normal(size=40), ["a"] * 10 + ["b"] * 30, ["a"])
        p += [table["p"].loc[0]]
    assert np.mean(p) == pytest.approx(0.5, abs=0.05)
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.05)
