"""What stands behind a scatter of samples: where each lies, and what is known of it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

FACTS = {
    "cancer_type": "cancer type",
    "subtype": "subtype",
    "true_subtype": "true subtype",
    "sample_type": "kind",
    "line_name": "line",
    "disease": "disease",
    "purity": "purity",
    "stage": "stage",
    "age": "age",
    "sex": "sex",
    "batch": "batch",
    "microrna_batch": "machine",
    "os_time": "days followed",
    "os_event": "died",
}
"""Column of a cohort's obs → the word for it on a map, in the order in which they are shown."""


def sample_map(
    obs: pd.DataFrame,
    spaces: Mapping[str, ArrayLike],
    more: Mapping[str, ArrayLike] | None = None,
) -> pd.DataFrame:
    """A row a sample: its name, two coordinates a space, and what `obs` knows of it.

    `spaces`: name → samples × 2, columns "<name> 1" and "<name> 2" to four digits, which is more
    than a screen shows. `more`: further columns, which come first, name → a value a sample. Columns
    of `FACTS` that hold nothing, or the same for every sample, are left out.

    Raises:
        ValueError: a space or a column has another number of samples than `obs`.
    """
    table = {"sample": obs.index.astype(str)}
    for name, xy in spaces.items():
        points = np.asarray(xy, float)
        if points.shape != (len(obs), 2):
            raise ValueError(
                f"each space must be samples × 2, a row for each of the {len(obs)} samples of "
                f"`obs`; {name!r} has shape {points.shape}. Pass the rows that `obs` has."
            )
        table |= {f"{name} {axis + 1}": _four_digits(points[:, axis]) for axis in (0, 1)}
    for name, values in (more or {}).items():
        if len(values) != len(obs):
            raise ValueError(
                f"`more` must have a value for each of the {len(obs)} samples of `obs`; {name!r} "
                f"has {len(values)}. Pass the rows that `obs` has."
            )
        table[name] = np.asarray(values)
    return pd.DataFrame(table).join(_facts(obs))


def _facts(obs: pd.DataFrame) -> pd.DataFrame:
    """What `obs` knows, under the words of `FACTS`, without what tells no sample from another."""
    facts = pd.DataFrame(index=range(len(obs)))
    for column, word in FACTS.items():
        if column not in obs:
            continue
        values = pd.Series(np.asarray(obs[column]))
        values = values.where(values.notna() & (values.astype(str) != ""))
        if column == "os_event":
            values = values.map({1: "yes", 0: "no"})
        if len(values.drop_duplicates()) > 1:
            facts[word] = values
    return facts


def _four_digits(values: np.ndarray) -> np.ndarray:
    return np.array([float(f"{value:.4g}") for value in values])
