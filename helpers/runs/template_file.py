"""A small valid file of a chapter's cohort, with every optional column: to look at and to fill."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd

from helpers import files
from helpers.cohorts.checks import LINE
from helpers.cohorts.registry import load_cohort
from helpers.runs.cohort_report import OPTIONAL
from helpers.runs.parameters import notebook_parameters
from helpers.runs.plans import find_notebook, plan_run

_SHARES = (0.1, 0.2, 0.3, 0.5, 1.0)  # of a simulated cohort's samples, until a chapter has enough
_MOST_FEATURES = 300
_KEPT = ("patient", "cancer_type", *OPTIONAL)

Draw = Callable[[np.random.Generator, int], Any]
_DRAWN: Mapping[str, Draw] = {
    "sample_type": lambda rng, n: np.full(n, "primary"),
    "batch": lambda rng, n: rng.choice(["batch 1", "batch 2"], n),
    "age": lambda rng, n: rng.integers(35, 86, n),
    "sex": lambda rng, n: rng.choice(["female", "male"], n),
    "race": lambda rng, n: rng.choice(["asian", "black or african american", "white"], n),
    "stage": lambda rng, n: rng.choice(["Stage I", "Stage II", "Stage III", "Stage IV"], n),
    "subtype": lambda rng, n: rng.choice(["subtype 1", "subtype 2"], n),
    "purity": lambda rng, n: rng.uniform(0.3, 1.0, n).round(2),
    "os_time": lambda rng, n: rng.integers(30, 3000, n),
    "os_event": lambda rng, n: rng.integers(0, 2, n),
}
"""Optional column → values for a simulated cohort that has none of its own."""


def write_template(notebook: str, out: Path) -> anndata.AnnData:
    """Write a file that the chapter `notebook` accepts as `cohort`: few simulated samples.

    It holds what a file of one's own must and may hold, and nothing of the simulation's truth; what
    the simulation lacks of the optional columns is drawn at random.

    Raises:
        ValueError: unknown notebook, one without a simulated cohort, or `out` is there already or
            no .h5ad.
    """
    path = find_notebook(notebook)
    files.check_new_cohort(out)
    cohort, made = load_cohort(_simulated(path), 0), []

    def write(part: Path) -> None:
        for share in _SHARES:
            made.append(_plain(_few(cohort, share)))
            made[-1].write_h5ad(part)
            if (refusal := _refusal(path, part)) is None:
                return
        raise ValueError(f"no part of {_simulated(path)} suits {path.stem}: {refusal}")

    files.write_whole(out, write)
    return made[-1]


def _simulated(notebook: Path) -> str:
    """The simulated cohort that the notebook runs on unless told otherwise."""
    defaults = {parameter.name: parameter.default for parameter in notebook_parameters(notebook)}
    cohort = str(defaults.get("cohort", ""))
    if not cohort.startswith("demo-"):
        raise ValueError(
            f"{notebook.stem} has no simulated cohort to make a template of. Give a chapter, such "
            "as 01_pancan_vae"
        )
    return cohort


def _refusal(notebook: Path, file: Path) -> str | None:
    try:
        plan_run(notebook, {"cohort": str(file)})
    except ValueError as error:
        return str(error)
    return None


def _few(cohort: anndata.AnnData, share: float) -> anndata.AnnData:
    """That share of each cancer type's samples of a kind, whole patients, and a few features."""
    kind = cohort.obs["cancer_type"].astype(str) + cohort.obs["sample_type"].astype(str)
    chosen = np.zeros(cohort.n_obs, dtype=bool)
    for name in kind.unique():
        rows = np.flatnonzero(kind == name)
        chosen[rows[: max(1, round(share * len(rows)))]] = True
    kept = chosen & ~cohort.obs["patient"].isin(cohort.obs.loc[~chosen, "patient"])
    features = slice(None) if "feature_type" in cohort.var else slice(_MOST_FEATURES)
    return cohort[kept.to_numpy(), features].copy()


def _plain(cohort: anndata.AnnData) -> anndata.AnnData:
    """What a file of one's own holds: nothing planted, and every optional column."""
    rng, columns = np.random.default_rng(0), {}
    for name in _KEPT:
        own = cohort.obs.get(name)
        columns[name] = _DRAWN[name](rng, cohort.n_obs) if own is None else own.to_numpy()
    obs = pd.DataFrame(columns, index=cohort.obs_names)
    obs.loc[obs["sample_type"] == LINE, "purity"] = 1.0
    var = cohort.var[[name for name in ("symbol", "feature_type") if name in cohort.var]]
    plain = anndata.AnnData(np.asarray(cohort.X, np.float32), obs=obs, var=var.copy())
    plain.uns = {"unit": cohort.uns["unit"], "feature": cohort.uns["feature"]}
    if "atac" in cohort.obsm:
        plain.obsm["atac"] = np.asarray(cohort.obsm["atac"], np.float32)
        plain.uns |= {name: cohort.uns[name] for name in cohort.uns if name.startswith("atac_")}
    return plain
