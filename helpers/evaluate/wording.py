"""Orders in words, written from numbers with their spread: better, worse, or cannot be told.

Sentences of a chapter that say which of two methods is ahead are made here, so that a run on other
data says what its own numbers say.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from helpers.evaluate.results import mean_and_sd

MIN_SEEDS = 3  # from which a spread over seeds says something


@dataclass(frozen=True)
class Comparison:
    """Two methods under one metric, value by value of the same seeds where `is_paired`.

    difference: mean of a − b, in the metric's unit. spread: its SD over seeds (of the paired
    differences, else pooled); NaN with a single seed. is_told: whether the difference is larger
    than the spread, over three seeds or more: an SD of two values is hardly one.
    """

    a: tuple[float, ...]
    b: tuple[float, ...]
    higher_is_better: bool = True
    is_paired: bool = True

    @property
    def difference(self) -> float:
        """Mean of a minus mean of b."""
        return float(np.mean(self.a) - np.mean(self.b))

    @property
    def spread(self) -> float:
        """SD of the difference over seeds."""
        if min(len(self.a), len(self.b)) < 2:
            return float("nan")
        if self.is_paired:
            return float(np.std(np.subtract(self.a, self.b), ddof=1))
        return float(np.sqrt(np.var(self.a, ddof=1) + np.var(self.b, ddof=1)))

    @property
    def is_told(self) -> bool:
        """Whether the order can be told: the difference exceeds its spread over seeds."""
        has_spread = min(len(self.a), len(self.b)) >= MIN_SEEDS
        return has_spread and bool(abs(self.difference) > self.spread)

    @property
    def order(self) -> str:
        """One of "better than", "worse than" and "not to be told from"."""
        if not self.is_told:
            return "not to be told from"
        is_better = (self.difference > 0) == self.higher_is_better
        return "better than" if is_better else "worse than"

    @property
    def numbers(self) -> str:
        """Both as mean ± SD: "0.95 ± 0.01 against 0.94 ± 0.01"; of so few seeds that no order is
        told, with their number.
        """
        n_seeds = min(len(self.a), len(self.b))
        few = f", {counted(n_seeds, 'seed')} only" if n_seeds < MIN_SEEDS else ""
        return f"{mean_and_sd(self.a)} against {mean_and_sd(self.b)}{few}"


def compare(a: Sequence[float], b: Sequence[float], higher_is_better: bool = True) -> Comparison:
    """Compare the values of two methods, one a seed; missing values are left out of both.

    Values are of the same seeds, in one order, where there are as many of both.

    Raises:
        ValueError: a method has no value.
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    is_paired = a.shape == b.shape
    if is_paired:
        is_finite = np.isfinite(a) & np.isfinite(b)
        a, b = a[is_finite], b[is_finite]
    else:
        a, b = a[np.isfinite(a)], b[np.isfinite(b)]
    if not len(a) or not len(b):
        raise ValueError(
            f"both methods must have a finite value to be compared; got {len(a)} and {len(b)}. "
            "Leave the sentence out where there is none"
        )
    return Comparison(tuple(a.tolist()), tuple(b.tolist()), higher_is_better, is_paired)


def counted(n: int, noun: str) -> str:
    """A number with its noun: "1 seed", "1,200 seeds"."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def few_seeds(n_seeds: int) -> str:
    """What so few seeds cannot say, as a sentence; "" where they are three or more."""
    if n_seeds >= MIN_SEEDS:
        return ""
    return f"{counted(n_seeds, 'seed')}: under three no order is told, whatever the numbers."


def in_a_row(parts: Sequence[str]) -> str:
    """List the parts that are not empty as a sentence does: "a", "a and b", "a, b and c"."""
    *firsts, last = [part for part in parts if part] or [""]
    return f"{', '.join(firsts)} and {last}" if firsts else last


def sweep_link(name: str) -> str:
    """A published sweep by name, linked to its page of the book from a chapter's page.

    As HTML, because Markdown made by a run is not looked through for pages of the book.
    """
    return f'<a href="../book/sweeps/{name}.html">{name}</a>'


def bullet_list(sentences: Sequence[str]) -> str:
    """Sentences as a Markdown list; empty ones are left out."""
    return "\n".join(f"- {sentence}" for sentence in sentences if sentence)
