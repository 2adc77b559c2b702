"""Two predictions of the same samples: whether their difference is more than a handful of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binomtest, false_discovery_control
from sklearn.metrics import balanced_accuracy_score

from helpers.evaluate.arrays import as_labels


def paired_scores(
    y_true: ArrayLike, predicted: Mapping[str, ArrayLike], reference: str
) -> pd.DataFrame:
    """Accuracy of each prediction beside a reference prediction of the same samples.

    Index: the names of `predicted`. Columns: n; accuracy and balanced_accuracy in [0, 1], higher
    is better; only_here and only_reference, the samples that one of the two alone gets right; p,
    McNemar's exact test that these two counts differ by chance (missing for the reference); fdr,
    Benjamini–Hochberg over the rows.

    Raises:
        ValueError: `reference` is not among `predicted`, or lengths differ.
    """
    if reference not in predicted:
        raise ValueError(f"`reference` must be one of {list(predicted)}; got {reference!r}.")
    truth = as_labels(y_true, "y_true")
    labels = {name: as_labels(values, name, len(truth)) for name, values in predicted.items()}
    is_right = {name: values == truth for name, values in labels.items()}
    rows = {}
    for name, right in is_right.items():
        here = int((right & ~is_right[reference]).sum())
        there = int((is_right[reference] & ~right).sum())
        rows[name] = {
            "n": len(truth),
            "accuracy": right.mean(),
            "balanced_accuracy": balanced_accuracy_score(truth, labels[name]),
            "only_here": here,
            "only_reference": there,
            "p": np.nan if name == reference else mcnemar_p(here, there),
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    tested = table["p"].notna()
    table.loc[tested, "fdr"] = false_discovery_control(table.loc[tested, "p"])
    return table


def mcnemar_p(only_a: int, only_b: int) -> float:
    """Two-sided exact p of McNemar (1947): are `only_a` and `only_b` halves of one fair coin?

    The samples both get right, or both wrong, say nothing. 1 if there are no others.
    """
    n = only_a + only_b
    return float(binomtest(only_a, n, 0.5).pvalue) if n else 1.0
