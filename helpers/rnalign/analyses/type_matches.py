"""Which cancer types find their tumours, and whether what they find is the type that was told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.rnalign.analyses.every_method import SeedAlignment, told_types
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.line_match import match_lines, match_table

LEAK_KEYS = {
    "own type told, match with own": "own",
    "another type told, match with own": "permuted_true",
    "another type told, match with that": "permuted_told",
}


@dataclass(frozen=True)
class TypeMatches:
    """Matches of the first seed.

    by_type: share of lines matched, a row a method × cancer type, with interval and chance.
    called: lines of a type (row) by the type of their nearest tumours after RNAlign (column).
    """

    by_type: pd.DataFrame
    called: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """match_by_type and called."""
        return {"match_by_type": self.by_type, "called": self.called}

    @property
    def metrics(self) -> dict[str, float]:
        """None: the means are among those of every method."""
        return {}


def match_types(
    aligned: Mapping[str, np.ndarray],
    data: StandardisedSamples,
    methods: Sequence[str],
    n_neighbours: int,
) -> TypeMatches:
    """Matches of each type's lines under `methods`, and whom the others find under RNAlign."""
    matches = {
        method: match_lines(aligned[method], *data.facts.origins, n_neighbours, data.scored)
        for method in (*methods, "rnalign")
    }
    by_type = pd.concat(
        match_table(matches[method]).reset_index().assign(method=method) for method in methods
    )
    own = matches["rnalign"]
    return TypeMatches(by_type, pd.crosstab(own["cancer_type"], own["called"]))


@dataclass(frozen=True)
class LabelLeak:
    """Share of all lines that match, a value a question; a question with a key is a metric."""

    match: pd.Series
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """leak.match.own, .permuted_true and .permuted_told."""
        return {f"leak.match.{key}": self.match[asked] for asked, key in LEAK_KEYS.items()}


def label_leak(first: SeedAlignment, data: StandardisedSamples, n_neighbours: int) -> LabelLeak:
    """Do neighbours of a line have its own type, or the one the decoder was told?"""
    is_line, own = data.facts.origins
    told = told_types(data, first.seed)["permuted_type"]
    aligned = first.aligned

    def matched(method: str, types: np.ndarray, scored: Sequence[str] | None) -> float:
        return match_lines(aligned[method], is_line, types, n_neighbours, scored)["matched"].mean()

    shares = {
        "own type told, match with own": matched("rnalign", own, data.scored),
        "another type told, match with own": matched("permuted_type", own, data.scored),
        "another type told, match with that": matched("permuted_type", told, None),
    }
    if "rnalign_no_type" in aligned:
        shares["no type known, match with own"] = matched("rnalign_no_type", own, data.scored)
    shares["input"] = matched("input", own, data.scored)
    return LabelLeak(pd.Series(shares, name="match"))
