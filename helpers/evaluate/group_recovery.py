"""How well one group of latents tells a known subtype by itself, in patients held out."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.arrays import as_labels, as_matrix


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
    told = sorted(counts.index[counts >= max(min_patients, n_folds)])
    rows = []
    for space, latents in spaces.items():
        z = as_matrix(latents, f"spaces[{space!r}]")
        as_labels(subtype, "subtype", len(z))
        for name in told if len(counts) > 1 else ():
            auc = _held_out_auc(z[known], names[known] == name, n_folds, seed)
            rows.append((space, z.shape[1], name, int(counts[name]), auc))
    return pd.DataFrame(rows, columns=["space", "n_latents", "subtype", "n", "auc"])


def _held_out_auc(z: np.ndarray, is_member: np.ndarray, n_folds: int, seed: int) -> float:
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=2000))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    score = cross_val_predict(model, z, is_member, cv=folds, method="decision_function")
    return float(roc_auc_score(is_member, score))
