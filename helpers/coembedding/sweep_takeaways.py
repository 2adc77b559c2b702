"""What the published sweeps of this chapter say: which term, and what the discriminator can do."""

from collections.abc import Iterable

import pandas as pd

from helpers.coembedding.embeddings.coembedding_model import KINDS
from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import compare, sweep_link

MODELS, ADVERSARY = "coembedding_models", "coembedding_adversary"
"""The published sweeps of trials (`validation_trial`), by test donors."""
_CHAPTER = "as in the chapter"
_SEPARATE = "two separate VAEs"
_FOSCTTM, _MODALITY = "test.foscttm.adversarial", "test.modality_accuracy.adversarial"


def terms_matter(sweep: pd.DataFrame) -> str:
    """Each variant of `coembedding_models` beside the chapter's settings, by FOSCTTM."""
    chapter = sweep[sweep["label"] == _CHAPTER]
    sentences = []
    for kind in KINDS:
        key = f"test.foscttm.{kind}"
        if key not in sweep or chapter[key].isna().all():
            continue
        labels = [
            label
            for label in dict.fromkeys(sweep["label"].drop(chapter.index))
            if _values(sweep, label, key) != chapter[key].tolist()  # else not its term
        ]
        ranked = _ranked(sweep, labels, key, chapter[key].tolist(), "it")
        if ranked:
            whole = f"The whole {kind} model has FOSCTTM {mean_and_sd(chapter[key])}"
            sentences.append(f"{whole}; {ranked}.")
    told = " ".join(sentences)
    return f"From the published sweep {sweep_link(MODELS)}: {told}" if told else ""


def adversary_alone(sweep: pd.DataFrame) -> str:
    """What the discriminator does without matches and with them, from `coembedding_adversary`.

    Whether matches do the work is what the matched model without a discriminator says beside every
    discriminator without matches.
    """
    separate = sweep[sweep["label"] == _SEPARATE]
    trained = sweep.drop(separate.index)
    alone = trained[trained["match_weight"] == 0]
    without = trained[(trained["match_weight"] > 0) & (trained["discriminator_weight"] == 0)]
    if separate.empty or alone.empty or without.empty:
        return ""
    labels = list(dict.fromkeys(alone["label"]))
    sentences = [f"From the published sweep {sweep_link(ADVERSARY)}:"]
    for what, key, metric in (
        ("FOSCTTM", _FOSCTTM, "foscttm"),
        ("accuracy of the modality", _MODALITY, "modality_accuracy"),
    ):
        apart = separate[f"test.{metric}.single"].tolist()
        ranked = _ranked(sweep, labels, key, apart, "them")
        sentences.append(f"In {what} two separate VAEs have {mean_and_sd(apart)}; {ranked}.")
    matched = without[_FOSCTTM].tolist()
    accuracy = mean_and_sd(without[_MODALITY])
    sentences.append(f"Matches without a discriminator have {mean_and_sd(matched)} and {accuracy}.")
    return " ".join([*sentences, _who_works(sweep, labels, matched), _chosen(trained)])


def _who_works(sweep: pd.DataFrame, labels: Iterable[str], matched: list[float]) -> str:
    """Whether matches by themselves bring donors nearer than any discriminator by itself."""
    rivals = [
        label
        for label in labels
        if compare(matched, _values(sweep, label, _FOSCTTM), False).order != "better than"
    ]
    if rivals:
        return (
            f"No worse than that, without matches: {', '.join(f'*{label}*' for label in rivals)}."
        )
    return "Every discriminator without matches is worse: the matches do the work."


def _chosen(trained: pd.DataFrame) -> str:
    """The setting with matches that validation donors choose, and what test donors say of it."""
    matched = trained[trained["match_weight"] > 0]
    key = "validation.shortfall.adversarial"
    label = matched.groupby("label")[key].mean().idxmin()
    rows = matched[matched["label"] == label]
    numbers = f"{mean_and_sd(rows[_FOSCTTM])} and {mean_and_sd(rows[_MODALITY])}"
    return f"With matches validation donors choose *{label}*, which has {numbers}."


def _values(sweep: pd.DataFrame, label: str, key: str) -> list[float]:
    return sweep.loc[sweep["label"] == label, key].tolist()


def _ranked(
    sweep: pd.DataFrame, labels: Iterable[str], key: str, reference: list[float], other: str
) -> str:
    """Labels with their values (lower is better), grouped by how they compare with `reference`."""
    groups: dict[str, list[str]] = {}
    for label in labels:
        values = _values(sweep, label, key)
        if not pd.isna(values).all():
            order = compare(values, reference, higher_is_better=False).order
            groups.setdefault(order, []).append(f"*{label}* ({mean_and_sd(values)})")
    return "; ".join(f"{order} {other}: {', '.join(them)}" for order, them in groups.items())
