"""How well an embedding predicts overall survival over all cancer types.

In five folds of patients (`survival_folds`), whom the embedding's model may have been trained on;
and of patients that neither it nor the Cox model has seen (`survival_of_unseen`).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA

from helpers.coembedding.benchmarks.stratified_parts import stratified_parts
from helpers.coembedding.benchmarks.uno_c import uno_c
from helpers.evaluate.arrays import as_matrix
from helpers.evaluate.survival import (
    clinical_covariates,
    harrell_c,
    ridge_cox,
    with_follow_up,
)

VARIANTS = ("clinical", "embedding", "both", "shuffled")
_N_SHUFFLES = 8  # deals of the embedding to other patients, whose mean is chance for the unseen
COLUMNS = ["variant", "fold", "uno_c", "harrell_c", "tau", "n_components", "n_test", "n_events"]
COLUMNS += ["n_train", "reason"]


def survival_folds(
    z: ArrayLike,
    obs: pd.DataFrame,
    *,
    n_components: int | Sequence[int] = (4, 8, 16, 32),
    variants: Sequence[str] = VARIANTS,
    tau_quantile: float = 0.8,
    n_folds: int = 5,
    penalizer: float = 0.1,
    seed: int = 0,
) -> pd.DataFrame:
    """Held-out Uno C of overall survival over all cancer types, a row a fold and variant.

    Args:
        z: sample × latent.
        obs: patient, cancer_type, os_time (days), os_event (0/1), and age, sex where known.
        n_components: principal components K of the embedding; of several, the best is chosen.
        variants: of VARIANTS, explained below.
        tau_quantile: of the training deaths' times, where C stops looking.
        n_folds: stratified by event; none parts a patient.
        penalizer: ridge penalty of the Cox models.
        seed: of folds and permutations.

    Cox models with a ridge penalty on "clinical" (age, sex, one-hot tumour type), "embedding" (its
    top K principal components), "both", and "shuffled" (the embedding given to the wrong patients;
    chance). PCA, scaling, K, τ and G come from the training folds: K, if several are given, is the
    one with the best C in three inner folds of "embedding". Samples without a time above 0 and an
    event are dropped, counted in `.attrs["n_dropped"]`. A fit that fails is NaN with a `reason`.
    "Tumour type" alone orders pan-cancer patients well: read "both" against "clinical".

    Raises:
        ValueError: missing columns, or fewer deaths than folds.
    """
    latent, followed, n_dropped = _followed(z, obs, n_folds)
    splits = stratified_parts(followed["os_event"], followed["patient"], n_folds, seed)
    sizes = [n_components] if isinstance(n_components, int) else [*n_components]
    rows = []
    for fold, (train, test) in enumerate(splits):
        parts = followed.iloc[train], followed.iloc[test]
        best = sizes[0]
        if len(sizes) > 1 and set(variants) != {"clinical"}:
            best = _best_size(latent[train], parts[0], sizes, tau_quantile, penalizer, seed)
        spaces = _top_components(latent[train], latent[test], best, seed)
        clinical = _clinical(*parts) if {"clinical", "both"} & {*variants} else None
        for variant in variants:
            covariates = _covariates(variant, *parts, *spaces, seed + fold, clinical)
            score = _cox_score(*covariates, *parts, tau_quantile, penalizer)
            rows.append({"variant": variant, "fold": fold, **score})
            rows[-1]["n_components"] = 0 if variant == "clinical" else spaces[0].shape[1]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table.attrs = {"n_dropped": n_dropped, "tau_quantile": tau_quantile}
    return table


def survival_of_unseen(
    z: tuple[ArrayLike, ArrayLike],
    obs: tuple[pd.DataFrame, pd.DataFrame],
    *,
    n_components: int | Sequence[int],
    variants: Sequence[str] = VARIANTS,
    tau_quantile: float = 0.8,
    penalizer: float = 0.1,
    seed: int = 0,
) -> dict[str, float]:
    """Variant → Uno's C of patients that no model has seen; NaN where a fit fails.

    `z`, `obs`: of the training patients, on whom the Cox models are fitted, and of the unseen ones;
    the rest as in `survival_folds`. PCA, scaling, K, τ and G come from the training patients.

    Raises:
        ValueError: missing columns, or fewer than 6 training deaths or 2 unseen ones.
    """
    train_z, train, _ = _followed(z[0], obs[0], 3)
    test_z, test, _ = _followed(z[1], obs[1], 1)
    sizes = [n_components] if isinstance(n_components, int) else [*n_components]
    best = sizes[0]
    if len(sizes) > 1 and set(variants) != {"clinical"}:
        best = _best_size(train_z, train, sizes, tau_quantile, penalizer, seed)
    spaces = _top_components(train_z, test_z, best, seed)
    found = {}
    for variant in variants:
        n_deals = _N_SHUFFLES if variant == "shuffled" else 1  # a single deal may be far from ½
        scores = [
            _cox_score(
                *_covariates(variant, train, test, *spaces, seed + number),
                *(train, test, tau_quantile, penalizer),
            )["uno_c"]
            for number in range(n_deals)
        ]
        found[variant] = float(np.mean(scores))
    return found


def sizes_up_to(largest: int) -> tuple[int, ...]:
    """4, 8, 16, … up to `largest`, the numbers of components that compete; at least one."""
    return tuple(4 * 2**power for power in range(20) if 4 * 2**power <= largest) or (largest,)


def _followed(
    z: ArrayLike, obs: pd.DataFrame, n_folds: int
) -> tuple[np.ndarray, pd.DataFrame, int]:
    missing = {"patient", "cancer_type", "os_time", "os_event"} - set(obs)
    if missing:
        raise ValueError(f"`obs` lacks the columns {sorted(missing)}; it has {[*obs]}.")
    latent = as_matrix(z, "z", len(obs))
    facts, keep = with_follow_up(obs.reset_index(drop=True))
    for name in ("patient", "cancer_type"):
        facts[name] = facts[name].astype(str)
    n_deaths = int(facts.loc[keep, "os_event"].sum())
    if n_deaths < 2 * n_folds:
        raise ValueError(
            f"{n_folds} folds need {2 * n_folds} or more deaths; {int(keep.sum())} samples with "
            f"follow-up have {n_deaths}. Lower n_folds or leave survival out."
        )
    return latent[keep], facts[keep].reset_index(drop=True), int((~keep).sum())


def _top_components(
    train_z: np.ndarray, test_z: np.ndarray, size: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Top principal components of the training rows, each scaled to their SD 1."""
    pca = PCA(min(size, *train_z.shape), random_state=seed).fit(train_z)
    scale = np.sqrt(pca.explained_variance_)
    varying = scale > 1e-6 * max(scale[0], 1e-12)
    parts = (pca.transform(z)[:, varying] / scale[varying] for z in (train_z, test_z))
    first, second = parts
    return first, second


def _best_size(
    z: np.ndarray,
    obs: pd.DataFrame,
    sizes: list[int],
    tau_quantile: float,
    penalizer: float,
    seed: int,
) -> int:
    """The number of components with the best mean C in three folds of the training rows."""
    splits = stratified_parts(obs["os_event"], obs["patient"], 3, seed)
    means = []
    for size in sizes:
        scores = []
        for train, test in splits:
            parts = obs.iloc[train], obs.iloc[test]
            spaces = _top_components(z[train], z[test], size, seed)
            covariates = _covariates("embedding", *parts, *spaces, seed)
            scores.append(_cox_score(*covariates, *parts, tau_quantile, penalizer)["uno_c"])
        means.append(np.mean(scores))
    return sizes[int(np.nanargmax(means))] if np.isfinite(means).any() else sizes[0]


def _covariates(
    variant: str,
    train: pd.DataFrame,
    test: pd.DataFrame,
    train_z: np.ndarray,
    test_z: np.ndarray,
    seed: int,
    clinical: Sequence[pd.DataFrame] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What a Cox model is given of training and test rows; `clinical`: that part, if known."""
    if variant not in VARIANTS:
        raise ValueError(f"`variants` must be among {VARIANTS}; got {variant!r}.")
    if variant == "shuffled":
        train_z = np.random.default_rng(seed).permutation(train_z)
    names = [f"z{number}" for number in range(train_z.shape[1])]
    spaces = [
        pd.DataFrame(z, columns=names, index=part.index)
        for z, part in ((train_z, train), (test_z, test))
    ]
    if variant in ("embedding", "shuffled"):
        return spaces[0], spaces[1]
    clinical = _clinical(train, test) if clinical is None else clinical
    if variant == "clinical":
        return clinical[0], clinical[1]
    return spaces[0].join(clinical[0]), spaces[1].join(clinical[1])


def _clinical(train: pd.DataFrame, test: pd.DataFrame) -> list[pd.DataFrame]:
    """Age, sex and one-hot tumour types that vary over the training rows; lifelines scales them."""
    columns = [name for name in ("age", "sex") if name in train]
    first, second = clinical_covariates(train[columns], test[columns])
    types = sorted(train["cancer_type"].unique())
    joined = []
    for covariates, part in ((first, train), (second, test)):
        one_hot = {f"type {name}": (part["cancer_type"] == name).astype(float) for name in types}
        joined.append(covariates.join(pd.DataFrame(one_hot, index=part.index)))
    varying = joined[0].columns[joined[0].std() > 0]  # a constant column cannot be fitted
    return [covariates[varying] for covariates in joined]


def _cox_score(
    fit_x: pd.DataFrame,
    score_x: pd.DataFrame,
    train: pd.DataFrame,
    test: pd.DataFrame,
    tau_quantile: float,
    penalizer: float,
) -> dict[str, float | str]:
    """Scores of one fitted model, NaN and the reason where it cannot be fitted."""
    is_death = train["os_event"] == 1
    tau = float(train.loc[is_death, "os_time"].quantile(tau_quantile))

    def uno(risk: np.ndarray, obs: pd.DataFrame) -> float:
        followed = train["os_time"], train["os_event"]  # for the censoring distribution
        return uno_c(obs["os_time"], obs["os_event"], risk, tau, *followed)

    scores = {"uno_c": uno, "harrell_c": harrell_c}
    counts = {"n_test": len(test), "n_events": int(test["os_event"].sum()), "n_train": len(train)}
    return {"tau": tau} | counts | ridge_cox(fit_x, score_x, train, test, penalizer, scores)
