"""What a search chooses: a line a rule, on the sizes that were drawn."""

import pandas as pd
import pytest

from helpers.rnalign.figures.choice import plot_choice


def by_size():
    rows = [
        {"rule": rule, "n": n, "median": 1 / n, "low": 0.5 / n, "high": 2 / n}
        for rule in ("loss", "alignment", "best possible")
        for n in (1, 5, 20)
    ]
    return pd.DataFrame(rows)


def test_a_line_a_rule_that_was_followed_with_its_band():
    ax = plot_choice(by_size())
    shown = [text.get_text() for text in ax.get_legend().get_texts()]
    assert len(shown) == len(ax.lines) == 3 and "lowest total loss (the paper)" in shown
    assert [*ax.get_xticks()] == [1, 5, 20] and ax.get_ylim()[0] == 0
    assert "lower is better" in ax.get_ylabel()


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match="low"):
        plot_choice(by_size().drop(columns="low"))
