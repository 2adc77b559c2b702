"""The feature extractors of paper 3, each trained and read out by one call.

All five have the same hidden layers, likelihood and optimiser, so that what differs is what happens
to the latents: `vqvae` (`n_latent` categorical latents a sample), `vqvae_single` (one code of
`n_latent` dimensions a sample), `vqvae_vector` (between the two: several codes of several
dimensions, together `n_latent`), `vae` (a Gaussian posterior) and `ae` (nothing).
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import torch
from torch import nn

from helpers.models.history import History
from helpers.models.readout import posterior_mean
from helpers.models.training import fit
from helpers.models.vae import VAE
from helpers.vqvae_subtyping.argument_groups import Codebook, ExtractorSettings, Weights
from helpers.vqvae_subtyping.extractors.autoencoder import Autoencoder
from helpers.vqvae_subtyping.extractors.codebook_usage import code_usage
from helpers.vqvae_subtyping.extractors.pca_start import start_at_pca
from helpers.vqvae_subtyping.extractors.vqvae import VQVAE

EXTRACTORS = ("vqvae", "vqvae_single", "vqvae_vector", "vae", "ae")


@dataclass(frozen=True)
class Extracted:
    """A trained extractor and what it makes of all samples, as arrays of one row a sample.

    Attributes:
        latent: what clustering takes, sample × latent: quantised latents, posterior means or z.
        continuous: the latents before quantisation, in which no two samples are equal; the same as
            `latent` for `vae` and `ae`.
        codes: index of the code each latent holds, sample × latent, as many as codes a
            sample has; None without a codebook.
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


def extract(extractor: str, x_train, x_all, settings: ExtractorSettings, seed: int) -> Extracted:
    """Train an extractor on `x_train` and embed `x_all`; both sample × feature, standardised.

    The weights kept are those of the last epoch (`settings.training.keep` must be "last": no
    patient is set aside to choose an epoch by). Codebooks start by k-means and dead codes are
    restarted after every epoch.

    Raises:
        ValueError: no such extractor; fewer training rows than codes.
        TrainingDiverged: from `fit`.
    """
    x_train = torch.as_tensor(x_train, dtype=torch.float32)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = new_extractor(extractor, x_train.shape[1], settings)
    if settings.starts_at_pca:
        start_at_pca(model, x_train)
    if isinstance(model, VQVAE):
        model.start_codebook(x_train, seed)
    weights = _term_weights(model, settings.weights)
    training = settings.paced_training
    history = fit(model, x_train, None, weights=weights, training=training, seed=seed)
    return read_out(model, x_all, history)


def new_extractor(extractor: str, n_features: int, settings: ExtractorSettings) -> nn.Module:
    """An untrained extractor.

    Raises:
        ValueError: no such extractor.
    """
    if extractor not in EXTRACTORS:
        raise ValueError(f"`extractor` must be one of {', '.join(EXTRACTORS)}; got {extractor!r}.")
    network = settings.network
    size = (n_features, network.n_hidden, network.n_latent)
    shared = {
        "noise_sd": network.noise_sd,
        "dropout": network.dropout,
        "linear_skip": settings.starts_at_pca,
    }
    if extractor == "vae":
        return VAE(*size, **shared)
    if extractor == "ae":
        return Autoencoder(*size, **shared)
    codebook = settings.codebooks[extractor]
    n_latent, form, codebook = code_layout(extractor, network.n_latent, codebook)
    shape = {"form": form, "codebook": codebook}
    return VQVAE(n_features, network.n_hidden, n_latent, **shape, **shared)


def code_layout(extractor: str, n_latent: int, codebook: Codebook) -> tuple[int, str, Codebook]:
    """Latents, form and codebook of a VQ-VAE; one of vectors has as many as hold `n_latent`."""
    if extractor == "vqvae_single":
        return n_latent, "single", codebook
    if extractor == "vqvae":
        return n_latent, "multi", codebook
    dim = min(codebook.code_dim, n_latent)
    return ceil(n_latent / dim), "multi", replace(codebook, code_dim=dim)


def read_out(model: nn.Module, x, history: History) -> Extracted:
    """Everything that `Extracted` holds, of the rows of `x`."""
    if isinstance(model, VAE):
        latent = posterior_mean(model, x)
        return Extracted(latent, latent, None, None, {}, history, model)
    continuous = model.continuous(x)
    if not isinstance(model, VQVAE):
        return Extracted(continuous, continuous, None, None, {}, history, model)
    codes, levels, latent = model.held(continuous)
    usage = code_usage(torch.as_tensor(codes), model.quantizer.n_codes)
    return Extracted(latent, continuous, codes, levels, usage, history, model)


def _term_weights(model: nn.Module, weights: Weights) -> dict[str, float]:
    """A weight for each of the model's loss terms."""
    terms = {"reconstruction": 1.0}
    if isinstance(model, VAE):
        return terms | {"kl": weights.kl}
    if not isinstance(model, VQVAE):
        return terms
    codebook = {"codebook": 1.0} if model.has_codebook_loss else {}
    return terms | {"commitment": weights.commitment} | codebook
