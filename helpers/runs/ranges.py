"""What values of a parameter make sense: said in its comment, checked from there.

A comment of a parameters cell ends in the rule of its parameter, in the notation of mathematics:

================================  ============================================================
``; in [1, ∞)``                   a number from 1 on
``; in (0, 1)``                   between 0 and 1, without either: round brackets leave out
``; one of {auto, cpu, cuda:N}``  a word; N stands for a whole number
``; some of {kmeans, snf}``       one word or several, separated by spaces or commas
``; some of these``               the same, of the words of the default
================================  ============================================================

A parameter whose comment says none has the rule of its name, if all notebooks share that name.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

_NUMBER = r"-?\d[\d.]*(?:e[+-]?\d+)?"
_INTERVAL = re.compile(rf"\bin ([\[(])({_NUMBER}), ({_NUMBER}|∞)([\])])$")
_OF_DEFAULT = re.compile(r"\bsome of these$")
_CHOICE = re.compile(r"\b(one|some) of \{([^{}]+)\}$")


@dataclass(frozen=True)
class Interval:
    """Numbers from `low` to `high`, each bound included unless `is_open`."""

    low: float
    high: float = math.inf
    is_open: tuple[bool, bool] = (False, False)

    def __contains__(self, number: Any) -> bool:
        """Whether `number` is one and lies inside."""
        if isinstance(number, bool) or not isinstance(number, int | float):
            return False
        above = number > self.low if self.is_open[0] else number >= self.low
        below = number < self.high if self.is_open[1] else number <= self.high
        return above and below

    def __str__(self) -> str:
        """In words: "at least 1", "from 0 to 1, without 1"."""
        if math.isinf(self.high):
            return f"above {self.low:g}" if self.is_open[0] else f"at least {self.low:g}"
        bounds = zip((self.low, self.high), self.is_open, strict=True)
        without = [_plain(bound) for bound, is_open in bounds if is_open]
        words = f"from {_plain(self.low)} to {_plain(self.high)}"
        return f"{words}, without {' and '.join(without)}" if without else words


@dataclass(frozen=True)
class Choice:
    """One of some words, or, with `is_many`, one or several of them; N in a word is a number."""

    words: tuple[str, ...]
    is_many: bool = False

    def __contains__(self, value: Any) -> bool:
        """Whether `value` is a text made of these words."""
        if not isinstance(value, str):
            return False
        asked = value.replace(",", " ").split() if self.is_many else [value]
        return bool(asked) and all(any(_fits(word, one) for word in self.words) for one in asked)

    def __str__(self) -> str:
        """In words: "auto, cpu, cuda or mps"."""
        shown = [word.replace(":N", ":<number>") for word in self.words]
        listed = " or ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
        return f"one or several of {listed}" if self.is_many else listed


Rule = Interval | Choice

RULES: tuple[tuple[str, Rule], ...] = (
    (r"n_(latent|hidden\w*|features|genes|codes|layers|seeds|neighbours)", Interval(1)),
    (r"n_\w+|patience|\w+_warmup", Interval(0)),
    (r"minibatch(_size)?", Interval(1)),
    (r"seed", Interval(0, 2**32 - 1)),
    (r"dropout", Interval(0, 1, (False, True))),
    (r"\w+_fraction", Interval(0, 1, (True, True))),
    (r"learning_rate", Interval(0, 1, (True, False))),
    (r"\w+_(weight|decay)", Interval(0)),
    (r"device", Choice(("auto", "cpu", "cuda", "cuda:N", "mps"))),
    (r"precision", Choice(("float32", "bfloat16"))),
)
"""Pattern of a parameter's whole name → its rule where its comment says none; the first counts."""


def rule_of(name: str, comment: str = "", default: Any = None) -> Rule | None:
    """The rule that a parameter's comment ends in, else that of its name; None if there is none.

    Raises:
        ValueError: the comment ends in an interval that holds nothing.
    """
    if match := _INTERVAL.search(comment):
        high = math.inf if match[3] == "∞" else float(match[3])
        is_open = match[1] == "(", match[4] == ")" and math.isfinite(high)
        interval = Interval(float(match[2]), high, is_open)
        if not interval.low < interval.high:
            raise ValueError(f"`{match[0]}` in the comment of `{name}` must go from low to high")
        return interval
    if match := _CHOICE.search(comment):
        return Choice(tuple(match[2].replace(",", " ").split()), match[1] == "some")
    if _OF_DEFAULT.search(comment):
        return Choice(tuple(str(default).split()), is_many=True)
    return next((rule for pattern, rule in RULES if re.fullmatch(pattern, name)), None)


def check_range(name: str, value: Any, comment: str = "", default: Any = None) -> None:
    """Refuse a `value` that the parameter `name` cannot have; of a list each item is looked at.

    Parameters without a rule take any value, those with one take None where their type does.

    Raises:
        ValueError: rule and value in one line.
    """
    rule = rule_of(name, comment, default)
    if rule is None:
        return
    for item in value if isinstance(value, list) else [value]:
        if item is not None and item not in rule:
            raise ValueError(f"`{name}` must be {rule}: got {item!r}")


def _plain(bound: float) -> str:
    """A bound as it is written: 4294967295, not 4.29497e+09."""
    return str(int(bound)) if bound == int(bound) and abs(bound) < 1e12 else f"{bound:g}"


def _fits(word: str, value: str) -> bool:
    """Whether a value is a word of a rule, N in it standing for a number."""
    return re.fullmatch(re.escape(word).replace(":N", r":\d{1,2}"), value) is not None
