"""Which draw of a search a rule chooses, and how well that goes.

A search is a published sweep of the notebook `sweeps/rnalign_trial`: a row a draw, in the order in
which they were drawn, so that its first n rows are a search of n.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import rankdata, spearmanr

RULES: Mapping[str, str] = {
    "loss": "loss.total",
    "alignment": "validation.misalignment",
    "kept": "validation_kept.misalignment",
}
"""Rule → what it takes the lowest of, on validation donors: the paper's total loss; misalignment of
what is decoded; misalignment where each draw gives back the share of the residual that is best."""
OUTCOMES: Mapping[str, str] = {
    "loss": "test.misalignment", "alignment": "test.misalignment", "kept": "test_kept.misalignment",
}  # fmt: skip
"""Rule → how what it chooses is judged, on test donors."""


def choose_draw(search: pd.DataFrame, rule: str, n_draws: int | None = None) -> pd.Series:
    """The draw that `rule` takes among the first `n_draws` (None: all); failed ones are passed by.

    Raises:
        ValueError: an unknown rule, one whose column the search lacks, or no draw with a value.
    """
    if rule not in RULES or RULES[rule] not in search:
        known = [name for name, column in RULES.items() if column in search]
        raise ValueError(f"`rule` must be one of {', '.join(known)} here; got {rule!r}.")
    values = search[RULES[rule]].iloc[:n_draws].dropna()
    if values.empty:
        raise ValueError(f"no draw of the search has a value of {RULES[rule]}.")
    return search.loc[values.idxmin()]


def rule_quality(search: pd.DataFrame, n_resamples: int = 2000, seed: int = 0) -> pd.DataFrame:
    """How well each rule's value ranks draws by how they align test donors.

    Index: rule. Columns: rho, Spearman's correlation over the draws that have both; low, high, its
    95 % interval over `n_resamples` draws of draws with replacement; n, how many there are.
    """
    rng, rows = np.random.default_rng(seed), {}
    for rule, column in RULES.items():
        if column not in search:
            continue
        pairs = search[[column, OUTCOMES[rule]]].dropna().to_numpy()
        again = pairs[rng.integers(len(pairs), size=(n_resamples, len(pairs)))]
        low, high = np.nanpercentile(_spearman(again), [2.5, 97.5])
        rows[rule] = (float(spearmanr(*pairs.T).statistic), low, high, len(pairs))
    columns = ["rho", "low", "high", "n"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("rule")


def _spearman(pairs: np.ndarray) -> np.ndarray:
    """Spearman's correlation of each of resamples × draws × 2; NaN where a side is constant."""
    ranks = rankdata(pairs, axis=1)
    ranks -= ranks.mean(axis=1, keepdims=True)
    first, second = ranks[..., 0], ranks[..., 1]
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    with np.errstate(invalid="ignore"):
        return (first * second).sum(axis=1) / np.where(scale > 0, scale, np.nan)


def choice_by_size(
    search: pd.DataFrame,
    sizes: Sequence[int] = (1, 2, 5, 10, 20, 50, 100),
    n_resamples: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """What a search of another size would have chosen: test misalignment of the chosen draw.

    Columns: rule, n, median, low and high (5th and 95th percentile) over `n_resamples` subsets of n
    draws without replacement; "best possible" chooses by the test donors themselves.
    """
    rng, rows = np.random.default_rng(seed), []
    ways = {rule: (RULES[rule], OUTCOMES[rule]) for rule in RULES if RULES[rule] in search}
    ways["best possible"] = (OUTCOMES["alignment"], OUTCOMES["alignment"])
    for rule, (column, outcome) in ways.items():
        pairs = search[[column, outcome]].dropna().to_numpy()
        for n in (size for size in sizes if size <= len(pairs)):
            chosen = [_chosen(pairs[rng.permutation(len(pairs))[:n]]) for _ in range(n_resamples)]
            low, median, high = np.percentile(chosen, [5, 50, 95])
            rows.append({"rule": rule, "n": n, "median": median, "low": low, "high": high})
    return pd.DataFrame(rows)


def _chosen(pairs: np.ndarray) -> float:
    return float(pairs[pairs[:, 0].argmin(), 1])
