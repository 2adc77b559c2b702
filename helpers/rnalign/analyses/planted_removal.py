"""On simulated cohorts: was the planted difference removed?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData

from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.planted import effect_removal

NOT_PROFILES = ("z_", "constant", "permuted")  # methods that write no profile of their own


@dataclass(frozen=True)
class PlantedRemoval:
    """See `effect_removal`; a row a method."""

    removal: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table removal."""
        return {"removal": self.removal}

    @property
    def metrics(self) -> dict[str, float]:
        """truth.shift_r.<method> and truth.r2.<method>."""
        columns = {"shift_r": "mean_shift_r", "r2": "r2"}
        return {
            f"truth.{key}.{method}": row[column]
            for method, row in self.removal.iterrows()
            for key, column in columns.items()
        }


def planted_profiles(samples: AnnData, data: StandardisedSamples) -> tuple[np.ndarray, np.ndarray]:
    """Noise-free profiles as they are and at purity 1 in culture, on the scale of `data`.

    Simulated `samples` hold them in layers["expected"] and layers["aligned"].
    """
    as_is, target = (
        data.scaling.transform(AnnData(samples.layers[layer], samples.obs, samples.var))
        for layer in ("expected", "aligned")
    )
    return as_is, target


def planted_removal(
    samples: AnnData, aligned: Mapping[str, np.ndarray], data: StandardisedSamples
) -> PlantedRemoval:
    """What each method did against what the simulation planted."""
    as_is, target = planted_profiles(samples, data)
    rows = {
        method: effect_removal(data.x, x, as_is, target, data.facts.is_line)
        for method, x in aligned.items()
        if not method.startswith(NOT_PROFILES)
    }
    return PlantedRemoval(pd.DataFrame(rows).T)
