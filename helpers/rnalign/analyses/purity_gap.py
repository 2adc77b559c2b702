"""Is the gap between tumours and lines only purity? The purest third of each type's tumours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.delta_d import delta_d
from helpers.rnalign.metrics.purest_tumours import is_purest


@dataclass(frozen=True)
class PurityGap:
    """Relative ΔD, median over types: a row a group of tumours, a column a method."""

    summary: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """purity.<group>.<method>, where it is defined."""
        return {
            f"purity.{group.replace(' ', '_')}.{method}": value
            for method, gaps in self.summary.items()
            for group, value in gaps.dropna().items()
        }


def purity_gap(
    aligned: Mapping[str, np.ndarray], data: StandardisedSamples, methods: Sequence[str]
) -> PurityGap:
    """Relative ΔD among all tumours and among the purest third of each type's, with all lines."""
    everyone = np.ones(len(data.x), dtype=bool)
    groups = {
        "all tumours": everyone,
        "purest third": is_purest(data.facts.purity, *data.facts.origins),
    }
    gaps = {
        method: {
            group: delta_d(aligned[method][rows], *data.facts.at(rows).origins, data.scored)[
                "relative"
            ].median()
            for group, rows in groups.items()
        }
        for method in methods
        if method in aligned  # a linear projection needs purities that differ
    }
    return PurityGap(pd.DataFrame(gaps))
