"""Which runs the book shows, read from `book/runs.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path

DATASETS = ("real", "demo")


@dataclass(frozen=True)
class Entry:
    """One page of the book: a notebook, the parameters it runs with and its document name.

    `suffix` is added to the title; the first page of a notebook has none. `demo_suffix` takes
    its place in a book made from simulated data.
    `real` and `demo` are the notebook parameters for either kind of data; `minutes` is about how
    long the run takes on one core with either, where no earlier run tells.
    """

    notebook: str
    page: str
    real: dict
    demo: dict
    suffix: str = ""
    demo_suffix: str = ""
    minutes: dict = field(default_factory=dict)

    def parameters(self, dataset: str, quick: bool = False) -> dict:
        """Notebook parameters for `dataset` ("real" or "demo"); `quick` asks for a short run."""
        if dataset not in DATASETS:
            raise ValueError(f"dataset must be one of {', '.join(DATASETS)}; got {dataset!r}.")
        return {**getattr(self, dataset), **({"quick": True} if quick else {})}

    def titled_for(self, dataset: str) -> Entry:
        """Copy with the suffix that the title has in a book made from `dataset`."""
        is_demo = dataset == "demo" and self.demo_suffix
        return replace(self, suffix=self.demo_suffix) if is_demo else self


@dataclass(frozen=True)
class Contents:
    """Every page made from a run, in the order of the runs."""

    entries: tuple[Entry, ...]


def load_contents(path: Path) -> Contents:
    """Read `book/runs.toml`.

    Raises: ValueError when a run lacks a key, has an unknown one, when two runs share a page, or
    when two pages of one notebook would have the same title.
    """
    content = tomllib.loads(Path(path).read_text(encoding="utf8"))
    entries = tuple(_entry(given, path) for given in content.get("run", []))
    _check_unique([entry.page for entry in entries], "page", path)
    _check_unique([entry.notebook + entry.suffix for entry in entries], "notebook and suffix", path)
    return Contents(entries)


def _entry(given: dict, path: Path) -> Entry:
    fields = set(Entry.__dataclass_fields__)
    required = {"notebook", "page", "real", "demo"}
    if wrong := sorted((required - given.keys()) | (given.keys() - fields)):
        raise ValueError(
            f"{path}: a [[run]] has the keys {', '.join(sorted(required))} and may have "
            f"{', '.join(sorted(fields - required))}; missing or unknown here: {', '.join(wrong)}."
        )
    return Entry(**given)


def _check_unique(values: list[str], what: str, path: Path) -> None:
    repeated = sorted({value for value in values if values.count(value) > 1})
    if repeated:
        raise ValueError(f"{path}: each run needs its own {what}; repeated: {', '.join(repeated)}.")
