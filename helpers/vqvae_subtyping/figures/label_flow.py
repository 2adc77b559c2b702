"""Where the patients of each known subtype go: an alluvial diagram of two labellings."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from helpers.figures.columns import need_columns
from helpers.vqvae_subtyping.figures.group_colours import group_colours

BAR, GAP = 0.05, 0.045  # width of a bar, and space between bars, in shares of the axes


def plot_label_flow(
    flow: pd.DataFrame,
    ax: Axes | None = None,
    *,
    left: str = "PAM50",
    right: str = "cluster",
    title: str = "",
) -> Axes:
    """Bands from each source to each target, as wide as the patients in them.

    `flow`: columns source, target, n, as `label_flow` returns. Sources stand in the table's
    order from the top, targets in alphabetical order, each with its number of patients; bands have
    their source's colour.

    Raises:
        ValueError: a column is missing, or there is no patient.
    """
    need_columns(flow, {"source", "target", "n"})
    total = int(flow["n"].sum())
    if total == 0:
        raise ValueError("`flow` must hold patients; every n is 0. Check that both labels exist.")
    ax = ax or plt.subplots(figsize=(6.5, 5.2), layout="constrained")[1]
    starts, ends = (_bars(flow, side) for side in ("source", "target"))
    sources = group_colours(starts.index)
    _draw_bars(ax, starts, 0.0, sources, is_left=True)
    _draw_bars(ax, ends, 1 - BAR, group_colours(ends.index), is_left=False)
    _draw_bands(ax, flow, starts, ends, sources)
    ax.set_xlim(-0.32, 1.22)
    ax.set_ylim(-0.02, 1.08)
    ax.set_axis_off()
    heading = {"fontsize": 11, "fontweight": "bold", "va": "bottom"}
    ax.text(BAR, 1.02, left, ha="right", **heading)
    ax.text(1 - BAR, 1.02, right, ha="left", **heading)
    ax.set_title(f"{title or f'{left} → {right}'} (n = {total:,})", pad=12)
    return ax


def _bars(flow: pd.DataFrame, side: str) -> pd.DataFrame:
    """Index: group. Columns: n, height, top; heights and gaps fill 1."""
    n = flow.groupby(flow[side].astype(str), sort=side == "target")["n"].sum()
    height = n / n.sum() * (1 - GAP * (len(n) - 1))
    top = 1 - (height + GAP).cumsum().shift(fill_value=0)
    return pd.DataFrame({"n": n, "height": height, "top": top})


def _draw_bars(ax: Axes, bars: pd.DataFrame, x: float, colours: dict, *, is_left: bool) -> None:
    for name, bar in bars.iterrows():
        bottom = bar["top"] - bar["height"]
        ax.add_patch(Rectangle((x, bottom), BAR, bar["height"], color=colours[name], lw=0))
        place = x - 0.02 if is_left else x + BAR + 0.02
        text = f"{name or 'unknown'}  {int(bar['n']):,}"
        middle = bottom + bar["height"] / 2
        ax.text(place, middle, text, ha="right" if is_left else "left", va="center", fontsize=10)


def _draw_bands(
    ax: Axes, flow: pd.DataFrame, starts: pd.DataFrame, ends: pd.DataFrame, colours: dict
) -> None:
    """Bands leave a bar in the order of the targets and arrive in that of the sources."""
    wide = flow.assign(source=flow["source"].astype(str), target=flow["target"].astype(str))
    wide = wide.pivot_table("n", "source", "target", aggfunc="sum", fill_value=0)
    wide = wide.loc[starts.index, ends.index]
    scale_out, scale_in = starts["height"] / starts["n"], ends["height"] / ends["n"]
    y_out, y_in = starts["top"].to_dict(), ends["top"].to_dict()
    for source in wide.index:
        for target, n in wide.loc[source].items():
            if n == 0:
                continue
            out, into = n * scale_out[source], n * scale_in[target]
            path = _band(y_out[source], y_out[source] - out, y_in[target], y_in[target] - into)
            ax.add_patch(PathPatch(path, facecolor=colours[source], alpha=0.45, lw=0))
            y_out[source] -= out
            y_in[target] -= into


def _band(top: float, bottom: float, top_end: float, bottom_end: float) -> Path:
    """A band of two cubic curves between the bars."""
    a, b, middle = BAR, 1 - BAR, 0.5
    points = [
        (a, top), (middle, top), (middle, top_end), (b, top_end),
        (b, bottom_end), (middle, bottom_end), (middle, bottom), (a, bottom), (a, top),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    return Path(np.array(points), [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])
