"""What paper 2 claims, and what will count as having reproduced it, fixed before any result.

Figure 2 is a picture without a table; numbers are from the text. Differences between models can
carry over to another cohort, levels of 13,000 patients and a private cohort cannot. Every claim
names its model: where the paper says "the best co-embedding", the one that validation donors of a
published sweep chose (`chosen_coembedding`); where it says both, each has a claim of its own. None
is the best of several on the donors that judge.
"""

import pandas as pd

from helpers.evaluate.reproduction import Claim

COEMBEDDINGS = ("adversarial", "contrastive")
NO_PEAKS = "this cohort has components of all peaks instead of peaks"
NO_SETS = "no gene sets for these features"
ONE_CANCER = "the slides here, if any, are of one cancer type"
NO_SLIDES = "this cohort has no slides"
NO_SURVIVAL = "this cohort has no follow-up, or too few deaths"
NO_PAIRS_MODEL = "no model with pairs in this run"


def chosen_coembedding(sweep: pd.DataFrame, label: str = "as in the chapter") -> str:
    """The co-embedding with the smaller mean shortfall on validation donors, "contrastive" or …

    `sweep`: the published table `coembedding_models`, of which the rows `label` count.

    Raises:
        ValueError: no such rows, or no shortfall of both co-embeddings in them.
    """
    rows = sweep[sweep["label"] == label]
    keys = {kind: f"validation.shortfall.{kind}" for kind in COEMBEDDINGS}
    if (
        rows.empty
        or not set(keys.values()) <= set(rows)
        or rows[[*keys.values()]].isna().any(axis=None)
    ):
        raise ValueError(
            f"the published sweep must have {[*keys.values()]} in rows labelled {label!r}; it has "
            f"{len(rows)} such rows. Publish it again: python -m helpers sweep "
            "notebooks/sweeps/coembedding_models.yaml --publish"
        )
    return min(keys, key=lambda kind: float(rows[keys[kind]].mean()))


def coembedding_claims(best: str) -> dict[str, Claim]:
    """The claims of chapter 2 by short name, in the order of the paper, none observed yet.

    `best`: the co-embedding that stands for "the best co-embedding", see `chosen_coembedding`.
    """
    figure_2 = _single_modality() | _linear_vae() | _coembedding(best) | _reconstruction(best)
    return figure_2 | _histology() | _pairs(best) | _slides_beyond()


def _single_modality() -> dict[str, Claim]:
    return {
        "atac_survival": Claim(
            "the ATAC VAE tells survival better than PCA", "figure 2", "shown",
            "C minus PCA's ≥ 0.02; partly > 0", lambda v: v >= 0.02, lambda v: v > 0,
            reason=NO_SURVIVAL,
        ),
        "atac_accuracy": Claim(
            "the ATAC VAE struggles with the cancer type", "figure 2", "shown",
            "accuracy minus PCA's < −0.02; partly ≤ 0.02",
            lambda v: v < -0.02, lambda v: v <= 0.02,
        ),
        "rna_grassmann": Claim(
            "the RNA VAE lies nearer to the labels than PCA", "results", "0.2 lower",
            "PCA's Grassmann distance minus the VAE's ≥ 0.1; partly > 0",
            lambda v: v >= 0.1, lambda v: v > 0,
        ),
        "rna_survival": Claim(
            "the RNA VAE tells survival better than PCA", "results", "0.15 higher",
            "C minus PCA's ≥ 0.1; partly > 0.02", lambda v: v >= 0.1, lambda v: v > 0.02,
            reason=NO_SURVIVAL,
        ),
        "rna_accuracy": Claim(
            "the RNA VAE tells the cancer type slightly better than PCA", "results", "stated",
            "accuracy minus PCA's > 0; partly ≥ −0.01", lambda v: v > 0, lambda v: v >= -0.01,
        ),
    }  # fmt: skip


def _linear_vae() -> dict[str, Claim]:
    return {
        "linear_accuracy": Claim(
            "the linear RNA VAE tells the cancer type slightly better than the VAE", "results",
            "stated", "accuracy minus the RNA VAE's > 0; partly ≥ −0.01",
            lambda v: v > 0, lambda v: v >= -0.01,
        ),
        "linear_grassmann": Claim(
            "the linear RNA VAE lies slightly nearer to the labels than the VAE", "results",
            "stated", "the RNA VAE's Grassmann distance minus the linear one's > 0; partly ≥ −0.05",
            lambda v: v > 0, lambda v: v >= -0.05,
        ),
        "linear_survival": Claim(
            "the linear RNA VAE tells survival slightly better than the VAE", "results", "stated",
            "C minus the RNA VAE's > 0; partly ≥ −0.01", lambda v: v > 0, lambda v: v >= -0.01,
            reason=NO_SURVIVAL,
        ),
    }  # fmt: skip


def _coembedding(best: str) -> dict[str, Claim]:
    survival = {
        f"co_survival_{kind}": Claim(
            f"the {kind} co-embedding rivals age, sex and tumour type", "results",
            "against 0.715 ± 0.014",
            f"C of the {kind} co-embedding of RNA minus the clinical C ≥ −0.02; partly ≥ −0.05",
            lambda v: v >= -0.02, lambda v: v >= -0.05, reason=NO_SURVIVAL,
        )
        for kind in COEMBEDDINGS
    }  # fmt: skip
    return {
        "co_atac_accuracy": Claim(
            "co-embedding tells the cancer type of ATAC better", "figure 2", "significant",
            f"accuracy of ATAC, {best}, minus the ATAC VAE's ≥ 0.05; partly > 0",
            lambda v: v >= 0.05, lambda v: v > 0,
        ),
        "co_grassmann": Claim(
            "co-embedding brings ATAC nearer to the labels", "figure 2", "shown",
            f"the ATAC VAE's Grassmann distance minus that of {best} ≥ 0.1; partly > 0",
            lambda v: v >= 0.1, lambda v: v > 0,
        ),
        "co_pca_accuracy": Claim(
            "the best co-embedding is as accurate as PCA", "results", "similar",
            f"accuracy of RNA, {best}, minus PCA's within ± 0.03; partly ± 0.06",
            lambda v: abs(v) <= 0.03, lambda v: abs(v) <= 0.06,
        ),
    } | survival  # fmt: skip


def _reconstruction(best: str) -> dict[str, Claim]:
    return {
        "genes": Claim(
            "few genes differ once reconstructed", "figure 2", "baseline 2 of 19,421",
            f"share of genes, {best}, ≤ 0.001; partly ≤ 0.01",
            lambda v: v <= 0.001, lambda v: v <= 0.01,
        ),
        "peaks": Claim(
            "few peaks differ once reconstructed", "figure 2", "baseline 5,813 of 562,709",
            "share of peaks ≤ 0.01; partly ≤ 0.03", lambda v: v <= 0.01, lambda v: v <= 0.03,
            reason=NO_PEAKS,
        ),
        "go": Claim(
            "the genes that differ enrich nothing", "results", "none",
            f"sets with q < 0.05, {best}: 0", lambda v: v == 0, reason=NO_SETS,
        ),
        "regions": Claim(
            "the peaks that differ enrich nothing", "results", "none",
            "sets with q < 0.05 in both tests: 0", lambda v: v == 0, reason=NO_PEAKS,
        ),
    }  # fmt: skip


def _histology() -> dict[str, Claim]:
    return {
        "slide_gene": Claim(
            "slides predict each gene", "figure 3a", "“moderate to high”",
            "median Spearman over genes ≥ 0.4; partly ≥ 0.2",
            lambda v: v >= 0.4, lambda v: v >= 0.2, reason=NO_SLIDES,
        ),
        "slide_rebuilt": Claim(
            "the RNA VAE retrained on profiles from slides gives samples back", "results", "0.788",
            "mean Spearman over samples of rebuilt and observed profile ≥ 0.738; partly ≥ 0.6",
            lambda v: v >= 0.738, lambda v: v >= 0.6, reason=NO_SLIDES,
        ),
        "slide_cohort": Claim(
            "the retrained RNA VAE tells the cancer type", "results", "80.38 %",
            "accuracy ≥ 0.75; partly ≥ 0.6", lambda v: v >= 0.75, lambda v: v >= 0.6,
            reason=ONE_CANCER,
        ),
        "slide_survival": Claim(
            "the retrained RNA VAE does not tell survival", "results", "0.52 ± 0.02",
            "|C − 0.5| ≤ 0.05; partly ≤ 0.1", lambda v: abs(v - 0.5) <= 0.05,
            lambda v: abs(v - 0.5) <= 0.1, reason=NO_SLIDES,
        ),
        "slide_genes": Claim(
            "few genes differ in profiles predicted from slides", "figure 3c", "17 of 19,421",
            "share of genes ≤ 0.001; partly ≤ 0.01",
            lambda v: v <= 0.001, lambda v: v <= 0.01, reason=NO_SLIDES,
        ),
    }  # fmt: skip


def _pairs(best: str) -> dict[str, Claim]:
    """What the paper did not test: whether donors meet, and at what cost."""
    claims = {}
    for kind in COEMBEDDINGS:
        claims[f"foscttm_{kind}"] = Claim(
            f"{kind}, without pairs, brings donors together", "not tested", "–",
            "FOSCTTM < 0.25; partly < 0.4", lambda v: v < 0.25, lambda v: v < 0.4,
        )  # fmt: skip
        claims[f"donor_{kind}"] = Claim(
            f"{kind} finds the donor, not only the cancer type", "not tested", "–",
            "FOSCTTM with donors of a type exchanged minus FOSCTTM ≥ 0.02; partly > 0",
            lambda v: v >= 0.02, lambda v: v > 0,
        )  # fmt: skip
        claims[f"label_{kind}"] = Claim(
            f"{kind}: mixing the modalities costs no cancer type", "not tested", "–",
            "label accuracy minus the single modalities' ≥ −0.02; partly ≥ −0.05",
            lambda v: v >= -0.02, lambda v: v >= -0.05,
        )  # fmt: skip
        claims[f"modality_{kind}"] = Claim(
            f"{kind}: the modalities mix", "not tested", "–",
            "modality accuracy ≤ 0.65; partly ≤ 0.8", lambda v: v <= 0.65, lambda v: v <= 0.8,
        )  # fmt: skip
    return claims | {
        "ridge": Claim(
            "a co-embedding with pairs beats ridge regression", "not compared", "–",
            f"FOSCTTM of {best} with pairs minus the ridge's < 0; partly ≤ 0.03",
            lambda v: v < 0, lambda v: v <= 0.03, reason=NO_PAIRS_MODEL,
        ),
        "shuffled": Claim(
            "nothing is learnt from shuffled labels and matches", "not tested", "–",
            "FOSCTTM within 0.05 of 0.5; partly 0.1",
            lambda v: abs(v - 0.5) <= 0.05, lambda v: abs(v - 0.5) <= 0.1,
        ),
    }  # fmt: skip


def _slides_beyond() -> dict[str, Claim]:
    """What the paper's numbers of slides take, by someone who says the same of every sample."""
    return {
        "slide_profile": Claim(
            "slides say more of a sample than the mean profile", "not tested", "–",
            "mean Spearman over samples minus the mean profile's ≥ 0.02; partly > 0",
            lambda v: v >= 0.02, lambda v: v > 0, reason=NO_SLIDES,
        ),
        "slide_rebuilt_profile": Claim(
            "so does the retrained RNA VAE", "not tested", "–",
            "mean Spearman over samples minus the mean profile's ≥ 0.02; partly > 0",
            lambda v: v >= 0.02, lambda v: v > 0, reason=NO_SLIDES,
        ),
    }  # fmt: skip
