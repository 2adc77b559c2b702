"""What paper 2 claims, and what will count as having reproduced it, fixed before any result.

Figure 2 is a picture without a table; numbers are from the text. Differences between models can
carry over to another cohort, levels of 13,000 patients and a private cohort cannot.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pandas as pd

from helpers.evaluate.reproduction import Claim, Verdicts, judge

COEMBEDDINGS = ("adversarial", "contrastive")
NO_PEAKS = "this cohort has components of all peaks instead of peaks"
NO_SETS = "no gene sets for these features"
ONE_CANCER = "the slides here are of one cancer type"
NO_SLIDES = "this cohort has no slides"
NO_SURVIVAL = "this cohort has no follow-up, or too few deaths"
NOT_RUN = "not all of the models it compares were run"
NO_PAIRS_MODEL = "no model with pairs in this run"


def coembedding_claims() -> dict[str, Claim]:
    """The claims of chapter 2 by short name, in the order of the paper, none observed yet."""
    return _single_modality() | _coembedding() | _reconstruction() | _histology() | _beyond()


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


def _coembedding() -> dict[str, Claim]:
    return {
        "co_atac_accuracy": Claim(
            "co-embedding tells the cancer type of ATAC better", "figure 2", "significant",
            "best co-embedding minus the ATAC VAE ≥ 0.05; partly > 0",
            lambda v: v >= 0.05, lambda v: v > 0,
        ),
        "co_grassmann": Claim(
            "co-embedding brings ATAC nearer to the labels", "figure 2", "shown",
            "the ATAC VAE's Grassmann distance minus the best co-embedding's ≥ 0.1; partly > 0",
            lambda v: v >= 0.1, lambda v: v > 0,
        ),
        "co_pca_accuracy": Claim(
            "the best co-embedding is as accurate as PCA", "results", "similar",
            "accuracy minus the best PCA's within ± 0.03; partly ± 0.06",
            lambda v: abs(v) <= 0.03, lambda v: abs(v) <= 0.06,
        ),
        "co_survival": Claim(
            "co-embeddings rival age, sex and tumour type", "results", "against 0.715 ± 0.014",
            "C of the weaker of the two minus the clinical C ≥ −0.02; partly ≥ −0.05",
            lambda v: v >= -0.02, lambda v: v >= -0.05, reason=NO_SURVIVAL,
        ),
    }  # fmt: skip


def _reconstruction() -> dict[str, Claim]:
    return {
        "genes": Claim(
            "few genes differ once reconstructed", "figure 2", "baseline 2 of 19,421",
            "share of genes, best co-embedding, ≤ 0.001; partly ≤ 0.01",
            lambda v: v <= 0.001, lambda v: v <= 0.01,
        ),
        "peaks": Claim(
            "few peaks differ once reconstructed", "figure 2", "baseline 5,813 of 562,709",
            "share of peaks ≤ 0.01; partly ≤ 0.03", lambda v: v <= 0.01, lambda v: v <= 0.03,
            reason=NO_PEAKS,
        ),
        "go": Claim(
            "the genes that differ enrich nothing", "results", "none",
            "sets with q < 0.05: 0", lambda v: v == 0, reason=NO_SETS,
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
        "slide_sample": Claim(
            "slides predict each sample's profile", "results", "0.788",
            "mean Spearman over samples ≥ 0.738; partly ≥ 0.6",
            lambda v: v >= 0.738, lambda v: v >= 0.6, reason=NO_SLIDES,
        ),
        "slide_cohort": Claim(
            "slides tell the cancer type", "results", "80.38 %", "–", reason=ONE_CANCER,
        ),
        "slide_survival": Claim(
            "slides do not tell survival", "results", "0.52 ± 0.02",
            "|C − 0.5| ≤ 0.05; partly ≤ 0.1", lambda v: abs(v - 0.5) <= 0.05,
            lambda v: abs(v - 0.5) <= 0.1, reason=NO_SLIDES,
        ),
        "slide_genes": Claim(
            "few genes differ in profiles predicted from slides", "figure 3c", "17 of 19,421",
            "share of genes ≤ 0.001; partly ≤ 0.01",
            lambda v: v <= 0.001, lambda v: v <= 0.01, reason=NO_SLIDES,
        ),
    }  # fmt: skip


def _beyond() -> dict[str, Claim]:
    return {
        "foscttm": Claim(
            "co-embeddings without pairs bring donors together", "not tested", "–",
            "FOSCTTM of the weaker of the two < 0.25; partly < 0.4",
            lambda v: v < 0.25, lambda v: v < 0.4,
        ),
        "donor": Claim(
            "they find the donor, not only the cancer type", "not tested", "–",
            "FOSCTTM with donors of a type exchanged minus FOSCTTM, weaker of the two, ≥ 0.02; "
            "partly > 0", lambda v: v >= 0.02, lambda v: v > 0,
        ),
        "label": Claim(
            "mixing the modalities costs no cancer type", "not tested", "–",
            "label accuracy of the weaker minus the single modalities' ≥ −0.02; partly ≥ −0.05",
            lambda v: v >= -0.02, lambda v: v >= -0.05,
        ),
        "modality": Claim(
            "the modalities mix", "not tested", "–",
            "modality accuracy of the better of the two ≤ 0.65; partly ≤ 0.8",
            lambda v: v <= 0.65, lambda v: v <= 0.8,
        ),
        "ridge": Claim(
            "a co-embedding with pairs beats ridge regression", "not compared", "–",
            "FOSCTTM minus the ridge's < 0; partly ≤ 0.03",
            lambda v: v < 0, lambda v: v <= 0.03, reason=NO_PAIRS_MODEL,
        ),
        "shuffled": Claim(
            "nothing is learnt from shuffled labels and matches", "not tested", "–",
            "FOSCTTM within 0.05 of 0.5; partly 0.1",
            lambda v: abs(v - 0.5) <= 0.05, lambda v: abs(v - 0.5) <= 0.1,
        ),
        "slide_profile": Claim(
            "slides say more of a sample than the mean profile", "not tested", "–",
            "mean Spearman over samples minus the mean profile's ≥ 0.02; partly > 0",
            lambda v: v >= 0.02, lambda v: v > 0, reason=NO_SLIDES,
        ),
    }  # fmt: skip


class Observation(Protocol):
    """A result that claims are held against."""

    @property
    def observed(self) -> Mapping[str, Sequence[float]]:
        """Claim → what was found, one value a seed or fold."""


def judge_claims(
    claims: Mapping[str, Claim],
    scores: pd.DataFrame,
    pairs: pd.DataFrame,
    others: Sequence[Observation],
) -> Verdicts:
    """The claims held against what was found; what nothing was found of is not testable here.

    `scores` and `pairs`: the tables of `Benchmarks` and `Pairing`. `others`: further results.

    Raises:
        ValueError: a result names no claim.
    """
    measured = {name: values for result in others for name, values in result.observed.items()}
    seen = observe_coembedding(claims, scores.drop(columns="name"), pairs, measured)
    return judge(seen.values())


def observe_coembedding(
    claims: Mapping[str, Claim],
    scores: pd.DataFrame,
    pairs: pd.DataFrame,
    measured: Mapping[str, float | Sequence[float]] | None = None,
) -> dict[str, Claim]:
    """The claims with what was found.

    `scores`: a row a model, modality ("rna" or "atac") and seed, with cohort_accuracy, grassmann
    and, where there is follow-up, uno_c; models pca, rna_vae, atac_vae, adversarial, contrastive,
    and clinical (uno_c alone, modality "rna"). `pairs`: a row a model and seed with the columns of
    `pair_scores`; models single, adversarial, contrastive, shuffled, and ridge, adversarial_paired
    and contrastive_paired where they were run. `measured`: the other claims by name, as genes,
    peaks, go, slide_gene, …, one value a seed. What is absent or NaN is not testable.

    Raises:
        ValueError: `measured` names no claim.
    """
    seen = _from_scores(scores) | _from_pairs(pairs) | dict(measured or {})
    unknown = sorted(set(seen) - set(claims))
    if unknown:
        raise ValueError(f"`measured` must name claims, {[*claims]}; got {unknown}.")
    values = {name: np.ravel(np.asarray(value, float)) for name, value in seen.items()}
    observed = {
        name: claims[name].observe(value)
        for name, value in values.items()
        if len(value) and np.isfinite(value).all()
    }
    return {
        name: observed.get(name, claim if claim.reason else replace(claim, reason=NOT_RUN))
        for name, claim in claims.items()
    }


def _from_scores(scores: pd.DataFrame) -> dict[str, pd.Series]:
    wide = scores.pivot_table(index="seed", columns=["model", "modality"])
    accuracy, distance = wide["cohort_accuracy"], wide["grassmann"]
    atac, rna = ("atac_vae", "atac"), ("rna_vae", "rna")
    best = _columns(accuracy, COEMBEDDINGS).max(axis=1)
    best_atac = _columns(accuracy, COEMBEDDINGS, ["atac"]).max(axis=1)
    nearest = _columns(distance, COEMBEDDINGS, ["atac"]).min(axis=1)
    seen = {
        "atac_accuracy": _gap(accuracy, atac, ("pca", "atac")),
        "rna_grassmann": _gap(distance, ("pca", "rna"), rna),
        "rna_accuracy": _gap(accuracy, rna, ("pca", "rna")),
        "co_atac_accuracy": best_atac - _column(accuracy, atac),
        "co_grassmann": _column(distance, atac) - nearest,
        "co_pca_accuracy": best - _columns(accuracy, ["pca"]).max(axis=1),
    }
    return seen | (_survival(wide["uno_c"]) if "uno_c" in wide else {})


def _survival(c: pd.DataFrame) -> dict[str, pd.Series]:
    # Of either co-embedding its better modality, then the weaker of the two.
    better = _columns(c, COEMBEDDINGS).T.groupby(level="model").max().T
    return {
        "atac_survival": _gap(c, ("atac_vae", "atac"), ("pca", "atac")),
        "rna_survival": _gap(c, ("rna_vae", "rna"), ("pca", "rna")),
        "co_survival": better.min(axis=1) - _column(c, ("clinical", "rna")),
    }


def _from_pairs(pairs: pd.DataFrame) -> dict[str, pd.Series]:
    wide = pairs.pivot_table(index="seed", columns="model")
    match, label = wide["foscttm"], wide["label_accuracy"]
    unpaired = [model for model in COEMBEDDINGS if model in match]
    paired = [f"{model}_paired" for model in COEMBEDDINGS if f"{model}_paired" in match]
    return {
        "foscttm": match[unpaired].max(axis=1),
        "donor": (wide["foscttm_within_type"] - match)[unpaired].min(axis=1),
        "label": label[unpaired].min(axis=1) - _column(label, "single"),
        "modality": wide["modality_accuracy"][unpaired].min(axis=1),
        "shuffled": _column(match, "shuffled"),
        "ridge": match[paired].min(axis=1) - _column(match, "ridge"),
    }


def _columns(
    metric: pd.DataFrame, models: Sequence[str], modalities: Sequence[str] = ("rna", "atac")
) -> pd.DataFrame:
    """The columns of these models and modalities, as far as there are any."""
    return metric[[pair for pair in metric if pair[0] in models and pair[1] in modalities]]


def _column(metric: pd.DataFrame, name: Hashable) -> pd.Series:
    """One column, or missing values where nothing of that name was run."""
    return metric[name] if name in metric else pd.Series(np.nan, index=metric.index)


def _gap(metric: pd.DataFrame, first: Hashable, second: Hashable) -> pd.Series:
    return _column(metric, first) - _column(metric, second)
