"""What profiles predicted from slides say: survival, subtype, and features that differ."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch

from helpers.coembedding.argument_groups import Network, Steps, Weights
from helpers.coembedding.benchmarks.cohort_accuracy import cohort_accuracy
from helpers.coembedding.benchmarks.imputation import row_spearman
from helpers.coembedding.benchmarks.reconstruction_differential import reconstruction_differential
from helpers.coembedding.benchmarks.survival_folds import survival_folds
from helpers.coembedding.embeddings.rna_vae import RnaVAE
from helpers.coembedding.histology.slide_expression import SlideFold
from helpers.models.readout import decoded_mean, posterior_mean
from helpers.models.training import fit

_FEWEST_DEATHS = 40  # over all folds; fewer say nothing in five parts


def embed_imputed(
    fold: SlideFold, *, network: Network, weights: Weights, steps: Steps, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """(latents, profiles) of the held-out slides by an RNA VAE retrained on imputed profiles.

    As in the paper: the VAE is fitted on the profiles predicted for the training slides. Latents
    are posterior means, profiles what is decoded from them, in the unit of the expression.
    """
    train, test = fold.train_predicted, fold.predicted["regions"]
    mean, scale = train.mean(axis=0), np.maximum(train.std(axis=0), 1e-6)
    x, held_out = (((part - mean) / scale).astype(np.float32) for part in (train, test))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = RnaVAE(x.shape[1], network.n_hidden, network.n_latent)
    training = steps.as_training(math.ceil(steps.n_steps * steps.minibatch_size / len(x)))
    loss = weights.of_one_modality()
    fit(model, torch.from_numpy(x), None, weights=loss, training=training, seed=seed)
    z = posterior_mean(model, held_out)
    return z, decoded_mean(model, z) * scale + mean


def groups_of(obs: pd.DataFrame) -> np.ndarray:
    """Cancer type of each slide, or its subtype ("unknown" where not known) if all are one."""
    types = obs["cancer_type"].to_numpy(str)
    if len(set(types)) > 1 or "subtype" not in obs:
        return types
    subtype = obs["subtype"].fillna("").to_numpy(str)
    return np.where(subtype == "", "unknown", subtype)


def slide_changes(fold: SlideFold, min_log2_fold_change: float = 1.0) -> pd.DataFrame:
    """`reconstruction_differential` of the largest cancer type's held-out profiles, predicted from
    slides against observed; one slide a patient.
    """
    types = fold.obs["cancer_type"]
    largest = (types == types.value_counts().index[0]).to_numpy()
    rows = largest & ~fold.obs["patient"].duplicated().to_numpy()
    truth = pd.DataFrame(fold.truth[rows], columns=fold.feature_names)
    return reconstruction_differential(truth, fold.predicted["regions"][rows], min_log2_fold_change)


def slide_outcomes(
    folds: Sequence[SlideFold],
    latents: Sequence[np.ndarray],
    seed: int,
    n_components: int | Sequence[int],
) -> pd.DataFrame:
    """A row a fold of survival: uno_c of the embedding, uno_c_both with age, sex and tumour type,
    uno_c_clinical; and group_accuracy, group_accuracy_observed and majority of telling the groups
    of `groups_of` by XGBoost from the embedding and from the observed profiles.

    The held-out patients of all folds are pooled for survival, one slide a patient; latents of two
    folds are not of one space, so each fold's are scored by themselves where there are deaths
    enough, else NaN.
    """
    rows = []
    for number, (fold, z) in enumerate(zip(folds, latents, strict=True)):
        row = {"fold": number}
        has_group = groups_of(fold.obs) != "unknown"
        for name, values in (("group_accuracy", z), ("group_accuracy_observed", fold.truth)):
            accuracy = cohort_accuracy(
                values[has_group],
                groups_of(fold.obs)[has_group],
                fold.obs["patient"][has_group],
                seed=seed,
            )
            row |= {name: accuracy["accuracy"].mean(), "majority": accuracy["majority"].mean()}
        rows.append(row | _survival(fold.obs, z, seed, n_components))
    return pd.DataFrame(rows).set_index("fold")


def rebuilt_scores(folds: Sequence[SlideFold], rebuilt: Sequence[np.ndarray]) -> pd.DataFrame:
    """A row a fold: mean Spearman over slides, in [−1, 1], of the profiles of `embed_imputed`.

    rebuilt_spearman: with the observed profile; rebuilt_spearman_profile: what the mean profile of
    the training slides has; rebuilt_spearman_input: with the imputed profile that was rebuilt.
    """
    rows = []
    for number, (fold, profiles) in enumerate(zip(folds, rebuilt, strict=True)):
        everyone = np.tile(fold.train_truth.mean(axis=0), (len(fold.truth), 1))
        compared = {
            "rebuilt_spearman": (fold.truth, profiles),
            "rebuilt_spearman_profile": (fold.truth, everyone),
            "rebuilt_spearman_input": (fold.predicted["regions"], profiles),
        }
        means = {name: float(np.nanmean(row_spearman(*pair))) for name, pair in compared.items()}
        rows.append({"fold": number} | means)
    return pd.DataFrame(rows).set_index("fold")


def _survival(
    obs: pd.DataFrame, z: np.ndarray, seed: int, n_components: int | Sequence[int]
) -> dict[str, float]:
    names = {"embedding": "uno_c", "both": "uno_c_both", "clinical": "uno_c_clinical"}
    first = ~obs["patient"].duplicated().to_numpy()
    n_deaths = int((pd.to_numeric(obs["os_event"][first], errors="coerce") == 1).sum())
    if n_deaths < _FEWEST_DEATHS // 2:
        return dict.fromkeys(names.values(), np.nan)
    by_fold = survival_folds(
        z[first], obs[first], n_components=n_components, variants=tuple(names), seed=seed
    )
    mean = by_fold.groupby("variant")["uno_c"].mean()
    return {column: float(mean[variant]) for variant, column in names.items()}


def slide_metrics(scores: pd.DataFrame) -> dict[str, np.ndarray]:
    """Metric → values, one a fold, of `score_folds`; the first kind of features has no suffix.

    histology.spearman_gene_median.ridge, histology.spearman_sample_mean.regions, …, and for
    held-out sites and further kinds of features histology.….ridge_sites, histology.….ridge_gene.
    """
    first, by_key = scores["features"].iloc[0], {}
    columns = {"gene_median": "spearman_gene_median", "sample_mean": "spearman_sample_mean"}
    columns["sample_centred_mean"] = "spearman_sample_centred"
    for (method, split, kind), rows in scores.groupby(["method", "split", "features"], sort=False):
        end = str(method).replace(" ", "_") + ("_sites" if split == "held-out sites" else "")
        end += "" if kind == first else f"_{kind}"
        for column, name in columns.items():
            by_key[f"histology.{name}.{end}"] = rows[column].to_numpy()
    return by_key


def slide_measures(
    scores: pd.DataFrame, changes: Sequence[pd.DataFrame], outcomes: pd.DataFrame
) -> dict[str, np.ndarray]:
    """What the claims about slides are held against, one value a fold; absent if not known."""
    of = scores[scores["features"].eq(scores["features"].iloc[0])]
    of = of[of["split"] == "held-out patients"].set_index("method")
    observed = {"slide_gene": of.loc["regions", "gene_median"]}
    predicted, profile = (of.loc[name, "sample_mean"] for name in ("regions", "mean profile"))
    observed["slide_profile"] = predicted.to_numpy() - profile.to_numpy()
    observed["slide_rebuilt"] = outcomes["rebuilt_spearman"]
    gain = outcomes["rebuilt_spearman"] - outcomes["rebuilt_spearman_profile"]
    observed["slide_rebuilt_profile"] = gain
    observed["slide_genes"] = [table["is_differential"].mean() for table in changes]
    if outcomes["uno_c"].notna().all():
        observed["slide_survival"] = outcomes["uno_c"]
    return {name: np.asarray(values, float) for name, values in observed.items()}
