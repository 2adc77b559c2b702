"""How well one group of latents tells a known subtype by itself, beside groups at random."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import rankdata
from sklearn.model_selection import StratifiedKFold

from helpers.evaluate.arrays import as_labels, as_matrix
from helpers.vqvae_subtyping.latents.held_out_scores import held_out_scores
from helpers.vqvae_subtyping.latents.latent_groups import random_groups

STRENGTH = 0.1  # of the likelihood beside the ridge


def subtype_auc(
    spaces: Mapping[object, ArrayLike],
    subtype: ArrayLike,
    *,
    n_folds: int = 5,
    min_patients: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """Area under the ROC curve of each subtype against the rest, in [0, 1], .5 by chance.

    Logistic regression in `n_folds` folds; every patient is scored by the fold that held him or
    her out. The latents themselves may have been trained on all patients, never on a subtype.
    `spaces`: name → patients × latents. `subtype`: "" where it is not known; those patients are
    left out, and so are subtypes of fewer than `min_patients`.

    Columns: space, n_latents, subtype, n, auc; no row with fewer than two subtypes.

    Raises:
        ValueError: another number of subtypes than patients, or NaN.
    """
    names = np.asarray(subtype).astype(str)
    known = names != ""
    counts = pd.Series(names[known]).value_counts()
    common = sorted(counts.index[counts >= max(min_patients, n_folds)])
    is_member = np.array([names[known] == name for name in common])
    split = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    folds = [[rows for _, rows in split.split(member, member)] for member in is_member]
    rows = []
    for space, latents in spaces.items():
        z = as_matrix(latents, f"spaces[{space!r}]")
        as_labels(subtype, "subtype", len(z))
        if len(counts) < 2 or not common:
            continue
        scores = held_out_scores(z[known], is_member, folds, STRENGTH)
        for name, auc in zip(common, roc_auc(scores, is_member), strict=True):
            rows.append((space, z.shape[1], name, int(counts[name]), float(auc)))
    return pd.DataFrame(rows, columns=["space", "n_latents", "subtype", "n", "auc"])


def roc_auc(scores: np.ndarray, is_member: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of every row, in [0, 1]: members' mean rank, put between the ends.

    `scores` and `is_member`: labels × samples, with members and others in every row.
    """
    n_in = is_member.sum(axis=1)
    total = (rankdata(scores, axis=1) * is_member).sum(axis=1)
    return (total - n_in * (n_in + 1) / 2) / (n_in * (is_member.shape[1] - n_in))


def group_spaces(latents: ArrayLike, group: ArrayLike) -> dict[str, np.ndarray]:
    """The latents of each group, "group 1" and on: name → patients × its latents, side by side.

    `latents`: patients × latents, or patients × latents × dimensions of a code. `group`: of each
    latent; 0 is in none.

    Raises:
        ValueError: another number of groups than latents.
    """
    z = np.asarray(latents)
    of_latent = as_labels(group, "group")
    if z.ndim < 2 or z.shape[1] != len(of_latent):
        raise ValueError(
            f"`group` must have one value per latent: `latents` has shape {z.shape}, `group` has "
            f"{len(of_latent)} values. Pass patients × latents."
        )
    names = np.unique(of_latent[of_latent > 0])
    return {f"group {name}": z[:, of_latent == name].reshape(len(z), -1) for name in names}


def random_group_auc(
    latents: ArrayLike,
    group: ArrayLike,
    subtype: ArrayLike,
    *,
    n_draws: int = 10,
    seed: int = 0,
) -> pd.DataFrame:
    """`subtype_auc` of the best of random groups of the same sizes, draws × subtypes.

    Taking the best group for each subtype favours any set of groups; here it favours the random
    ones as it does the real. `latents` and `group` as in `group_spaces`, the folds as in
    `subtype_auc`.

    Raises:
        ValueError: as `group_spaces`, `random_groups` and `subtype_auc`.
    """
    best = [
        best_auc(subtype_auc(group_spaces(latents, drawn), subtype, seed=seed))
        for drawn in random_groups(group, n_draws, seed)
    ]
    return pd.DataFrame(best, index=pd.RangeIndex(n_draws, name="draw"))


def best_auc(auc: pd.DataFrame) -> pd.Series:
    """The largest AUC of each subtype over the spaces of `subtype_auc`."""
    return auc.groupby("subtype")["auc"].max()


def compare_with_random(auc: pd.DataFrame, drawn: pd.DataFrame) -> pd.DataFrame:
    """The best group beside the best of random groups, a row per subtype.

    `auc`: `subtype_auc` of the groups. `drawn`: `random_group_auc`. Columns: best, random_mean,
    random_sd (over draws), share_as_good (of the draws, in [0, 1]). It matters which latents go
    together where few draws are as good and the lead is large beside the SD.
    """
    best = best_auc(auc)
    as_good = (drawn >= best).mean()
    columns = {"best": best, "random_mean": drawn.mean(), "random_sd": drawn.std()}
    return pd.DataFrame({**columns, "share_as_good": as_good}).rename_axis("subtype")
