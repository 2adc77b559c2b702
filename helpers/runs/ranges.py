"""What values of a parameter make sense, by the names that all notebooks share."""

import math
import re
from dataclasses import dataclass
from typing import Any

DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
PRECISIONS = ("float32", "bfloat16")


@dataclass(frozen=True)
class Interval:
    """Numbers from `low` to `high`, each bound included unless `is_open`."""

    low: float
    high: float = math.inf
    is_open: tuple[bool, bool] = (False, False)

    def __contains__(self, number: float) -> bool:
        """Whether `number` lies inside."""
        above = number > self.low if self.is_open[0] else number >= self.low
        below = number < self.high if self.is_open[1] else number <= self.high
        return above and below

    def __str__(self) -> str:
        """In words: "at least 1", "from 0 to 1, without 1"."""
        if math.isinf(self.high):
            return f"above {self.low:g}" if self.is_open[0] else f"at least {self.low:g}"
        bounds = zip((self.low, self.high), self.is_open, strict=True)
        without = [f"{bound:g}" for bound, is_open in bounds if is_open]
        words = f"from {self.low:g} to {self.high:g}"
        return f"{words}, without {' and '.join(without)}" if without else words


RANGES = (
    (r"n_(latent|hidden\w*|features|genes|codes|layers|seeds|neighbours)", Interval(1)),
    (r"n_\w+|patience|\w+_warmup", Interval(0)),
    (r"minibatch(_size)?", Interval(1)),
    (r"seed", Interval(0, 2**32 - 1)),
    (r"dropout", Interval(0, 1, (False, True))),
    (r"\w+_fraction", Interval(0, 1, (True, True))),
    (r"learning_rate", Interval(0, 1, (True, False))),
    (r"\w+_(weight|decay)", Interval(0)),
)
"""Pattern of a parameter's whole name → where its value lies; the first that fits counts."""


def check_range(name: str, value: Any) -> None:
    """Refuse a `value` that the parameter `name` cannot have; names without a rule take any.

    Raises:
        ValueError: rule and value in one line.
    """
    if name == "device" and not (isinstance(value, str) and DEVICE.fullmatch(value)):
        raise ValueError(f"`device` must be auto, cpu, cuda, cuda:<number> or mps: got {value!r}")
    if name == "precision" and value not in PRECISIONS:
        raise ValueError(f"`precision` must be {' or '.join(PRECISIONS)}: got {value!r}")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    for pattern, interval in RANGES:
        if re.fullmatch(pattern, name):
            if value not in interval:
                raise ValueError(f"`{name}` must be {interval}: got {value!r}")
            return
