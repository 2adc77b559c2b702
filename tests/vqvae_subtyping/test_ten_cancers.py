"""What the published sweep says, on tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from helpers.vqvae_subtyping.ten_cancers import TenCancers


def runs(vqvae, vae, snf=0.1, p=0.001):
    """Two cancers, three seeds; values by cancer, seeds differ by 0.01 in both alike."""
    rows = [
        {
            "label": cancer,
            "clustering.nmi.vqvae.kmeans": vqvae[cancer] + 0.01 * seed,
            "clustering.nmi.vqvae.kmeans_sd": 0.0,
            "clustering.nmi.vae.kmeans": vae[cancer] + 0.012 * seed,
            "clustering.nmi.raw.snf": snf,
            "survival.permutation_p.vqvae": p,
            "survival.permutation_p.raw": 0.8,
        }
        for cancer in vqvae
        for seed in range(3)
    ]
    return TenCancers(pd.DataFrame(rows))


def test_a_lead_everywhere_is_counted_with_its_size():
    cancers = runs({"BRCA": 0.5, "LGG": 0.4}, {"BRCA": 0.3, "LGG": 0.35})
    beside, over, fusion, survival = cancers.sentences
    assert "mean NMI is 0.460, against the VAE 0.337 (p = 0.5); p of a two-sided" in over
    assert "**2 cancers** (3 seeds each" in beside and ">subtyping_cancers</a>" in beside
    assert "in 2 of 2, by 0.048 to 0.2," in beside or "in 2 of 2, by 0.048 to 0.2." in beside
    assert "in 2 of them (2 in favour of the VQ-VAE)" in beside
    assert "in 0 of 2, and is ahead of the VQ-VAE with k-means in 0." in fusion
    assert "in 2 of 2 (BRCA, LGG), those of the plain values in 0." in survival


def test_a_loss_is_named_and_what_cannot_be_told_is_not_counted():
    cancers = runs({"BRCA": 0.5, "LGG": 0.351}, {"BRCA": 0.6, "LGG": 0.35}, snf=0.55, p=0.5)
    beside, _, fusion, survival = cancers.sentences
    assert "below it in BRCA" in beside and "in 1 of them (0 in favour of the VQ-VAE)" in beside
    assert "in 1 of 2 (LGG)" in fusion and "in 2 (BRCA 0.04, LGG 0.19)" in fusion
    assert "in 0 of 2, those of the plain values in 0." in survival


def test_survival_is_corrected_over_cancers_and_means_leave_spreads_out():
    cancers = runs({"BRCA": 0.5, "LGG": 0.4}, {"BRCA": 0.3, "LGG": 0.35}, p=0.04)
    assert cancers.survival["vqvae"]["q"].tolist() == pytest.approx([0.08, 0.08])
    assert cancers.survival["raw"]["p"].tolist() == [1, 1]  # not 1.6
    assert cancers.tables["cancers"].equals(cancers.survival) and cancers.metrics == {}
    assert cancers.mean_nmi.columns.tolist() == ["vqvae.kmeans", "vae.kmeans", "raw.snf"]
    assert cancers.mean_nmi.loc["LGG", "vqvae.kmeans"] == pytest.approx(0.41)


def test_the_published_table_can_be_read():
    from helpers.runs.published import published_table

    cancers = TenCancers(published_table("subtyping_cancers"))
    assert cancers.n_cancers == 10 and cancers.n_seeds >= 10
    means = cancers.mean_nmi
    ahead = int((means["vqvae.kmeans"] > means["vae.kmeans"]).sum())
    assert f"in {ahead} of 10" in cancers.sentences[0]
    assert "nan" not in " ".join(cancers.sentences)
    assert np.isfinite(means.to_numpy()).all()
