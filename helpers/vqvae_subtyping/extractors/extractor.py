"""The feature extractors of paper 3, each trained and read out by one call.

All four have the same hidden layers, likelihood and optimiser, so that what differs is what happens
to the latents: `vqvae` (`n_latent` categorical latents a sample), `vqvae_single` (one code of
`n_latent` dimensions a sample), `vae` (a Gaussian posterior) and `ae` (nothing).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from helpers.models.history import History
from helpers.models.readout import posterior_mean
from helpers.models.training import Training, fit
from helpers.models.vae import VAE
from helpers.vqvae_subtyping.extractors.autoencoder import Autoencoder
from helpers.vqvae_subtyping.extractors.pca_start import start_at_pca
from helpers.vqvae_subtyping.extractors.vqvae import VQVAE, codebook_usage

EXTRACTORS = ("vqvae", "vqvae_single", "vae", "ae")


@dataclass(frozen=True)
class Extracted:
    """A trained extractor and what it makes of all samples, as arrays of one row a sample.

    Attributes:
        latent: what clustering takes, sample × latent: quantised latents, posterior means or z.
        continuous: the latents before quantisation, in which no two samples are equal; the same as
            `latent` for `vae` and `ae`.
        codes: index of the code each latent holds, sample × latent (× 1 for `vqvae_single`); None
            without a codebook.
        levels: the same with the codes in order (`Quantizer.ranks`), so that a heat map shows and a
            correlation means something; None without a codebook.
        usage: `codebook_usage.code_usage` over all samples; empty without a codebook.
        history: loss terms per epoch and, with a codebook, its usage on the training rows per epoch
            in `history.measures`.
        model: the trained model.
    """

    latent: Any
    continuous: Any
    codes: Any
    levels: Any
    usage: dict[str, float]
    history: History
    model: nn.Module


def extract(
    kind: str,
    x_train,
    x_all,
    x_validation=None,
    *,
    n_codes: int | Mapping[str, int],
    code_dim: int,
    ema_decay: float,
    kl_weight: float,
    commitment_weight: float,
    n_hidden: Sequence[int],
    n_latent: int,
    noise_sd: float,
    dropout: float,
    starts_at_pca: bool,
    seed: int,
    **training: Any,
) -> Extracted:
    """Train one extractor on `x_train` and embed `x_all`; both sample × feature, standardised.

    `training` goes to `helpers.models.training.fit`: n_epochs, minibatch_size, learning_rate,
    patience, device, …. With `x_validation` the weights of its best epoch are kept and `patience`
    stops training; without it, those of the last epoch.

    `n_codes` is M: one number, or one for each of `vqvae` and `vqvae_single`. `code_dim` has a say
    in `vqvae` alone, `kl_weight` in `vae` alone; with `ema_decay` 0 the codes learn by the codebook
    loss, at weight 1. Codebooks start by k-means and dead codes are restarted after every epoch.
    `starts_at_pca` gives all four a linear path beside the network, which starts at the PCA of
    `x_train` (`start_at_pca`).

    Raises:
        ValueError: no such extractor; fewer training rows than codes.
        TrainingDiverged: from `fit`.
    """
    x_train, x_validation = (
        x if x is None else torch.as_tensor(x, dtype=torch.float32) for x in (x_train, x_validation)
    )
    book = {"n_codes": _codes_of(kind, n_codes), "code_dim": code_dim, "ema_decay": ema_decay}
    size = {"n_hidden": n_hidden, "n_latent": n_latent, "noise_sd": noise_sd, "dropout": dropout}
    size["linear_skip"] = starts_at_pca
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = new_extractor(kind, x_train.shape[1], **size, **book)
    if starts_at_pca:
        start_at_pca(model, x_train)
    if isinstance(model, VQVAE):
        model.start_codebook(x_train, seed)
    weights = _weights(model, kl_weight, commitment_weight)
    keep = "last" if x_validation is None else "best"
    how = Training(keep=keep, **training)
    history = fit(model, x_train, x_validation, weights=weights, training=how, seed=seed)
    return read_out(model, x_all, history)


def new_extractor(
    kind: str, n_features: int, *, n_codes: int, code_dim: int, ema_decay: float, **size: Any
) -> nn.Module:
    """An untrained extractor; `size` is what all four share (see `Autoencoder`).

    Raises:
        ValueError: no such extractor.
    """
    if kind not in EXTRACTORS:
        raise ValueError(f"`kind` must be one of {', '.join(EXTRACTORS)}; got {kind!r}.")
    if kind == "vae":
        return VAE(n_features, **size)
    if kind == "ae":
        return Autoencoder(n_features, **size)
    form = "single" if kind == "vqvae_single" else "multi"
    return VQVAE(
        n_features, **size, n_codes=n_codes, code_dim=code_dim, form=form, ema_decay=ema_decay
    )


def read_out(model: nn.Module, x, history: History) -> Extracted:
    """Everything that `Extracted` holds, of the rows of `x`."""
    if isinstance(model, VAE):
        latent = continuous = posterior_mean(model, x)
    else:
        latent, continuous = model.latent(x), model.continuous(x)
    codes, levels, usage = None, None, {}
    if isinstance(model, VQVAE):
        codes, levels, usage = model.codes(x), model.levels(x), codebook_usage(model, x)
    return Extracted(latent, continuous, codes, levels, usage, history, model)


def _codes_of(kind: str, n_codes: int | Mapping[str, int]) -> int:
    return n_codes.get(kind, 1) if isinstance(n_codes, Mapping) else n_codes


def _weights(model: nn.Module, kl_weight: float, commitment_weight: float) -> dict[str, float]:
    weights = {"reconstruction": 1.0}
    if isinstance(model, VAE):
        return weights | {"kl": kl_weight}
    if not isinstance(model, VQVAE):
        return weights
    weights["commitment"] = commitment_weight
    return weights | ({"codebook": 1.0} if model.has_codebook_loss else {})
