"""What a file must have before anything in it is read: samples, features, and numbers of them."""

from pathlib import Path

import anndata
import numpy as np


def check_shape(cohort: anndata.AnnData, path: Path) -> None:
    """Return if there are samples and features of unique names, and numbers of them.

    Raises:
        ValueError: names what is missing or repeated, and the line that mends it.
    """
    for n, what, where in ((cohort.n_obs, "samples", "obs"), (cohort.n_vars, "features", "var")):
        if not n:
            raise ValueError(
                f"{path} has no {what}: its {where} is empty. Write it again from a table with "
                f"{what}"
            )
    if cohort.X is None:
        layers = ", ".join(cohort.uns.get("_layers", []))
        fix = f' with: adata.X = adata.layers["{layers.split(", ")[0]}"]' if layers else ""
        raise ValueError(f"{path} has no X. Put the expression there, on a log scale{fix}")
    kind = np.dtype(cohort.X.dtype).kind
    if kind not in "biuf":
        raise ValueError(
            f"X of {path} must hold numbers; it holds {cohort.X.dtype}. Make it so with: "
            "adata.X = adata.X.astype(float)"
        )
    for kind, names in (("obs", cohort.obs_names), ("var", cohort.var_names)):
        if not names.is_unique:
            repeated = names[names.duplicated()][0]
            raise ValueError(
                f"{kind}_names of {path} must be unique; {repeated!r} occurs more than once. "
                f"Make them so with: adata.{kind}_names_make_unique()"
            )
