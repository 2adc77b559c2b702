"""Held-out concordance of survival per cancer type, with clinical and shuffled rivals."""

from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL, legend_below

COLOURS = {"latent": ACCENT, "clinical": CONTRAST, "both": "#6a2fa0", "shuffled": "#9a9a9a"}
MARKERS = {"latent": "o", "clinical": "s", "both": "D", "shuffled": "x"}


def plot_concordance(
    concordance: pd.DataFrame,
    ax: Axes | None = None,
    *,
    title: str = "Survival of held-out patients",
) -> Axes:
    """C-index per cancer type, in [0, 1], a mark per variant, ± SD where there are several seeds.

    `concordance`: columns cancer_type, variant, c_index, n_test, n_events; rows without a c_index
    are left out. Types are ordered by the latent's mean.

    Raises:
        ValueError: no row has a c_index.
    """
    scored = concordance.dropna(subset=["c_index"])
    if scored.empty:
        raise ValueError("No row has a c_index; say why in the text instead of plotting.")
    mean, sd = _by_variant(scored, "mean"), _by_variant(scored, _sd)
    variants = [name for name in COLOURS if name in mean]
    mean = mean.sort_values(variants[0], ascending=False, kind="stable")
    ax = ax or plt.subplots(figsize=(7, 1.8 + 0.42 * len(mean)), layout="constrained")[1]
    for number, name in enumerate(variants):
        y = np.arange(len(mean)) + 0.16 * (number - (len(variants) - 1) / 2)
        look = {"fmt": MARKERS[name], "color": COLOURS[name], "label": name}
        ax.errorbar(mean[name], y, xerr=sd[name].reindex(mean.index), ms=6, lw=1.3, **look)
    ax.axvline(0.5, color=NEUTRAL, ls="--", lw=1, label="chance")
    counts = scored.groupby("cancer_type")[["n_test", "n_events"]].mean().round().astype(int)
    n = counts.loc[mean.index, ["n_events", "n_test"]].itertuples(name=None)
    ax.set_yticks(range(len(mean)), [f"{name}  ({died}/{total})" for name, died, total in n])
    ax.set_ylim(len(mean) - 0.5, -0.5)
    ax.set_ylabel("cancer type (deaths / patients held out)")
    ax.set_xlabel("concordance (Harrell's C)")
    n_seeds = int(scored.value_counts(["cancer_type", "variant"]).max())
    spread = f"{n_seeds} seeds, mean ± SD" if n_seeds > 1 else "1 seed"
    ax.set_title(f"{title} ({spread})")
    ax.grid(axis="x", color="#e4e4e4", lw=0.8)
    legend_below(ax, 5)
    return ax


def _by_variant(
    scored: pd.DataFrame, statistic: str | Callable[[pd.Series], float]
) -> pd.DataFrame:
    return scored.pivot_table(
        index="cancer_type", columns="variant", values="c_index", aggfunc=statistic
    ).astype(float)


def _sd(values: pd.Series) -> float:
    return values.std(ddof=1) if len(values) > 1 else 0.0
