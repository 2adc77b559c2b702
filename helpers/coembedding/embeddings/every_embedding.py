"""Every embedding of chapter 2 trained on one split: two modalities, rivals and controls.

All have `n_latent` dimensions and take as many steps as a co-embedding. `pca`, `single` (an RNA
and an ATAC autoencoder, each by itself) and `linear` (the RNA autoencoder without a hidden layer,
paper 2's "RNA Linear VAE") know nothing of the other modality; `adversarial` and
`contrastive` see matched samples of different patients; `ridge` and `…_paired` see the training
donors' own pairs; `shuffled` is contrastive with cancer types and matches dealt at random.
"""

import math
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import anndata
import numpy as np
import pandas as pd
import torch

from helpers.coembedding.argument_groups import Network, Preparation, Weights
from helpers.coembedding.donors.split import MultiomicsSplit, split_multiomics
from helpers.coembedding.embeddings.coembedding_model import KINDS, fit_coembedding
from helpers.coembedding.embeddings.matched_minibatches import two_modalities
from helpers.coembedding.embeddings.ridge import RidgeCoembedding
from helpers.coembedding.embeddings.rna_vae import RnaVAE
from helpers.models.history import History
from helpers.models.pca import fit_pca
from helpers.models.readout import decoded_mean, posterior_mean
from helpers.models.training import Training, fit

ArrayMap = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Embedding:
    """One model read out; arrays sample × feature (scaled as in the split) or sample × latent.

    rebuild_… gives a modality back from itself, impute_… from the other one; impute_… is None for
    models that have no shared space, …_atac for those of RNA alone.
    """

    embed_rna: ArrayMap
    rebuild_rna: ArrayMap
    embed_atac: ArrayMap | None = None
    rebuild_atac: ArrayMap | None = None
    impute_rna: ArrayMap | None = None
    impute_atac: ArrayMap | None = None
    history: History | None = None
    model: Any = None


@dataclass(frozen=True)
class TrainedSeed:
    """All embeddings of one seed's split (of its pairs): model → trained model."""

    seed: int
    split: MultiomicsSplit
    models: dict[str, Embedding]


def fit_seeds(
    donors: anndata.AnnData,
    seeds: Iterable[int],
    *,
    preparation: Preparation,
    network: Network,
    weights: Weights,
    training: Training,
) -> tuple[TrainedSeed, ...]:
    """Every embedding trained on a split of its own for each seed, which is its initialisation too.

    Raises:
        ValueError: as `split_multiomics`.
        TrainingDiverged: as `fit_coembedding`.
    """
    trained = []
    for seed in seeds:
        split = split_multiomics(donors, preparation, seed)
        models = fit_embeddings(
            split, network=network, weights=weights, training=training, seed=seed
        )
        trained.append(TrainedSeed(seed, split.of_pairs(), models))
    return tuple(trained)


def fit_embeddings(
    split: MultiomicsSplit,
    *,
    network: Network,
    weights: Weights,
    training: Training,
    seed: int,
    with_pairs: bool = True,
    only: Collection[str] | None = None,
) -> dict[str, Embedding]:
    """Name → trained model; `with_pairs` also those that see pairs, if there are two or more.

    `weights.pair` counts for the paired models alone, `weights.kl` for the single modalities too.
    `only`: names of the models to train; None for all.
    """
    settings = {"network": network, "weights": weights, "training": training, "seed": seed}
    makers: dict[str, Callable[[], Embedding]] = {
        "pca": lambda: _pca(split, network.n_latent, seed),
        "single": lambda: _single(split, **settings),
        "linear": lambda: _linear(split, **settings),
    }
    for kind in KINDS:
        makers[kind] = partial(_coembedding, split, kind, pairs=None, **settings)
    makers["shuffled"] = lambda: _coembedding(
        _shuffled(split, seed), "contrastive", pairs=None, **settings
    )
    if with_pairs and len(split.pairs) > 1:
        for kind in KINDS:
            paired = partial(_coembedding, split, kind, pairs=split.pairs, **settings)
            makers[f"{kind}_paired"] = paired
        makers["ridge"] = lambda: _ridge(split, network.n_latent, seed)
    return {name: make() for name, make in makers.items() if only is None or name in only}


def training_history(trained: TrainedSeed) -> pd.DataFrame:
    """Loss terms of both co-embeddings by epoch: rows of `History` with a column model."""
    tables = [pd.DataFrame(trained.models[kind].history.rows).assign(model=kind) for kind in KINDS]
    return pd.concat(tables)


def describe_training(split: MultiomicsSplit) -> str:
    """One sentence: how many samples train, how many donors are held out, how many match."""
    n_matches = pd.Series(split.matches[:, 0]).value_counts()
    removed = split.rna_scaling.removed_
    return (
        f"{split.n_rna:,} RNA and {len(split.atac):,} ATAC samples to train on, "
        f"{len(split.test_obs)} donors held out; {n_matches.mean():.1f} matches an ATAC sample; "
        f"removed beside the cancer type: {', '.join(removed) or 'nothing'}"
    )


def _pca(split: MultiomicsSplit, n_latent: int, seed: int) -> Embedding:
    rna, atac = (fit_pca(x, n_latent, seed) for x in (split.rna, split.atac))
    return Embedding(
        embed_rna=rna.transform,
        embed_atac=atac.transform,
        rebuild_rna=lambda x: rna.inverse_transform(rna.transform(x)),
        rebuild_atac=lambda x: atac.inverse_transform(atac.transform(x)),
    )


def _single(
    split: MultiomicsSplit, network: Network, weights: Weights, training: Training, seed: int
) -> Embedding:
    """An RNA and an ATAC autoencoder, each with as many steps as a co-embedding takes."""
    settings = {"network": network, "weights": weights, "seed": seed}
    n_seen = training.n_epochs * len(split.atac)  # samples in all
    rna, atac = (
        _autoencoder(x, replace(training, n_epochs=math.ceil(n_seen / len(x))), **settings)
        for x in (split.rna, split.atac)
    )
    return Embedding(
        embed_rna=lambda x: posterior_mean(rna, x),
        embed_atac=lambda x: posterior_mean(atac, x),
        rebuild_rna=lambda x: decoded_mean(rna, posterior_mean(rna, x)),
        rebuild_atac=lambda x: decoded_mean(atac, posterior_mean(atac, x)),
        model=rna,
    )


def _linear(
    split: MultiomicsSplit, network: Network, weights: Weights, training: Training, seed: int
) -> Embedding:
    """The RNA autoencoder without a hidden layer, with as many steps."""
    n_epochs = math.ceil(training.n_epochs * len(split.atac) / len(split.rna))
    shape, steps = replace(network, n_hidden=0), replace(training, n_epochs=n_epochs)
    rna = _autoencoder(split.rna, steps, network=shape, weights=weights, seed=seed)
    return Embedding(
        embed_rna=lambda x: posterior_mean(rna, x),
        rebuild_rna=lambda x: decoded_mean(rna, posterior_mean(rna, x)),
        model=rna,
    )


def _autoencoder(
    x: np.ndarray, training: Training, network: Network, weights: Weights, seed: int
) -> RnaVAE:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = RnaVAE(x.shape[1], network.n_hidden, network.n_latent)
    to_the_end, loss = replace(training, keep="last"), weights.of_one_modality()
    fit(model, torch.from_numpy(x), None, weights=loss, training=to_the_end, seed=seed)
    return model


def _coembedding(
    split: MultiomicsSplit,
    kind: str,
    *,
    pairs: np.ndarray | None,
    network: Network,
    weights: Weights,
    training: Training,
    seed: int,
) -> Embedding:
    data = two_modalities(
        split.rna,
        split.atac,
        split.rna_obs["cancer_type"].tolist(),
        split.atac_obs["cancer_type"].tolist(),
        split.matches,
        pairs,
    )
    terms = weights.of_coembedding(kind)
    model = fit_coembedding(
        data,
        kind,
        network=network,
        weights=terms,
        training=training,
        seed=seed,
        atac=split.atac_autoencoder,
    )
    return Embedding(
        model.embed_rna,
        model.rebuild_rna,
        model.embed_atac,
        model.rebuild_atac,
        model.impute_rna,
        model.impute_atac,
        model.history,
        model,
    )


def _shuffled(split: MultiomicsSplit, seed: int) -> MultiomicsSplit:
    """The split with the ATAC samples' rows dealt at random: types and matches mean nothing."""
    rows = np.random.default_rng(seed).permutation(len(split.atac))
    return replace(split, atac=split.atac[rows])


def _ridge(split: MultiomicsSplit, n_latent: int, seed: int) -> Embedding:
    atac_rows, rna_rows = split.pairs.T
    # The scaling of the split keeps what each component weighs, so it is not standardised again.
    ridge = RidgeCoembedding(n_latent, seed=seed)
    ridge.fit(split.rna, split.rna[rna_rows], split.atac[atac_rows])
    return Embedding(
        ridge.embed_rna,
        lambda x: ridge.rna_pca.inverse_transform(ridge.embed_rna(x)),
        ridge.embed_atac,
        lambda x: ridge.impute_atac(ridge.impute_rna(x)),
        ridge.impute_rna,
        ridge.impute_atac,
    )
