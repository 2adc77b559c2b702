import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae.figures.confusion import plot_confusion


def confusion(n_classes):
    names = [f"T{number}" for number in range(n_classes)]
    counts = 20 * np.eye(n_classes, dtype=int)
    counts[0, 1] = 5
    return pd.DataFrame(counts, index=names, columns=names)


@pytest.mark.parametrize("n_classes", [2, 13, 33])
def test_rows_are_normalised_and_texts_legible(n_classes, small_texts):
    ax = plot_confusion(confusion(n_classes))
    shares = ax.images[0].get_array()
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    assert shares[0, 1] == 0.2
    n = 20 * n_classes + 5
    assert f"{n} held-out predictions of {n} patients" in ax.get_title()
    assert ax.get_yticklabels()[0].get_text() == "T0 (25)"
    assert ax.figure.get_figwidth() <= 8
    assert small_texts(ax.figure) == []


def test_the_title_tells_predictions_from_patients():
    title = plot_confusion(confusion(2), n_patients=15).get_title()
    assert "45 held-out predictions of 15 patients" in title


def test_many_classes_show_errors_only():
    assert [text.get_text() for text in plot_confusion(confusion(33)).texts] == ["5"]
    assert len(plot_confusion(confusion(13)).texts) == 14


def test_a_class_without_samples_is_drawn_and_a_crooked_table_refused():
    table = confusion(3)
    table.iloc[2] = 0
    assert plot_confusion(table).images[0].get_array()[2].sum() == 0
    with pytest.raises(ValueError, match="same classes in rows and columns"):
        plot_confusion(table[["T1", "T0", "T2"]])
