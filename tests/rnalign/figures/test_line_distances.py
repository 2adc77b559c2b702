"""Lines by their distance: a row a group, the nearest named."""

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.figures.line_distances import plot_line_distances


def lines():
    rng = np.random.default_rng(0)
    parts = []
    for group in ("brain", "kidney"):
        distance = np.sort(rng.uniform(0.2, 1, 30))
        part = pd.DataFrame({"distance": distance, "rank": np.arange(1, 31), "tumours": group})
        part["line"], part["is_own_type"] = [f"{group}-{n}" for n in range(30)], distance < 0.5
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def test_every_line_is_drawn_and_the_nearest_is_named(small_texts):
    table = lines()
    ax = plot_line_distances(table, {"brain": 4, "kidney": 1})
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["brain (4)", "kidney (1)"]
    assert {text.get_text() for text in ax.texts} == {"brain-0", "kidney-0"}
    drawn = np.concatenate([dots.get_offsets()[:, 0] for dots in ax.collections])
    np.testing.assert_allclose(np.sort(drawn[np.isfinite(drawn)]), np.sort(table["distance"]))
    assert small_texts(ax.figure) == []


def test_names_of_lines_stand_for_their_numbers_and_groups_can_be_chosen():
    table = lines().assign(line_name="")
    table.loc[table["rank"] == 1, "line_name"] = ["U87", ""]
    ax = plot_line_distances(table, {"brain": 4, "kidney": 1}, groups=["kidney", "brain"])
    assert {text.get_text() for text in ax.texts} == {"U87", "kidney-0"}
    with pytest.raises(ValueError, match="distance"):
        plot_line_distances(table.drop(columns="distance"), {})
