"""How the cancer types lie in a space: one row of scores a space, one row a type."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.results import table_metrics
from helpers.pancan_vae.folds import TrainedFold
from helpers.pancan_vae.latent_space.neighbourhoods import (
    class_knn_purity,
    class_silhouettes,
    knn_purity,
    nearest_class,
    one_vs_rest_silhouette,
)
from helpers.pancan_vae.paper_model import AS_THE_PAPER_HAS_IT, PAPER


def space_scores(
    space: ArrayLike, labels: ArrayLike, apart: str | None = None, k: int = 15
) -> dict[str, float]:
    """How well a space keeps classes together; every score is higher where it does better.

    knn_purity: balanced over classes, in [0, 1], over the `k` nearest others (a quarter of the
    samples where there are fewer than 4 k). silhouette: mean of the classes, in [−1, 1].
    silhouette_apart: class `apart` against all others as one, left out where it has no 2 samples.
    """
    names = pd.Series(labels).astype(str).to_numpy()
    scores = {
        "knn_purity": knn_purity(space, names, _at_most(k, names))["balanced_purity"],
        "silhouette": class_silhouettes(space, names)["silhouette"].mean(),
    }
    is_apart = names == apart
    if 1 < is_apart.sum() < len(names):
        scores["silhouette_apart"] = one_vs_rest_silhouette(space, is_apart)
    return scores


def type_geometry(space: ArrayLike, labels: ArrayLike, k: int = 15) -> pd.DataFrame:
    """Each class: n, purity among `k` neighbours and its chance, silhouette, nearest class."""
    names = pd.Series(labels).astype(str).to_numpy()
    table = class_knn_purity(space, names, _at_most(k, names))
    table = table.join(class_silhouettes(space, names)["silhouette"])
    return table.join(nearest_class(space, names)["nearest"])


def mutually_nearest(geometry: pd.DataFrame, a: str, b: str) -> bool:
    """Whether classes `a` and `b` of `type_geometry` are each other's nearest.

    Raises:
        KeyError: the table lacks one of them.
    """
    return bool(geometry.loc[a, "nearest"] == b and geometry.loc[b, "nearest"] == a)


def _at_most(k: int, names: ArrayLike) -> int:
    return min(k, len(names) // 4)


@dataclass(frozen=True)
class Geometry:
    """How cancer types lie in the latent space, in what is decoded from it, and in PCA.

    spaces: one row a space ("vae", "vae_decoded", "paper" where it was trained, "pca") × seed, the
    scores of `space_scores` on held-out patients.
    types: one row a cancer type × seed, `type_geometry` of the latent space.
    """

    spaces: pd.DataFrame
    types: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`geometry`: the cancer types."""
        return {"geometry": self.types.reset_index()}

    @property
    def metrics(self) -> dict[str, float]:
        """`latent.<score>.<space>`, mean and SD over seeds."""
        return table_metrics(self.spaces, "latent", list(self.spaces)[2:], "space")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, one row a space, the paper's by what it is."""
        spaces = self.spaces.drop(columns="seed").replace({"space": {PAPER: AS_THE_PAPER_HAS_IT}})
        return spaces.groupby("space", sort=False).agg(["mean", "std"])

    @property
    def first_types(self) -> pd.DataFrame:
        """The cancer types of the first seed."""
        is_first = self.types["seed"] == self.types["seed"].iloc[0]
        return self.types[is_first].drop(columns="seed")

    def score(self, space: str, name: str) -> list[float]:
        """One score of a space, a value a seed; [] where it was not measured."""
        rows = self.spaces[self.spaces["space"] == space]
        return rows[name].dropna().tolist() if name in rows else []

    def mutually_nearest(self, a: str, b: str) -> list[float]:
        """A value a seed: 1 where two types are each other's nearest, else 0."""
        return [float(mutually_nearest(table, a, b)) for _, table in self.types.groupby("seed")]


def measure_geometry(runs: Sequence[TrainedFold], apart: str) -> Geometry:
    """Scores of the spaces, and of the cancer types, on each fold's held-out patients.

    `apart`: the type that is set against all others as one, see `space_scores`.
    """
    spaces, types = [], []
    for run in runs:
        z, labels = run.z["test"], run.fold.types["test"]
        others = {name: space["test"] for name, space in run.spaces.items() if name != "vae"}
        by_space = {"vae": z, "vae_decoded": run.decode(z), **others}
        for name, space in by_space.items():
            scores = space_scores(space, labels, apart)
            spaces.append({"space": name, "seed": run.seed, **scores})
        types.append(type_geometry(z, labels).assign(seed=run.seed))
    return Geometry(pd.DataFrame(spaces), pd.concat(types))
