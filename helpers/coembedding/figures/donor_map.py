"""Where held-out donors lie in a space of both modalities: each twice, by RNA and by ATAC."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.coembedding.figures.embedding_benchmarks import MODEL_LABELS
from helpers.figures.palette import NEUTRAL, cancer_colours
from helpers.figures.sample_map import sample_map
from helpers.models.pca import fit_pca

SHOWN = ("adversarial", "contrastive", "shuffled")
MARKERS = {"RNA": "o", "ATAC": "^"}


def map_donors(trained: TrainedSeed, models: Sequence[str] = SHOWN) -> pd.DataFrame:
    """`sample_map` of the held-out donors, a row a donor × modality, all RNA first.

    A space a model: two principal components of its latents of both modalities together.
    """
    split = trained.split
    spaces = {}
    for name in models:
        model = trained.models[name]
        z = np.concatenate([model.embed_rna(split.test_rna), model.embed_atac(split.test_atac)])
        spaces[name] = fit_pca(z, 2, trained.seed).transform(z)
    twice = pd.concat([split.test_obs, split.test_obs])
    known = {
        "cancer type": twice["cancer_type"].astype(str),
        "modality": np.repeat(list(MARKERS), len(split.test_obs)),
    }
    return sample_map(twice.drop(columns="cancer_type"), spaces, known)


def plot_donor_map(donors: pd.DataFrame) -> Figure:
    """A panel a space of `map_donors`: colour is the cancer type, a line joins a donor's two."""
    spaces = [name[:-2] for name in donors if name.endswith(" 1")]
    colours = cancer_colours(donors["cancer type"])
    size = (4 * len(spaces), 5)
    figure, axes = plt.subplots(1, len(spaces), figsize=size, layout="constrained", squeeze=False)
    for ax, space in zip(axes[0], spaces, strict=True):
        x, y = (donors[f"{space} {axis}"].to_numpy() for axis in (1, 2))
        ax.plot(x.reshape(2, -1), y.reshape(2, -1), color=NEUTRAL, linewidth=0.5, zorder=0)
        for modality, marker in MARKERS.items():
            rows = (donors["modality"] == modality).to_numpy()
            colour = donors.loc[rows, "cancer type"].map(colours)
            ax.scatter(x[rows], y[rows], s=22, c=colour, marker=marker, linewidths=0, alpha=0.85)
        ax.set(xticks=[], yticks=[], xlabel="PC 1", ylabel="PC 2")
        ax.set_title(MODEL_LABELS.get(space, space))
    figure.legend(handles=_keys(colours), loc="outside lower center", ncols=8, frameon=False)
    return figure


def _keys(colours: dict[str, str]) -> list[Line2D]:
    look = {"linestyle": "none", "markersize": 6}
    kinds = [Line2D([], [], marker=m, color="#444444", label=k, **look) for k, m in MARKERS.items()]
    types = [Line2D([], [], marker="s", color=c, label=t, **look) for t, c in colours.items()]
    return kinds + types
