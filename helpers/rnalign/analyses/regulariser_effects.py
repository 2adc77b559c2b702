"""What the two regularisers did: does z know the labels, and does the gradient loss train?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.evaluate.active_units import active_units
from helpers.rnalign.analyses.every_method import SeedAlignment
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.dependence import unbiased_distance_correlation

N_PERMUTATIONS = 99


@dataclass(frozen=True)
class LabelDependence:
    """Dependence of z on the labels: columns unbiased dCor², p, active units; a row a model."""

    summary: pd.DataFrame
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """dependence.unbiased_dcor2.<model>."""
        values = self.summary["unbiased dCor²"]
        return {f"dependence.unbiased_dcor2.{name}": value for name, value in values.items()}


def label_dependence(first: SeedAlignment, data: StandardisedSamples) -> LabelDependence:
    """Whether z of RNAlign, and of RNAlign without L_cor, depends on the labels it was told."""
    rows = {}
    for name in ("rnalign", "rnalign_no_cor"):
        if name in first.fitted:
            model, facts = first.fitted[name], data.facts
            y = model.conditions.encode(facts.cancer_type, facts.is_line, facts.purity).numpy()
            z = model.latent(data.x, *facts)
            value, p = unbiased_distance_correlation(y, z, N_PERMUTATIONS, first.seed)
            rows[name] = {"unbiased dCor²": value, "p": p, "active units of z": active_units(z)}
    return LabelDependence(pd.DataFrame(rows).T)


@dataclass(frozen=True)
class GradientEffect:
    """Largest difference over samples and genes from the model without L_grad, a value a form."""

    largest: pd.Series
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """gradient.largest_change.inert and gradient.largest_change.trained."""
        return {
            "gradient.largest_change.inert": self.largest["rnalign_inert_grad"],
            "gradient.largest_change.trained": self.largest["rnalign"],
        }


def gradient_effect(aligned: Mapping[str, np.ndarray]) -> GradientEffect:
    """How far L_grad, inert as published and trained, moves what is aligned without it."""
    without = aligned["rnalign_no_grad"]
    forms = ("rnalign_no_grad", "rnalign_inert_grad", "rnalign")
    largest = {form: float(np.abs(aligned[form] - without).max()) for form in forms}
    name = "largest difference from the model without it"
    return GradientEffect(pd.Series(largest, name=name))
