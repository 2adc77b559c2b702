"""The paper's figure 1: a variational autoencoder as layers, with this run's numbers."""

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from helpers.figures.palette import ACCENT, CONTRAST, NEUTRAL
from helpers.pancan_vae.argument_groups import Recipe

HALF_WIDTH = 0.36


def draw_model(recipe: Recipe, n_features: int, ax: Axes | None = None) -> Axes:
    """Boxes from a tumour's features over the latent distribution back to features, left to right.

    Heights go with the number of units, on no scale; a linear path is drawn dashed.
    """
    ax = ax or plt.subplots(figsize=(8, 2.9), layout="constrained")[1]
    dense = [f"{width:,}\nReLU" for width in recipe.n_hidden]
    latent = ["mean,\nlog variance", f"z\n{recipe.n_latent:,}"]
    labels = [f"x\n{n_features:,}", *dense, *latent, *dense[::-1], f"x̂\n{n_features:,}"]
    mean, last = 1 + len(dense), 2 + 2 * len(dense) + 1
    for place, label in enumerate(labels):
        _box(ax, place, label, last, CONTRAST if place in (mean, mean + 1) else ACCENT)
    for name, start, end in (("encoder", 0, mean), ("decoder", mean + 1, last)):
        ax.text((start + end) / 2, -0.72, name, ha="center", fontsize=10)
        if recipe.linear_skip:
            _linear_path(ax, start, end)
    ax.set_xlim(-0.6, last + 0.6)
    ax.set_ylim(-0.85, 1.05)
    ax.axis("off")
    ax.set_title("From a tumour's features to z and back (numbers of units)")
    return ax


def _box(ax: Axes, place: int, label: str, last: int, colour: str) -> None:
    """A layer at `place`, lower the nearer it is to z, and the arrow that leads to it."""
    height = 1.0 - 0.62 * min(place, last - place) / (last / 2)
    corner = place - HALF_WIDTH, -height / 2
    ax.add_patch(Rectangle(corner, 2 * HALF_WIDTH, height, fc="white", ec=colour, lw=1.6))
    ax.text(place, 0, label, ha="center", va="center", fontsize=8)
    if place:
        ends = (place - HALF_WIDTH, 0), (place - 1 + HALF_WIDTH, 0)
        ax.annotate("", *ends, arrowprops={"arrowstyle": "->", "color": NEUTRAL})


def _linear_path(ax: Axes, start: int, end: int) -> None:
    look = {"arrowstyle": "->", "color": NEUTRAL, "ls": "--", "connectionstyle": "arc3,rad=-0.3"}
    ax.annotate("", (end, 0.52), (start, 0.52), arrowprops=look)
    ax.text((start + end) / 2, 0.9, "linear", ha="center", fontsize=9, color=NEUTRAL)
