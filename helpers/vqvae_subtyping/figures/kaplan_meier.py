"""Kaplan–Meier curves of groups of patients, with the numbers at risk below."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.figures.palette import EXTRA_COLOURS, legend_below

DAYS = 365.25  # a year
MAX_TICKS = 8


def plot_kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    labels: ArrayLike,
    ax: Axes | None = None,
    risk_ax: Axes | None = None,
    *,
    p: float | None = None,
    colours: Mapping[str, str] | None = None,
    title: str = "Overall survival",
) -> Axes:
    """Share surviving against years, a step curve per label; ticks are censored patients.

    Below, in `risk_ax`, how many are still followed at each year shown. The axis ends where 5 % of
    the patients are left.

    Args:
        time: days, a value a patient.
        event: 1 died, 0 censored.
        labels: a group of each patient.
        ax: for the curves; with none, both axes are made.
        risk_ax: for the numbers at risk.
        p: of the log-rank test, computed elsewhere; written in the title.
        colours: group → colour.
        title: before the numbers of patients and deaths.

    Raises:
        ValueError: unequal lengths, no patient, or a time that is not above 0.
    """
    years, died, groups = _checked(time, event, labels)
    if ax is None:
        ax, risk_ax = _axes(len(np.unique(groups)))
    end = float(np.quantile(years, 0.95))
    names = sorted(np.unique(groups), key=str)
    colours = colours or {name: EXTRA_COLOURS[i % 16] for i, name in enumerate(names)}
    for name in names:
        rows = groups == name
        at, survival = kaplan_meier_steps(years[rows], died[rows])
        n = f"{name}  {int(died[rows].sum())}/{rows.sum()}"
        ax.step(at, survival, where="post", color=colours[name], lw=1.8, label=n)
        gone = years[rows & ~died]
        height = survival[np.searchsorted(at, gone, side="right") - 1]
        ax.plot(gone, height, "|", color=colours[name], ms=5, mew=0.7, alpha=0.7)
    ax.set(xlim=(0, end), ylim=(0, 1.02), ylabel="share surviving")
    shown = "" if p is None else f"\nlog-rank p = {p:.2g}"
    ax.set_title(f"{title} (n = {len(years):,}, {int(died.sum()):,} deaths){shown}")
    ticks = _ticks(end)
    ax.set_xticks(ticks)
    if risk_ax is None:
        ax.set_xlabel("years")
        legend_below(ax, min(3, len(names)))
    else:
        ax.legend(title="deaths/patients", loc="lower left", fontsize=9, title_fontsize=9)
        _risk_table(risk_ax, years, groups, ticks, end)
    return ax


def plot_kaplan_meier_by(
    time: ArrayLike,
    event: ArrayLike,
    groupings: Mapping[str, ArrayLike],
    axes: np.ndarray | None = None,
    *,
    p: Mapping[str, float] | None = None,
    colours: Mapping[str, str] | None = None,
) -> np.ndarray:
    """Several groupings of the same patients side by side, numbers at risk below each.

    `groupings`: title → a label per patient; `p`: title → p. `axes`: 2 × groupings, risk tables in
    the second row. `time`, `event` and `colours` as in `plot_kaplan_meier`.

    Raises:
        ValueError: as `plot_kaplan_meier`, or axes of another shape.
    """
    n = len(groupings)
    if axes is None:
        options = {"layout": "constrained", "height_ratios": [3, 1], "squeeze": False}
        axes = plt.subplots(2, n, figsize=(6 * n, 7), **options)[1]
    if np.shape(axes) != (2, n):
        raise ValueError(f"`axes` must be 2 × {n} for {n} groupings; got shape {np.shape(axes)}.")
    for (title, labels), (ax, risk_ax) in zip(groupings.items(), np.transpose(axes), strict=True):
        options = {"p": (p or {}).get(title), "colours": colours, "title": title}
        plot_kaplan_meier(time, event, labels, ax, risk_ax, **options)
    return axes


def kaplan_meier_steps(time: np.ndarray, died: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times, 0 first, and the share surviving from each on: ∏ (1 − deaths / at risk)."""
    at = np.unique(time)
    at_risk = len(time) - np.searchsorted(np.sort(time), at)
    deaths = np.bincount(np.searchsorted(at, time[died]), minlength=len(at))
    return np.append(0, at), np.append(1, np.cumprod(1 - deaths / at_risk))


def _checked(time: ArrayLike, event: ArrayLike, labels: ArrayLike) -> tuple[np.ndarray, ...]:
    years, died = np.asarray(time, float) / DAYS, np.asarray(event).astype(bool)
    groups = np.asarray(labels)
    if not len(years) == len(died) == len(groups) or not len(years) or not (years > 0).all():
        raise ValueError(
            "`time` (days, above 0), `event` and `labels` must have one value per patient; got "
            f"{len(years)}, {len(died)} and {len(groups)}, shortest time "
            f"{DAYS * years.min() if len(years) else float('nan'):g}."
        )
    return years, died, groups


def _axes(n_groups: int) -> tuple[Axes, Axes]:
    height = 0.24 * n_groups + 0.5
    _, (ax, risk_ax) = plt.subplots(
        2,
        figsize=(7, 4.4 + height),
        height_ratios=[4.4, height],
        sharex=True,
        layout="constrained",
    )
    return ax, risk_ax


def _ticks(end: float) -> np.ndarray:
    step = next(s for s in (0.5, 1, 2, 3, 5, 10, 20, 50, 100) if end / s <= MAX_TICKS or s == 100)
    return np.arange(0, end + 1e-9, step)


def _risk_table(
    ax: Axes,
    years: np.ndarray,
    groups: np.ndarray,
    ticks: np.ndarray,
    end: float,
) -> None:
    names = sorted(np.unique(groups), key=str)
    for row, name in enumerate(names):
        for tick in ticks:
            n = (years[groups == name] >= tick).sum()
            side = "left" if tick == 0 else "center"
            ax.text(tick, row, f"{n:,}", ha=side, va="center", fontsize=9)
    ax.set_yticks(range(len(names)), [str(name) for name in names], fontsize=9)
    ax.set(xlim=(0, end), ylim=(len(names) - 0.4, -0.6), xlabel="years")
    ax.set_xticks(ticks)
    ax.set_title("patients at risk", fontsize=10)
    ax.tick_params(axis="y", length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
