"""ComBat, the field's plain batch correction, with origin (tumour, cell line) as the batch."""

import warnings

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_labels, as_matrix


def combat(x: ArrayLike, batch: ArrayLike, covariates: ArrayLike | None = None) -> np.ndarray:
    """`x` with each batch's mean and variance of every gene shrunk to the common ones.

    Johnson, Li & Rabinovic (2007), as scanpy implements it. `x`: samples × genes, log scale;
    `batch`: one label a sample; `covariates`: one label a sample (the cancer type) whose effect is
    kept, or a samples × covariates frame. Both sides move: unlike the other alignments, lines do
    not stay where they were. Transductive: all samples are needed at once, and a new sample
    changes every other. Genes that do not vary come back as they were.

    Raises:
        ValueError: NaN, unequal lengths, fewer than two batches, a batch of one sample, or
            covariates that the batch determines.
    """
    import anndata
    import scanpy

    x = as_matrix(x, "x")
    batch = as_labels(batch, "batch", len(x)).astype(str)
    dummies = _dummies(covariates, len(x))
    _check_design(batch, dummies)
    varies = _varies_within(x, batch)
    obs = dummies.assign(batch=batch).set_axis([f"{i}" for i in range(len(x))])
    adata = anndata.AnnData(x[:, varies].astype(float), obs=obs)
    corrected = x.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # strings become categories
        corrected[:, varies] = scanpy.pp.combat(
            adata, "batch", covariates=list(dummies) or None, inplace=False
        )
    return corrected


def _dummies(covariates: ArrayLike | None, n_samples: int) -> pd.DataFrame:
    """One 0/1 column for each level of each covariate but its first.

    scanpy 1.11 gives a categorical covariate one column for every level, which beside the columns
    of the batches makes a singular design and arbitrary results; as numbers, they are taken as
    they come.
    """
    if covariates is None:
        return pd.DataFrame(index=range(n_samples))
    columns = np.asarray(covariates)
    columns = columns[:, None] if columns.ndim == 1 else columns
    labels = pd.DataFrame(
        {f"{i}": as_labels(column, "covariates", n_samples) for i, column in enumerate(columns.T)}
    )
    dummies = pd.get_dummies(labels.astype(str), drop_first=True, dtype=float)
    return dummies.set_axis([f"covariate_{i}" for i in range(dummies.shape[1])], axis=1)


def _check_design(batch: np.ndarray, dummies: pd.DataFrame) -> None:
    names, counts = np.unique(batch, return_counts=True)
    if len(names) < 2 or counts.min() < 2:
        found = ", ".join(f"{name} {n}" for name, n in zip(names, counts, strict=True))
        raise ValueError(
            f"`batch` must name at least two batches of at least two samples; got {found}."
        )
    design = np.column_stack([batch[:, None] == names, dummies])
    if np.linalg.matrix_rank(design.astype(float)) < design.shape[1]:
        raise ValueError(
            "`covariates` must not follow from `batch` or from each other: no effect can then be "
            "told apart. Leave out the levels that only one batch has, or the covariate."
        )


def _varies_within(x: np.ndarray, batch: np.ndarray) -> np.ndarray:
    """Which genes vary in every batch: ComBat divides by each batch's variance."""
    return np.all([np.ptp(x[batch == name], axis=0) > 0 for name in np.unique(batch)], axis=0)
