"""The claims of paper 2 held against a run's tables, each with the model it names."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import pandas as pd

from helpers.coembedding.claims import COEMBEDDINGS
from helpers.evaluate.reproduction import Claim, Verdicts, judge

NOT_RUN = "not all of the models it compares were run"


class Observation(Protocol):
    """A result that claims are held against."""

    @property
    def observed(self) -> Mapping[str, Sequence[float]]:
        """Claim → what was found, one value a seed or fold."""


def judge_claims(
    claims: Mapping[str, Claim],
    best: str,
    scores: pd.DataFrame,
    pairs: pd.DataFrame,
    others: Sequence[Observation],
) -> Verdicts:
    """The claims held against what was found; what nothing was found of is not testable here.

    `best`: as in `coembedding_claims`. `scores` and `pairs`: the tables of `Benchmarks` and
    `Pairing`. `others`: further results.

    Raises:
        ValueError: a result names no claim.
    """
    measured = {name: values for result in others for name, values in result.observed.items()}
    seen = observe_coembedding(claims, best, scores.drop(columns="name"), pairs, measured)
    return judge(seen.values())


def observe_coembedding(
    claims: Mapping[str, Claim],
    best: str,
    scores: pd.DataFrame,
    pairs: pd.DataFrame,
    measured: Mapping[str, float | Sequence[float]] | None = None,
) -> dict[str, Claim]:
    """The claims with what was found, value by value of a seed.

    `scores`: a row a model, modality ("rna" or "atac") and seed, with cohort_accuracy, grassmann
    and, where there is follow-up, uno_c; models pca, rna_vae, linear_vae, atac_vae, adversarial,
    contrastive, and clinical (uno_c alone, modality "rna"). `pairs`: a row a model and seed with
    the columns of `pair_scores`; models single, adversarial, contrastive, shuffled, and ridge,
    adversarial_paired and contrastive_paired where they were run. `measured`: the other claims by
    name, as genes, peaks, go, slide_gene, …, one value a seed. What is absent or NaN is not
    testable.

    Raises:
        ValueError: `measured` names no claim.
    """
    seen = _from_scores(scores, best) | _from_pairs(pairs, best) | dict(measured or {})
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


def _from_scores(scores: pd.DataFrame, best: str) -> dict[str, pd.Series]:
    wide = scores.pivot_table(index="seed", columns=["model", "modality"])
    accuracy, distance = wide["cohort_accuracy"], wide["grassmann"]
    atac, rna, linear = ("atac_vae", "atac"), ("rna_vae", "rna"), ("linear_vae", "rna")
    seen = {
        "atac_accuracy": _gap(accuracy, atac, ("pca", "atac")),
        "rna_grassmann": _gap(distance, ("pca", "rna"), rna),
        "rna_accuracy": _gap(accuracy, rna, ("pca", "rna")),
        "linear_accuracy": _gap(accuracy, linear, rna),
        "linear_grassmann": _gap(distance, rna, linear),
        "co_atac_accuracy": _gap(accuracy, (best, "atac"), atac),
        "co_grassmann": _gap(distance, atac, (best, "atac")),
        "co_pca_accuracy": _gap(accuracy, (best, "rna"), ("pca", "rna")),
    }
    if "uno_c" not in wide:
        return seen
    c, clinical = wide["uno_c"], ("clinical", "rna")
    seen |= {
        "atac_survival": _gap(c, atac, ("pca", "atac")),
        "rna_survival": _gap(c, rna, ("pca", "rna")),
        "linear_survival": _gap(c, linear, rna),
    }
    return seen | {f"co_survival_{kind}": _gap(c, (kind, "rna"), clinical) for kind in COEMBEDDINGS}


def _from_pairs(pairs: pd.DataFrame, best: str) -> dict[str, pd.Series]:
    wide = pairs.pivot_table(index="seed", columns="model")
    match, label = wide["foscttm"], wide["label_accuracy"]
    seen = {
        "shuffled": _column(match, "shuffled"),
        "ridge": _gap(match, f"{best}_paired", "ridge"),
    }
    for kind in COEMBEDDINGS:
        own = _column(match, kind)
        seen[f"foscttm_{kind}"] = own
        seen[f"donor_{kind}"] = _column(wide["foscttm_within_type"], kind) - own
        seen[f"label_{kind}"] = _gap(label, kind, "single")
        seen[f"modality_{kind}"] = _column(wide["modality_accuracy"], kind)
    return seen


def _column(metric: pd.DataFrame, name: Hashable) -> pd.Series:
    """One column, or missing values where nothing of that name was run."""
    return metric[name] if name in metric else pd.Series(np.nan, index=metric.index)


def _gap(metric: pd.DataFrame, first: Hashable, second: Hashable) -> pd.Series:
    return _column(metric, first) - _column(metric, second)
