"""The benchmarks of chapter 2 of every embedding of one split, as tables of a row a model.

Cancer types were told to the co-embeddings in training, so types are scored on held-out donors.
Survival was told to none of them; it is scored on all donors with both modalities, in folds.
"""

from collections.abc import Mapping, Sequence

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.argument_groups import Scoring
from helpers.coembedding.benchmarks.coembedding_scores import embedding_scores, pair_scores
from helpers.coembedding.benchmarks.cohort_accuracy import transfer_accuracy
from helpers.coembedding.benchmarks.imputation import imputation_scores, imputation_summary
from helpers.coembedding.benchmarks.reconstruction_differential import (
    effect_agreement,
    reconstruction_differential,
)
from helpers.coembedding.benchmarks.survival_folds import survival_folds, survival_of_unseen
from helpers.coembedding.donors.split import MultiomicsSplit
from helpers.coembedding.embeddings.every_embedding import ArrayMap, Embedding

# Name in the tables → (model, modality).
EMBEDDINGS = {
    "pca_rna": ("pca", "rna"),
    "pca_atac": ("pca", "atac"),
    "rna_vae": ("single", "rna"),
    "linear_vae": ("linear", "rna"),
    "atac_vae": ("single", "atac"),
    "adversarial_rna": ("adversarial", "rna"),
    "adversarial_atac": ("adversarial", "atac"),
    "contrastive_rna": ("contrastive", "rna"),
    "contrastive_atac": ("contrastive", "atac"),
    "shuffled_rna": ("shuffled", "rna"),
    "shuffled_atac": ("shuffled", "atac"),
}
_DIRECTIONS = {"ATAC → RNA": "rna", "RNA → ATAC": "atac"}
_FEWEST_DEATHS = 40  # below it five folds have no C worth the name
_FEWEST_UNSEEN = 10  # deaths of held-out donors, below which they have none


def model_name(name: str) -> str:
    """The model of a row of EMBEDDINGS: "pca_rna" → "pca", "rna_vae" → "rna_vae"."""
    return name.removesuffix("_rna").removesuffix("_atac")


def benchmark(
    split: MultiomicsSplit,
    models: Mapping[str, Embedding],
    scoring: Scoring,
    seed: int,
    embeddings: Mapping[str, tuple[str, str]] = EMBEDDINGS,
) -> pd.DataFrame:
    """A row an embedding whose model there is: the columns of `embedding_scores`, and those below.

    name (of `embeddings`), model, modality, seed; accuracy_trained, of a classifier of the training
    donors tested on the held-out ones; uno_c and uno_c_both (with clinical covariates), means over
    folds of all donors, and the same with _unseen, of a Cox model of the training donors on
    the held-out ones; none without follow-up. Two more rows have survival alone: "clinical", and
    "shuffled", where patients were given each other's embedding.
    """
    n_angles = min(models["pca"].embed_rna(split.test_rna).shape[1], len(split.test_obs) - 1)
    types = split.test_obs["cancer_type"].to_numpy(str)
    atac_rows, rna_rows = split.pairs.T
    trained = split.atac_obs["cancer_type"].to_numpy(str)[atac_rows]
    rows = []
    for name, (model, modality) in embeddings.items():
        if model not in models:
            continue
        embed = getattr(models[model], f"embed_{modality}")
        z = embed(getattr(split, f"test_{modality}"))
        row = {"name": name, "model": model_name(name), "modality": modality, "seed": seed}
        row |= embedding_scores(z, split.test_obs, n_angles, seed, scoring.n_folds)
        train_z = embed(split.rna[rna_rows] if modality == "rna" else split.atac[atac_rows])
        if len(train_z) > 1:
            transferred = transfer_accuracy(train_z, trained, z, types, seed=seed)
            row["accuracy_trained"] = transferred["accuracy"]
        if model != "shuffled":
            row |= _survival(split, embed, modality, scoring, seed)
        rows.append(row)
    table = pd.DataFrame(rows)
    if "uno_c" in table:
        table = pd.concat([table, _controls(split, models, scoring, seed)])
    return table.reset_index(drop=True)


def pair_table(
    split: MultiomicsSplit,
    models: Mapping[str, Embedding],
    seed: int,
    n_shuffles: int = 10,
    n_folds: int = 5,
) -> pd.DataFrame:
    """A row a model of both modalities with the columns of `pair_scores` of held-out donors."""
    rows = [
        {"model": name, "seed": seed}
        | pair_scores(
            model.embed_rna(split.test_rna),
            model.embed_atac(split.test_atac),
            split.test_obs,
            n_shuffles,
            seed,
            n_folds,
        )
        for name, model in models.items()
        if model.embed_atac is not None
    ]
    return pd.DataFrame(rows)


def imputation_table(
    split: MultiomicsSplit, models: Mapping[str, Embedding], seed: int
) -> tuple[pd.DataFrame, dict[tuple[str, str], pd.DataFrame]]:
    """(summary, scores): held-out modality predicted from the other, by model and direction.

    summary: a row a model and direction with medians over features, and explained, the share of all
    features' variance about the training mean (at most 1; below 0 is worse than that mean).
    scores: (model, direction) → the table of `imputation_scores`, a row a feature.
    """
    types, scores, rows = split.test_obs["cancer_type"].to_numpy(str), {}, []
    for name, model in models.items():
        if model.impute_rna is None:
            continue
        for direction, target in _DIRECTIONS.items():
            source = split.test_atac if target == "rna" else split.test_rna
            predicted = getattr(model, f"impute_{target}")(source)
            truth = getattr(split, f"test_{target}")
            one = imputation_scores(truth, predicted, types, n_shuffles=2, seed=seed)
            scores[name, direction] = one
            summary = imputation_summary({name: one}).reset_index()
            error, variance = np.square(truth - predicted).sum(), np.square(truth).sum()
            summary["explained"] = 1 - error / variance
            rows.append(summary.assign(direction=direction, seed=seed))
    return pd.concat(rows, ignore_index=True), scores


def rebuilt_table(
    cohort: anndata.AnnData,
    split: MultiomicsSplit,
    models: Mapping[str, Embedding],
    modality: str,
    seed: int,
    min_log2_fold_change: float = 1.0,
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """(counts, features): a modality rebuilt by each model against held-out patients as observed.

    counts, a row a model: n_differential in the largest cancer type, n_patients, sd_ratio (median
    over features) and agreement, the median Spearman of log fold changes against other types.
    features: model → the table of `reconstruction_differential` of that type.
    """
    types = split.test_obs["cancer_type"].to_numpy(str)
    largest = pd.Series(types).value_counts().index[0]
    of_type = types == largest
    scaling = getattr(split, f"{modality}_scaling")
    names = cohort.var_names if modality == "rna" else pd.DataFrame(cohort.uns["atac_var"]).index
    columns = names[scaling.kept_]
    scaled = getattr(split, f"test_{modality}")
    observed = pd.DataFrame(scaling.undo(scaled), columns=columns)
    rows, features = [], {}
    for name, model in models.items():
        rebuild = getattr(model, f"rebuild_{modality}")
        if rebuild is None or name in ("shuffled", "ridge"):
            continue
        rebuilt = scaling.undo(rebuild(scaled))
        table = reconstruction_differential(
            observed[of_type], rebuilt[of_type], min_log2_fold_change
        )
        features[name] = table
        row = {"model": name, "seed": seed, "cancer_type": largest, "n_patients": of_type.sum()}
        row |= {"n_differential": table["is_differential"].sum(), "n_features": len(table)}
        row["sd_ratio"] = table["sd_ratio"].median()
        agreement = effect_agreement(observed, rebuilt, types, largest)
        rows.append(row | {"agreement": agreement["spearman"].median()})
    return pd.DataFrame(rows), features


def _survival(
    split: MultiomicsSplit, embed: ArrayMap, modality: str, scoring: Scoring, seed: int
) -> dict[str, float]:
    if not _has_survival(split.paired()[2]):
        return {}
    found = _survival_both_ways(split, embed, modality, ("embedding", "both"), scoring, seed)
    names = {"embedding": "uno_c", "both": "uno_c_both"}
    return {f"{names[variant]}{end}": c for (variant, end), c in found.items()}


def _controls(
    split: MultiomicsSplit, models: Mapping[str, Embedding], scoring: Scoring, seed: int
) -> pd.DataFrame:
    """Survival by age, sex and tumour type alone, and by an embedding of the wrong patients."""
    variants, embed = ("clinical", "shuffled"), models["pca"].embed_rna
    found = _survival_both_ways(split, embed, "rna", variants, scoring, seed)
    rows = [
        {"name": name, "model": name, "modality": "rna", "seed": seed}
        | {f"uno_c{end}": c for (variant, end), c in found.items() if variant == name}
        for name in variants
    ]
    return pd.DataFrame(rows)


def _survival_both_ways(
    split: MultiomicsSplit,
    embed: ArrayMap,
    modality: str,
    variants: Sequence[str],
    scoring: Scoring,
    seed: int,
) -> dict[tuple[str, str], float]:
    """(variant, "" in folds of all donors or "_unseen" of the held-out ones) → Uno's C."""
    rna, atac, obs = split.paired()
    z = embed(rna if modality == "rna" else atac)
    settings = {"n_components": scoring.n_components, "variants": variants, "seed": seed}
    folds = survival_folds(z, obs, n_folds=scoring.n_folds, **settings)
    means = folds.groupby("variant")["uno_c"].mean()
    found = {(variant, ""): float(means[variant]) for variant in variants}
    n_trained = len(split.pairs)
    if _n_deaths(obs.iloc[n_trained:]) >= _FEWEST_UNSEEN:
        parts = (z[:n_trained], z[n_trained:]), (obs.iloc[:n_trained], obs.iloc[n_trained:])
        unseen = survival_of_unseen(*parts, **settings)
        found |= {(variant, "_unseen"): c for variant, c in unseen.items()}
    return found


def _has_survival(obs: pd.DataFrame) -> bool:
    return {"os_time", "os_event"} <= set(obs) and _n_deaths(obs) >= _FEWEST_DEATHS


def _n_deaths(obs: pd.DataFrame) -> int:
    time, event = (pd.to_numeric(obs[name], errors="coerce") for name in ("os_time", "os_event"))
    return int(((time > 0) & (event == 1)).sum())


def with_counts(scores: pd.DataFrame, rebuilt: pd.DataFrame) -> pd.DataFrame:
    """`scores` with n_differential of `rebuilt` (rebuilt_table and a column modality), else NaN."""
    counts = rebuilt.set_index(["model", "modality", "seed"])["n_differential"]
    keys = [
        (*EMBEDDINGS.get(name, (name, "rna")), seed)
        for name, seed in zip(scores["name"], scores["seed"], strict=True)
    ]
    return scores.assign(n_differential=counts.reindex(keys).to_numpy(float))


def mean_by_model(table: pd.DataFrame, metric: str) -> dict[str, np.ndarray]:
    """Model → values of a metric, one a seed; of models with two modalities their mean, and each as
    "model.modality". "single" is the mean of "rna_vae" and "atac_vae".
    """
    scored = table.dropna(subset=[metric])
    means = {
        str(model): rows.groupby("seed")[metric].mean().to_numpy()
        for model, rows in scored.groupby("model", sort=False)
    }
    if {"rna_vae", "atac_vae"} <= set(means):
        means["single"] = (means["rna_vae"] + means["atac_vae"]) / 2
    for (model, modality), rows in scored.groupby(["model", "modality"], sort=False):
        if len(set(scored.loc[scored["model"] == model, "modality"])) > 1:
            means[f"{model}.{modality}"] = rows[metric].to_numpy()
    return means
