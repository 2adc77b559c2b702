import pandas as pd
import pytest

from helpers.pancan_vae.figures.cluster_tasks import plot_cluster_tasks


def test_rows_go_by_type_and_cells_show_their_number():
    index = ["1: LUAD, n = 3", "2: BRCA, n = 4"]
    scores = pd.DataFrame({"a": [0.5, -1.0], "b": [0.0, 0.25]}, index=index)
    ax = plot_cluster_tasks(scores)
    assert [label.get_text() for label in ax.get_yticklabels()] == index[::-1]
    assert [text.get_text() for text in ax.texts] == ["-1.0", "0.2", "0.5", "0.0"]
    assert "2 clusters" in ax.get_title()


def test_no_scores_are_refused():
    with pytest.raises(ValueError, match="Leave the figure out"):
        plot_cluster_tasks(pd.DataFrame())
