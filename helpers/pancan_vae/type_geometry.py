"""How the cancer types lie in a space: one row of scores a space, one row a type."""

import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.representation import (
    class_knn_purity,
    class_silhouettes,
    knn_purity,
    nearest_class,
    one_vs_rest_silhouette,
)


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
