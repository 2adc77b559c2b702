"""What a run of the chapter says, in sentences written from its own numbers."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import Comparison, bullet_list, compare, few_seeds, in_a_row
from helpers.rnalign.analyses.every_method import MethodComparison
from helpers.rnalign.analyses.regulariser_effects import GradientEffect
from helpers.rnalign.analyses.subtype_keeping import SubtypeScores
from helpers.rnalign.analyses.type_matches import LabelLeak
from helpers.rnalign.claims import PAPER_RIVALS
from helpers.rnalign.figures.method_scores import METHOD_LABELS

HIGHER_IS_BETTER = {
    "delta_d": False, "delta_d_relative": False, "pvca": False, "delta_kbet": False, "match": True,
    "match_mean": True, "match_balanced": True, "silhouette": True, "variance_kept": True,
    "r2_kept": True,
}  # fmt: skip
WORDS = {
    "delta_d": "ΔD", "delta_d_relative": "relative ΔD", "pvca": "PVCA", "delta_kbet": "ΔkBET",
    "match_mean": "the match, mean over types", "match_balanced": "the balanced match",
    "silhouette": "the silhouette", "variance_kept": "the variance kept within types",
    "r2_kept": "the r² kept within types",
}  # fmt: skip
RIVALS = ("mean_shift", "mean_shift_per_type", "combat", "celligner", "mober")
PARTS = {
    "rnalign_no_cor": "the correlation loss",
    "rnalign_no_grad": "the gradient loss",
    "rnalign_no_purity": "purity",
}


def takeaways(
    compared: MethodComparison,
    leak: LabelLeak,
    subtypes: SubtypeScores,
    effect: GradientEffect | None,
    same_mix: SubtypeScores | None = None,
) -> str:
    """Markdown: what this run says. `effect`: None where the ablations were left out; `same_mix`:
    subtypes where tumours have the mix of the lines, None where that was not asked.
    """  # fmt: skip
    scores = compared.scores
    caution = few_seeds(scores["seed"].nunique())
    sentences = [
        f"**Few seeds.** {caution}" if caution else "",
        paper_table(scores),
        parts_worth(scores),
        labels_changed(compared.label_changes),
        smoothing(scores),
        retained(scores),
        label_or_alignment(scores, leak.match),
        subtypes_kept(subtypes.scores, same_mix.scores if same_mix else pd.DataFrame()),
        without_types(scores),
        gradient_trains(effect.largest) if effect else "",
    ]
    return bullet_list(sentences)


def versus(scores: pd.DataFrame, metric: str, a: str, b: str) -> Comparison | None:
    """Two methods under a metric, value by value of the same seeds; None where one has none."""
    wide = scores.pivot_table(metric, "seed", "method")
    if not {a, b} <= set(wide):
        return None
    pairs = wide[[a, b]].dropna()
    return compare(pairs[a], pairs[b], HIGHER_IS_BETTER[metric]) if len(pairs) else None


def in_words(scores: pd.DataFrame, metric: str, a: str, b: str) -> str:
    """What follows "`a` is": "better than Celligner in ΔD (1 ± 0.1 against 2 ± 0.1)".

    Of a single seed only the numbers: no order can be told. "" where one of them has no value.
    """
    pair = versus(scores, metric, a, b)
    if pair is None:
        return ""
    return placed(pair, label(b), f" in {WORDS[metric]}")


def placed(pair: Comparison, other: str, where: str = "") -> str:
    """The order to `other` in words with numbers, or the numbers alone from a single seed."""
    if np.isnan(pair.spread):
        return f"at {mean_and_sd(pair.a)}{where} against {mean_and_sd(pair.b)} of {other}"
    return f"{pair.order} {other}{where} ({pair.numbers})"


def label(method: str) -> str:
    """A method's name in a sentence."""
    name = METHOD_LABELS.get(method, method)
    return f"the {name}" if name[0].islower() else name


def listed(parts: Sequence[str], join: str = "; ") -> str:
    """The parts that are not empty, one after another."""
    return join.join(part for part in parts if part)


def best_of(scores: pd.DataFrame, metric: str, methods: Sequence[str]) -> str | None:
    """The method of best mean, None where none has a value."""
    rows = scores[scores["method"].isin(methods)]
    means = rows.groupby("method")[metric].mean().dropna()
    if means.empty:
        return None
    return str(means.idxmax() if HIGHER_IS_BETTER[metric] else means.idxmin())


def paper_table(scores: pd.DataFrame) -> str:
    """RNAlign against the best of the paper's other three methods, metric by metric."""
    metrics = ("delta_d", "delta_kbet", "pvca", "match_mean")
    best = {metric: best_of(scores, metric, PAPER_RIVALS) for metric in metrics}
    said = by_order(scores, {metric: rival for metric, rival in best.items() if rival}, "rnalign")
    if not said:
        return ""
    return (
        "**The paper's table.** Against the best of input, linear projection and Celligner under "
        f"each metric, RNAlign is {said}."
    )


def by_order(scores: pd.DataFrame, rivals: Mapping[str, str], method: str) -> str:
    """What follows "`method` is", metrics of one order together.

    "better than Celligner in ΔD (…) and PVCA (…); worse than the input in the match (…)".
    `rivals`: metric → the method that it is compared with.
    """
    numbers, alone = {}, []
    for metric, rival in rivals.items():
        pair = versus(scores, metric, method, rival)
        if pair is not None and np.isnan(pair.spread):
            alone.append(placed(pair, label(rival), f" in {WORDS[metric]}"))
        elif pair is not None:
            order = f"{pair.order} {label(rival)}"
            numbers.setdefault(order, []).append(f"{WORDS[metric]} ({pair.numbers})")
    together = [f"{order} in {in_a_row(parts)}" for order, parts in numbers.items()]
    return listed([*together, *alone])


def parts_worth(scores: pd.DataFrame) -> str:
    """ΔD of RNAlign without each part against the whole; "" where they were not trained."""
    parts = []
    for method, part in PARTS.items():
        pair = versus(scores, "delta_d", method, "rnalign")
        if pair is not None:
            parts.append(f"without {part} it is {placed(pair, 'the whole model')}")
    return f"**Parts**, by ΔD: {listed(parts)}." if parts else ""


def labels_changed(changes: pd.DataFrame) -> str:
    """ΔD with both labels changed, with one of them, and with none."""
    changes = changes.dropna()
    if changes.empty:
        return ""
    numbers = ", ".join(f"{name} {mean_and_sd(column)}" for name, column in changes.items())
    origin = compare(changes["origin"], changes["purity"], higher_is_better=False)
    sentence = f"**Labels changed.** ΔD by the labels that are changed: {numbers}."
    if np.isnan(origin.spread):
        return sentence
    return (
        f"{sentence} Changing the origin alone is {origin.order} changing purity alone; in the "
        "paper purity alone is the better one."
    )


def smoothing(scores: pd.DataFrame) -> str:
    """Relative to distances within origins: which methods bring origins closer than RNAlign."""
    compared = {name: versus(scores, "delta_d_relative", name, "rnalign") for name in RIVALS}
    compared = {name: pair for name, pair in compared.items() if pair is not None}
    if not compared:
        return ""
    words = [
        f"{label(name)} {mean_and_sd(pair.a)}"
        + ("" if np.isnan(pair.spread) else f" ({pair.order} RNAlign)")
        for name, pair in compared.items()
    ]
    own = mean_and_sd(next(iter(compared.values())).b)
    return (
        "**How much is smoothing?** A decoder shrinks all distances, so ΔD is also divided by the "
        f"distance within origins. RNAlign then has {own}; {listed(words, ', ')}."
    )


def retained(scores: pd.DataFrame) -> str:
    """What is left of the samples' own differences, and how a mere smoother would score."""
    of_method = dict([*scores.groupby("method")])
    own = of_method["rnalign"]
    if own["r2_kept"].isna().all():
        return ""
    others = [
        f"{label(name)} {mean_and_sd(of_method[name]['r2_kept'])}"
        for name in ("celligner", "mober", "mean_shift_per_type")
        if name in of_method
    ]
    shrunk = in_words(scores, "delta_d_relative", "shrunken", "rnalign")
    shifted = in_words(scores, "match_mean", "shrunken_shift", "rnalign")
    return (
        "**What is left of a sample?** Of what tells samples of one type and origin apart, RNAlign "
        f"keeps an r² of {mean_and_sd(own['r2_kept'])} and {mean_and_sd(own['variance_kept'])} of "
        f"the variance; r² of others: {listed(others, ', ')}. 1 is everything, noise included."
        + (f" The input, shrunk by as much and aligned by nothing, is {shrunk}." if shrunk else "")
        + (f" The mean shift per type, shrunk by as much, is {shifted}." if shifted else "")
    )


def label_or_alignment(scores: pd.DataFrame, leak: pd.Series) -> str:
    """Whether the match follows the type that the decoder was told."""
    own, told = (leak.get(f"another type told, match with {which}") for which in ("own", "that"))
    parts = [
        in_words(scores, "match_mean", "constant_type", "input"),
        in_words(scores, "match_mean", "rnalign", "mean_shift_per_type"),
    ]
    sentences = []
    if own is not None and np.isfinite([own, told]).all():
        sentences.append(
            f"Told the type of another sample, {told:.0%} of lines find neighbours of the type "
            f"they were told and {own:.0%} of their own."
        )
    if parts[0]:
        sentences.append(f"Told one type for all, RNAlign is {parts[0]}.")
    if parts[1]:
        sentences.append(f"Told the right type, RNAlign is {parts[1]}, which is told it too.")
    return f"**Label or alignment?** {' '.join(sentences)}" if sentences else ""


def subtypes_kept(subtypes: pd.DataFrame, same_mix: pd.DataFrame) -> str:
    """Silhouette and balanced match of subtypes against the input, a smoother and Celligner.

    `same_mix`: scores where tumours have the lines' mix of subtypes; may be empty.
    """
    if subtypes.empty:
        return ""
    parts = [
        in_words(subtypes, metric, "rnalign", rival)
        for metric in ("silhouette", "match_balanced")
        for rival in ("input", "celligner")
    ]
    if not any(parts):
        return ""
    smooth = in_words(subtypes, "silhouette", "shrunken", "rnalign")
    mixed = [] if same_mix.empty else [
        in_words(same_mix, metric, "rnalign", rival)
        for metric in ("silhouette", "match_balanced")
        for rival in ("input", "mean_shift")
    ]  # fmt: skip
    return (
        f"**Subtypes**, which no method is told: RNAlign is {listed(parts)}."
        + (f" The input, smoothed as much, is {smooth}." if smooth else "")
        + (
            f" With the lines' mix of subtypes among the tumours: {listed(mixed)}."
            if any(mixed)
            else ""
        )
    )


def without_types(scores: pd.DataFrame) -> str:
    """RNAlign that is told no cancer type against the input and the mean shift."""
    parts = [
        in_words(scores, metric, "rnalign_no_type", rival)
        for metric in ("delta_d_relative", "match_mean")
        for rival in ("input", "mean_shift")
    ]
    return f"**Without types** RNAlign is {listed(parts)}." if any(parts) else ""


def gradient_trains(largest: pd.Series) -> str:
    """What the inert and the trained gradient loss change in what is aligned."""
    inert, trained = largest["rnalign_inert_grad"], largest["rnalign"]
    words = "changes nothing" if inert == 0 else f"changes values by up to {inert:.2g}"
    return (
        f"**The gradient loss** of the published code {words}; the trained one moves aligned "
        f"values by up to {trained:.2g} SD of a gene."
    )
