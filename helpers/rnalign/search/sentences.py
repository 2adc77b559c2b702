"""What the published searches say, in sentences written from their tables."""

from collections.abc import Sequence

import pandas as pd

from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import Comparison, compare, in_a_row, sweep_link
from helpers.rnalign.search.finalists import FEW
from helpers.rnalign.search.rules import OUTCOMES, RULES, choose_draw, rule_quality

RULE_WORDS = {
    "loss": "the total loss of validation donors (the paper's rule)",
    "alignment": "their misalignment",
    "kept": "their misalignment with a residual given back",
}
RIVALS = (
    "mean shift per type", "mean shift per type, shrunken", "linear projection", "ComBat",
    "ComBat told types",
    "Celligner as published", "Celligner by alignment", "MOBER as published", "MOBER by loss",
    "MOBER by alignment", "MOBER with residual",
)  # fmt: skip
METRICS = {
    "test.delta_d_relative": ("relative ΔD, by its size", False),
    "test.delta_kbet": ("ΔkBET", False),
    "test.match_mean": ("match", True),
    "test.r2_kept": ("r² kept", True),
}
"""Metric of a finalist → its name, and whether higher is better."""


def search_sentence(search: pd.DataFrame, name: str) -> str:
    """How many draws failed, and how well each rule ranks the others by other donors' alignment.

    `search`: the published sweep `name`, a row a draw.
    """
    n_failed = int(search["loss.total"].isna().sum())
    ranks = [
        f"{RULE_WORDS[rule]} {row['rho']:.2f} ({row['low']:.2f} to {row['high']:.2f})"
        for rule, row in rule_quality(search).iterrows()
    ]
    few, all_of = (_chosen(search, n) for n in (FEW, None))
    return (
        f"**Tuning, published runs** (sweep {sweep_link(name)}): of {len(search)} draws from the "
        f"paper's ranges {n_failed} fail. Rank correlation with the misalignment of test donors "
        f"(95 % interval): {'; '.join(ranks)}. What the rules choose among {FEW} draws has a "
        f"misalignment there of {few}; among {len(search)}, {all_of}."
    )


def _chosen(search: pd.DataFrame, n_draws: int | None) -> str:
    words = [
        f"{choose_draw(search, rule, n_draws)[OUTCOMES[rule]]:.2f} by {word}"
        for rule, word in (("loss", "loss"), ("alignment", "alignment"), ("kept", "residual"))
        if RULES[rule] in search
    ]
    return in_a_row(words)


def finalists_sentence(runs: pd.DataFrame, name: str) -> str:
    """RNAlign by each rule against the best rival under each metric, on test donors.

    `runs`: the published sweep `name`, a row a finalist × seed. "" where RNAlign is not there.
    """
    parts = [
        f"{own} is {in_a_row(against)}"
        for own in ("RNAlign by loss", "RNAlign by alignment", "RNAlign with residual")
        if (against := [_against_best(runs, own, metric) for metric in METRICS]) and all(against)
    ]
    if not parts:
        return ""
    return (
        f"**Tuned alike, published runs** (sweep {sweep_link(name)}; test donors, against the best "
        f"rival under each metric): {'; '.join(parts)}."
    )


def best_rival(runs: pd.DataFrame, metric: str, rivals: Sequence[str] = RIVALS) -> str | None:
    """The finalist of best mean among rivals; None where none has a value."""
    higher = METRICS[metric][1] if metric in METRICS else True
    means = _sized(runs[runs["label"].isin(rivals)]).groupby("label")[metric].mean().dropna()
    if means.empty:
        return None
    return str(means.idxmax() if higher else means.idxmin())


def _against_best(runs: pd.DataFrame, own: str, metric: str) -> str:
    rival = best_rival(runs, metric)
    pair = _paired(runs, own, rival, metric) if rival else None
    if pair is None:
        return ""
    word = METRICS[metric][0]
    numbers = f"{mean_and_sd(pair.a, 2)} against {mean_and_sd(pair.b, 2)}"
    return f"{pair.order} {rival} in {word} ({numbers})"


def _paired(runs: pd.DataFrame, a: str, b: str, metric: str) -> Comparison | None:
    """Two finalists seed by seed."""
    wide = _sized(runs).pivot_table(metric, "seed", "label")
    if not {a, b} <= set(wide):
        return None
    pairs = wide[[a, b]].dropna()
    return compare(pairs[a], pairs[b], METRICS[metric][1]) if len(pairs) else None


def _sized(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs with relative ΔD by its distance from 0: below it origins are pushed together."""
    return runs.assign(**{"test.delta_d_relative": runs["test.delta_d_relative"].abs()})


def finalists_table(runs: pd.DataFrame, more: Sequence[str] = ()) -> pd.DataFrame:
    """Mean ± SD over seeds as text, a row a finalist in the order of the sweep.

    Columns: misalignment and those of METRICS; `more`, other columns that the runs have.
    """
    columns = ["test.misalignment", *METRICS, *(name for name in more if name in runs)]
    groups = runs.groupby("label", sort=False)[columns]
    table = groups.agg(lambda values: mean_and_sd(values, 2))
    return table.rename(columns=lambda name: name.removeprefix("test."))
