"""Real or simulated: which kind of data the book is made from, and saying so loudly."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable

from helpers.book.contents import Entry
from helpers.runs.plans import is_cohort

REQUESTS = ("auto", "real", "demo")

DEMO_BANNER = (
    "<strong>Demonstration data.</strong> Every number and figure in this copy of the book comes "
    "from simulated tumours, not from patients."
)
QUICK_BANNER = (
    "<strong>Quick build.</strong> The models were trained for seconds to test the book: "
    "the numbers mean nothing."
)


class RealDataUnreachable(RuntimeError):
    """The book was asked for with real cohorts, and their files cannot be had."""


def choose_dataset(
    requested: str,
    entries: Iterable[Entry],
    is_available: Callable[[str], bool] | None = None,
) -> tuple[str, list[str]]:
    """("real" or "demo", source groups that could not be reached).

    "auto" is real when every source group of every entry can be had (cache, mirror or network)
    and demo otherwise; "demo" asks for nothing.

    Raises: ValueError for another request; RealDataUnreachable for "real" without data.
    """
    if requested not in REQUESTS:
        raise ValueError(f"dataset must be one of {', '.join(REQUESTS)}; got {requested!r}.")
    if requested == "demo":
        return "demo", []
    missing = unreachable_groups(entries, is_available)
    if missing and requested == "real":
        raise RealDataUnreachable(
            f"The real cohorts need the source groups {', '.join(missing)}, and neither the cache, "
            "the mirror nor the network has them. Connect to the network and run `make fetch`, or "
            "set HELPERS_DATA_MIRROR to a folder or address that holds the files, or build with "
            "simulated data: `make book DATASET=demo`."
        )
    return ("demo" if missing else "real"), missing


def unreachable_groups(
    entries: Iterable[Entry], is_available: Callable[[str], bool] | None = None
) -> list[str]:
    """Names of the source groups that the real runs of `entries` need and that cannot be had."""
    if is_available is None:
        from helpers.cohorts.sources import is_available
    needed = {group for entry in entries for group in needed_groups(entry)}
    return sorted(group for group in needed if not is_available(group))


def needed_groups(entry: Entry) -> set[str]:
    """Source groups that the real run of `entry` reads: its cohorts', and those to interpret it."""
    from helpers.cohorts.registry import COHORTS

    names = [value for name, value in entry.real.items() if is_cohort(name)]
    specs = [COHORTS[name] for name in names if name in COHORTS]
    return {group for spec in specs for group in (*spec.groups, *spec.enrichment_groups)}


def announcement(dataset: str, quick: bool) -> str:
    """HTML of the banner at the top of every page; empty for a full book of real cohorts."""
    banners = ([DEMO_BANNER] if dataset == "demo" else []) + ([QUICK_BANNER] if quick else [])
    return " ".join(banners)


def demo_notice(missing: list[str]) -> str:
    """Boxed text for the terminal: the book shows simulated data, why, and how to change it."""
    reason = (
        f"The real cohorts could not be reached (source groups: {', '.join(missing)})."
        if missing
        else "Demonstration data was asked for (DATASET=demo)."
    )
    return boxed(
        "DEMONSTRATION DATA, NOT PATIENTS",
        f"{reason} Every number and figure of this book comes from simulated tumours, "
        "and every page says so.",
        "For the real cohorts: connect to the network or set HELPERS_DATA_MIRROR, then run "
        "`make book DATASET=real`.",
    )


def boxed(title: str, *paragraphs: str, width: int = 76) -> str:
    """`title` and `paragraphs` wrapped in a frame of `width` + 4 characters."""
    lines = [title.center(width)]
    for paragraph in paragraphs:
        lines += ["", *textwrap.wrap(paragraph, width)]
    edge = "#" * (width + 4)
    return "\n".join([edge, *(f"# {line:<{width}} #" for line in lines), edge])
