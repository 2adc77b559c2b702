"""Which genes of the samples are kept, and on what scale: the input of every alignment."""

from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.preprocess import Preprocessor
from helpers.rnalign.samples import Facts, alignment_facts


@dataclass(frozen=True)
class StandardisedSamples:
    """Samples as every method and metric of the chapter takes them.

    x: samples × genes, standardised. scaling: what chose the genes and standardised them.
    facts: origin, cancer type and purity. scored: cancer types that are scored.
    obs: what else is known of the samples, a row each.
    """

    x: np.ndarray
    scaling: Preprocessor
    facts: Facts
    scored: tuple[str, ...]
    obs: pd.DataFrame


def standardise(
    samples: anndata.AnnData, n_genes: int, fitted_on: anndata.AnnData | None = None
) -> StandardisedSamples:
    """The `n_genes` genes of highest median absolute deviation, each with mean 0 and SD 1.

    `samples`: chosen by `select_alignment` or `select_subtyped`. `fitted_on`: those that genes,
    means and SDs are taken from; None takes all of them.
    """
    scaling = fit_scaling(samples if fitted_on is None else fitted_on, n_genes)
    return StandardisedSamples(
        scaling.transform(samples),
        scaling,
        alignment_facts(samples),
        tuple(samples.uns.get("scored_types", ())),
        samples.obs,
    )


def fit_scaling(samples: anndata.AnnData, n_genes: int) -> Preprocessor:
    """The standardisation of the chapter: no gene dropped for being low, no batch corrected."""
    return Preprocessor(0.0, n_features=n_genes, batch_correction=False).fit(samples)
