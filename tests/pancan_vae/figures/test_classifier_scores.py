import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae.figures.classifier_scores import plot_per_class, plot_scores


def scores():
    rows = [
        {"variant": name, "accuracy": value + 0.01 * seed, "balanced_accuracy": value - 0.05}
        for name, value in [("VAE-32", 0.9), ("PCA-32", 0.8)]
        for seed in range(3)
    ]
    return pd.DataFrame(rows)


def test_mean_and_sd_over_seeds_are_shown(small_texts):
    ax = plot_scores(scores(), chance=0.1, n_test=800)
    assert "n = 800, 3 seeds" in ax.get_title()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["VAE-32", "PCA-32"]
    assert [text.get_text() for text in ax.texts] == ["0.910", "0.810", "0.850", "0.750"]
    bar = ax.containers[0][2][0].get_segments()[0][:, 0]
    np.testing.assert_allclose(bar, [0.9, 0.92])
    assert small_texts(ax.figure) == []


def test_variants_are_named_in_words():
    names = {"VAE-32": "vae_logistic", "PCA-32": "majority"}
    ax = plot_scores(scores().replace({"variant": names}))
    shown = [label.get_text() for label in ax.get_yticklabels()]
    assert shown == ["VAE, logistic", "commonest type"]


def test_one_seed_has_no_spread_and_a_missing_metric_is_named():
    ax = plot_scores(scores().drop_duplicates("variant"))
    assert "(1 seed)" in ax.get_title()
    with pytest.raises(ValueError, match=r"lacks the columns \['accuracy'\]"):
        plot_scores(scores().drop(columns="accuracy"))


def test_per_class_is_sorted_by_n_and_survives_a_class_never_predicted(small_texts):
    table = pd.DataFrame({"n": [5, 50]}, index=["UCS", "BRCA"])
    for metric, value in [("recall", 0.5), ("precision", np.nan)]:
        table[metric], table[f"{metric}_low"], table[f"{metric}_high"] = value, 0.2, 0.8
    ax = plot_per_class(table)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["BRCA  (n = 50)", "UCS  (n = 5)"]
    assert "n = 55" in ax.get_title()
    assert small_texts(ax.figure) == []
