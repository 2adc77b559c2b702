import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from helpers.figures.loss_curves import plot_history


def history(n_epochs=40, terms=("reconstruction", "kl")):
    rows = [
        {"epoch": e, "term": term, "train": 500 + 1000 / e, "validation": 510 + 1000 / e}
        for e in range(1, n_epochs + 1)
        for term in terms
    ]
    return pd.DataFrame(rows)


def test_one_panel_per_term_with_train_solid_and_validation_dashed(small_texts):
    axes = plot_history(history(), best_epoch=30)
    assert [ax.get_title() for ax in axes] == ["reconstruction", "KL"]
    assert axes[0].get_ylabel() == "nats per sample"
    train, validation, best = axes[1].lines
    assert (train.get_linestyle(), validation.get_linestyle()) == ("-", "--")
    np.testing.assert_allclose(train.get_ydata()[0], 1500)
    assert best.get_label() == "best (30)"
    assert small_texts(axes[0].figure) == []


def test_the_first_steps_do_not_flatten_the_rest():
    low, high = plot_history(history())[0].get_ylim()
    assert low < 525
    assert high < 900


@pytest.mark.parametrize("n_epochs", [1, 2])
def test_short_and_constant_histories_are_drawn(n_epochs):
    table = history(n_epochs).assign(train=1.0, validation=1.0)
    assert len(plot_history(table)) == 2


def test_missing_validation_is_drawn_and_bad_input_named():
    assert len(plot_history(history().assign(validation=np.nan))) == 2
    with pytest.raises(ValueError, match=r"without \['validation'\]"):
        plot_history(history().drop(columns="validation"))
    with pytest.raises(ValueError, match="0 rows"):
        plot_history(history(0).reindex(columns=["epoch", "term", "train", "validation"]))
    with pytest.raises(ValueError, match="2 terms, 1 axes"):
        plot_history(history(), plt.subplots()[1])


def test_without_validation_samples_there_is_no_validation_curve():
    axes = plot_history(history().assign(validation=float("nan")))
    assert [line.get_label() for line in axes[0].lines] == ["train"]
