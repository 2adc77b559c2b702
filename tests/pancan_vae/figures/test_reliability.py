import pandas as pd
import pytest

from helpers.pancan_vae.figures.reliability import plot_reliability


@pytest.fixture
def table():
    return pd.DataFrame(
        {
            "n": [100, 300],
            "confidence": [0.5, 0.9],
            "accuracy": [0.4, 0.9],
            "accuracy_low": [0.3, 0.85],
            "accuracy_high": [0.5, 0.95],
        }
    )


def test_n_and_error_are_shown(table, small_texts):
    ax = plot_reliability(table, name="MLP")
    assert "n = 400" in ax.get_title()
    assert {text.get_text() for text in ax.texts} == {"100", "300", "n"}
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["calibrated", "MLP, ECE 0.025"]
    assert small_texts(ax.figure) == []


def test_a_second_classifier_joins_the_first(table):
    ax = plot_reliability(table, name="MLP")
    assert plot_reliability(table, ax, name="logistic", colour="red") is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["calibrated", "MLP, ECE 0.025", "logistic, ECE 0.025"]
    assert len(ax.texts) == 3


def test_no_bins_are_refused(table):
    with pytest.raises(ValueError, match="no bins"):
        plot_reliability(table[:0])
