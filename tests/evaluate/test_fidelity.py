"""A paper's rows are counted, and none deviates unsaid."""

import pytest

from helpers.evaluate.fidelity import as_paper_rows

ROWS = [
    ("figure 1", "a drawing", "faithful", ""),
    ("figure 2", "a map", "deviating", "another map"),
    ("figure 3", "a table", "deviating", "shorter"),
    ("methods", "private data", "untestable", "private"),
]


def test_rows_are_counted_by_status_in_their_order():
    found = as_paper_rows(ROWS)
    assert found.counts == {"faithful": 1, "deviating": 2, "missing": 0, "untestable": 1}
    assert found.metrics["reproduction.n_rows.deviating"] == 2
    assert found.metrics["reproduction.n_rows.missing"] == 0
    assert found.reading == (
        "Of 4 rows of the paper: 1 faithful, 2 deviating, 0 missing and 1 untestable."
    )
    assert found.tables["paper_rows"]["paper"].tolist() == [row[1] for row in ROWS]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("figure 4", "a plot", "deviating", ""), r"must say why; 'a plot' is deviating"),
        (("figure 4", "a plot", "done", "so"), r"must be one of faithful, .*'a plot' has 'done'"),
        (ROWS[1], "'a map' comes twice"),
    ],
)
def test_a_row_that_deviates_unsaid_is_refused(row, message):
    with pytest.raises(ValueError, match=message):
        as_paper_rows([*ROWS, row])
