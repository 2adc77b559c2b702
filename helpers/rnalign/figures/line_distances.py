"""How near cell lines are to groups of tumours, beside lines of other types."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.columns import need_columns
from helpers.figures.palette import ACCENT, NEUTRAL, legend_below

_SPREAD = 0.28  # of the points of a row, up and down


def plot_line_distances(
    lines: pd.DataFrame,
    n_tumours: Mapping[str, int],
    ax: Axes | None = None,
    *,
    groups: Sequence[str] | None = None,
) -> Axes:
    """A row a group of tumours, a point a line: those of its types in blue, others in grey.

    `lines`: of a `LineRanking`, with the columns tumours, line, distance, rank, is_own_type. The
    nearest line is named. `n_tumours`: group → tumours. `groups`: rows from the top; None takes
    all.

    Raises:
        ValueError: a column is missing.
    """
    need_columns(lines, {"tumours", "line", "distance", "rank", "is_own_type"})
    shown = list(groups or dict.fromkeys(lines["tumours"]))
    ax = ax or plt.subplots(figsize=(7, 1.4 + 0.62 * len(shown)), layout="constrained")[1]
    rng = np.random.default_rng(0)
    for row, group in enumerate(shown):
        part = lines[lines["tumours"] == group]
        height = row + rng.uniform(-_SPREAD, _SPREAD, len(part))
        for is_own, colour, size in ((False, NEUTRAL, 10), (True, ACCENT, 16)):
            of_kind = (part["is_own_type"] == is_own).to_numpy()
            distance = part["distance"].to_numpy()[of_kind]
            ax.scatter(distance, height[of_kind], size, colour, alpha=0.6, lw=0)
        _name_nearest(ax, part, row, height)
    for label, colour in (("of the tumours' types", ACCENT), ("of other types", NEUTRAL)):
        ax.scatter([], [], 24, colour, label=f"lines {label}")
    ax.set_yticks(range(len(shown)), [f"{name} ({n_tumours[name]})" for name in shown])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlabel("mean distance to the tumours, 1 − correlation\n← nearer")
    ax.set_title("Cell lines by their distance to tumours")
    legend_below(ax, 2, gap=0.75)
    return ax


def _name_nearest(ax: Axes, part: pd.DataFrame, row: int, height: np.ndarray) -> None:
    first = int(part["rank"].to_numpy().argmin())
    nearest = part.iloc[first]
    name = nearest.get("line_name") or nearest["line"]
    place = nearest["distance"], height[first]
    ax.annotate(
        name, place, (nearest["distance"], row - 0.42), fontsize=9, ha="left", va="center",
        arrowprops={"arrowstyle": "-", "lw": 0.6, "color": NEUTRAL},
    )  # fmt: skip
