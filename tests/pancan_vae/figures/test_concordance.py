import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae.figures.concordance import plot_concordance


@pytest.fixture
def concordance():
    rows = [
        (name, variant, c + 0.1 * seed, 100, 20)
        for seed in range(2)
        for name, c in [("BRCA", 0.6), ("KIRC", 0.7), ("PRAD", np.nan)]
        for variant in ["latent", "shuffled"]
    ]
    columns = ["cancer_type", "variant", "c_index", "n_test", "n_events"]
    return pd.DataFrame(rows, columns=columns)


def test_types_are_ordered_with_mean_sd_and_counts(concordance, small_texts):
    ax = plot_concordance(concordance)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["KIRC  (20/100)", "BRCA  (20/100)"]
    latent = ax.containers[0]
    np.testing.assert_allclose(np.asarray(latent[0].get_xdata(), float), [0.75, 0.65])
    segment = np.asarray(latent[2][0].get_segments()[0], float)[:, 0]
    np.testing.assert_allclose(np.ptp(segment), 2 * np.std([0.7, 0.8], ddof=1))
    assert "2 seeds" in ax.get_title()
    assert small_texts(ax.figure) == []


def test_one_seed_is_drawn_and_nothing_known_refused(concordance):
    assert "(1 seed)" in plot_concordance(concordance[:6]).get_title()
    with pytest.raises(ValueError, match="No row has a c_index"):
        plot_concordance(concordance.assign(c_index=np.nan))
