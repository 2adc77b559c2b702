"""How the book and the terminal write durations, sizes, numbers and tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any


def readable_duration(seconds: float) -> str:
    """`seconds` in words: 8.3 → "8.3 s", 252 → "4 min 12 s", 7300 → "2 h 1 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def readable_bytes(count: float | None) -> str:
    """`count` bytes in words, in powers of 1,000: 319816 → "320 kB"; None → "not recorded"."""
    if count is None:
        return "not recorded"
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= factor:
            value = count / factor
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{count:.0f} bytes"


def readable_number(value: float) -> str:
    """Counts with separators, other numbers to three significant places: 0.94012 → "0.940"."""
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{int(value):,}"
    if abs(value) >= 100:
        return f"{value:,.1f}"
    return f"{value:.3f}" if abs(value) >= 0.001 else f"{value:.1e}"


def readable_spread(mean: float, sd: float) -> str:
    """`mean` ± `sd`, each as `readable_number`."""
    return f"{readable_number(mean)} ± {readable_number(sd)}"


def readable_value(value: Any) -> str:
    """A parameter's value or a cell of a table; "" for a missing one."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def readable_commit(run: Mapping[str, Any]) -> str:
    """First ten digits of a run's `git_commit`; says when files differed from it."""
    commit = run.get("git_commit")
    if not commit:
        return "not in a git repository"
    return commit[:10] + (" with uncommitted changes" if run.get("git_dirty") else "")


def counted(count: int, noun: str) -> str:
    """A number of things: "1 file", "1,234 files"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def inert(text: object) -> str:
    """Text of a file or an error as a page shows it: no HTML, link, role, mathematics or mark."""
    seen = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in str(text))
    return re.sub(r"([\\`<>$\[\]{}])", r"\\\1", seen)


def code(text: object) -> str:
    """Text between backticks, more of them than it has itself."""
    line = " ".join(str(text).split())
    longest = max(map(len, re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {line} {fence}" if longest else f"{fence}{line}{fence}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Markdown table; line breaks and `|` in cells are made harmless."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(value) for value in line) + " |" for line in lines)


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
