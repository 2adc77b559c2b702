"""Every embedding of chapter 2 trained on one split: two modalities, rivals and controls.

All have `n_latent` dimensions and take as many steps as a co-embedding. `pca` and `single` (an RNA
and an ATAC autoencoder, each by itself) know nothing of the other modality; `adversarial` and
`contrastive` see matched samples of different patients; `ridge` and `…_paired` see the training
donors' own pairs; `shuffled` is contrastive with cancer types and matches dealt at random.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from helpers.coembedding.donors.split import MultiomicsSplit
from helpers.coembedding.embeddings.coembedding_model import KINDS, fit_coembedding
from helpers.coembedding.embeddings.ridge import RidgeCoembedding
from helpers.coembedding.embeddings.rna_vae import RnaVAE
from helpers.models.history import History
from helpers.models.pca import fit_pca
from helpers.models.readout import decoded_mean, posterior_mean
from helpers.models.training import Training, fit

ArrayMap = Callable[[np.ndarray], np.ndarray]
_KIND_WEIGHT = {"adversarial": "discriminator", "contrastive": "triplet"}


@dataclass(frozen=True)
class Embedding:
    """One model read out; arrays sample × feature (scaled as in the split) or sample × latent.

    rebuild_… gives a modality back from itself, impute_… from the other one; impute_… is None for
    models that have no shared space.
    """

    embed_rna: ArrayMap
    embed_atac: ArrayMap
    rebuild_rna: ArrayMap
    rebuild_atac: ArrayMap
    impute_rna: ArrayMap | None = None
    impute_atac: ArrayMap | None = None
    history: History | None = None
    model: Any = None


def fit_embeddings(
    split: MultiomicsSplit,
    *,
    weights: Mapping[str, float],
    n_hidden: int,
    n_latent: int,
    n_epochs: int,
    minibatch_size: int,
    learning_rate: float,
    dropout: float,
    seed: int,
    with_pairs: bool = True,
    device: str = "auto",
) -> dict[str, Embedding]:
    """Name → trained model; `with_pairs` also those that see pairs, if there are two or more.

    `weights`: those of `fit_coembedding`, with discriminator and triplet both; `pair` counts for
    the paired models alone. `rna_kl` and `atac_kl` are those of the single modalities too.
    """
    training = {"n_epochs": n_epochs, "minibatch_size": minibatch_size, "seed": seed}
    training |= {"learning_rate": learning_rate, "device": device}
    shape = {"n_hidden": n_hidden, "n_latent": n_latent}
    found = {
        "pca": _pca(split, n_latent, seed),
        "single": _single(split, weights, shape, training),
    }
    settings = {"weights": weights, "dropout": dropout, **shape, **training}
    for kind in KINDS:
        found[kind] = _coembedding(split, kind, pairs=None, **settings)
    found["shuffled"] = _coembedding(_shuffled(split, seed), "contrastive", pairs=None, **settings)
    if with_pairs and len(split.pairs) > 1:
        for kind in KINDS:
            found[f"{kind}_paired"] = _coembedding(split, kind, pairs=split.pairs, **settings)
        found["ridge"] = _ridge(split, n_latent, seed)
    return found


def _pca(split: MultiomicsSplit, n_latent: int, seed: int) -> Embedding:
    rna, atac = (fit_pca(x, n_latent, seed) for x in (split.rna, split.atac))
    return Embedding(
        rna.transform,
        atac.transform,
        lambda x: rna.inverse_transform(rna.transform(x)),
        lambda x: atac.inverse_transform(atac.transform(x)),
    )


def _single(
    split: MultiomicsSplit,
    weights: Mapping[str, float],
    shape: Mapping[str, int],
    training: Mapping[str, Any],
) -> Embedding:
    """An RNA and an ATAC autoencoder, each with as many steps as a co-embedding takes."""
    models, histories = [], []
    for name, x in (("rna", split.rna), ("atac", split.atac)):
        n_epochs = math.ceil(training["n_epochs"] * len(split.atac) / len(x))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(training["seed"])
            model = RnaVAE(x.shape[1], **shape)
        loss = {"reconstruction": weights[f"{name}_reconstruction"], "kl": weights[f"{name}_kl"]}
        how = {name: value for name, value in training.items() if name != "seed"}
        how = Training(**how | {"n_epochs": n_epochs, "keep": "last"})
        x, seed = torch.from_numpy(x), training["seed"]
        histories.append(fit(model, x, None, weights=loss, training=how, seed=seed))
        models.append(model)
    rna, atac = models
    return Embedding(
        lambda x: posterior_mean(rna, x),
        lambda x: posterior_mean(atac, x),
        lambda x: decoded_mean(rna, posterior_mean(rna, x)),
        lambda x: decoded_mean(atac, posterior_mean(atac, x)),
        model=rna,
    )


def _coembedding(
    split: MultiomicsSplit,
    kind: str,
    pairs: np.ndarray | None,
    weights: Mapping[str, float],
    n_hidden: int,
    **settings: Any,
) -> Embedding:
    dropped = {name for other, name in _KIND_WEIGHT.items() if other != kind}
    model = fit_coembedding(
        split.rna, split.atac, rna_labels=split.rna_obs["cancer_type"].tolist(),
        atac_labels=split.atac_obs["cancer_type"].tolist(), kind=kind, matches=split.matches,
        pairs=pairs, weights={k: w for k, w in weights.items() if k not in dropped},
        n_hidden=[n_hidden], **settings,
    )  # fmt: skip
    return Embedding(
        model.embed_rna,
        model.embed_atac,
        lambda x: decoded_mean(model.rna, model.embed_rna(x)),
        lambda x: decoded_mean(model.atac, model.embed_atac(x)),
        model.impute_rna,
        model.impute_atac,
        model.history,
        model,
    )


def _shuffled(split: MultiomicsSplit, seed: int) -> MultiomicsSplit:
    """The split with the ATAC samples' rows dealt at random: types and matches mean nothing."""
    from dataclasses import replace

    rows = np.random.default_rng(seed).permutation(len(split.atac))
    return replace(split, atac=split.atac[rows])


def _ridge(split: MultiomicsSplit, n_latent: int, seed: int) -> Embedding:
    atac_rows, rna_rows = split.pairs.T
    # The scaling of the split keeps what each component weighs, so it is not standardised again.
    ridge = RidgeCoembedding(n_latent, seed=seed)
    ridge.fit(split.rna, split.rna[rna_rows], split.atac[atac_rows])
    return Embedding(
        ridge.embed_rna,
        ridge.embed_atac,
        lambda x: ridge.rna_pca.inverse_transform(ridge.embed_rna(x)),
        lambda x: ridge.impute_atac(ridge.impute_rna(x)),
        ridge.impute_rna,
        ridge.impute_atac,
    )
