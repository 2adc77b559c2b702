"""Every method RNAlign is compared with, on the same samples and genes."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from helpers.rnalign.argument_groups import MoberSettings
from helpers.rnalign.rivals.celligner import celligner
from helpers.rnalign.rivals.combat import combat
from helpers.rnalign.rivals.linear_projection import (
    LinearProjection,
    types_of_varying_purity,
)
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.rivals.mober import align_mober

SEEDLESS = ("input", "mean_shift", "mean_shift_per_type", "linear_projection", "combat")
"""Methods that draw no random numbers."""


def align_rivals(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    purity: ArrayLike,
    *,
    scale: ArrayLike,
    seed: int,
    mober: MoberSettings,
    known: Mapping[str, np.ndarray] | None = None,
) -> dict[str, np.ndarray]:
    """Method → `x` (samples × genes, standardised) as it aligns them; fitted on all samples.

    input (untouched), mean_shift, mean_shift_per_type (told the cancer type, as RNAlign is),
    linear_projection, combat, celligner, mober. `scale`: each gene's standard deviation; Celligner
    works on log values that are not divided by it. `x` to `purity`: a row or value a sample.
    `seed`: of Celligner and MOBER. `mober`: its settings. `known`: what came out for another seed,
    from which the methods of `SEEDLESS` are taken.

    Raises:
        ValueError: as the methods.
    """
    x, is_line = np.asarray(x), np.asarray(is_line, dtype=bool)
    if known:
        aligned = {name: known[name] for name in SEEDLESS if name in known}
        aligned["mober"] = align_mober(x, is_line, x, mober, seed)
        aligned["combat"] = aligned.pop("combat")  # in the usual order
    else:
        everyone, facts = np.ones(len(x), dtype=bool), (is_line, cancer_type, purity)
        aligned = align_held_out(x, *facts, is_train=everyone, seed=seed, mober=mober)
        aligned["combat"] = combat(x, np.where(is_line, "line", "tumour"))
    unit = np.asarray(scale, dtype=x.dtype)
    aligned["celligner"] = celligner(x * unit, is_line, seed=seed) / unit
    return aligned


def align_held_out(
    x: ArrayLike,
    is_line: ArrayLike,
    cancer_type: ArrayLike,
    purity: ArrayLike,
    *,
    is_train: ArrayLike,
    seed: int,
    mober: MoberSettings,
) -> dict[str, np.ndarray]:
    """Method → all of `x`, aligned by what was learnt on the samples of `is_train` alone.

    ComBat and Celligner are missing: they have no way to align a sample they were not fitted on.
    So is the linear projection where no type's tumours differ in purity.
    """
    x, is_line = np.asarray(x), np.asarray(is_line, dtype=bool)
    own_type, share = np.asarray(cancer_type), np.asarray(purity, dtype=float)
    rows = np.asarray(is_train, dtype=bool)
    aligned = {"input": x}
    for name, per_type in {"mean_shift": False, "mean_shift_per_type": True}.items():
        shift = MeanShift(per_type).fit(x[rows], is_line[rows], own_type[rows])
        aligned[name] = shift.transform(x, is_line, own_type)
    if types_of_varying_purity(is_line[rows], own_type[rows], share[rows]):
        projection = LinearProjection().fit(x[rows], is_line[rows], own_type[rows], share[rows])
        aligned["linear_projection"] = projection.transform(x, is_line, own_type, share)
    aligned["mober"] = align_mober(x[rows], is_line[rows], x, mober, seed)
    return aligned
