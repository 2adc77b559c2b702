"""Models of peaks on disk and what they give back of held-out samples: two VAE levels, and PCA.

Everything is read a window at a time from a store of `peak_windows`; the store is standardised on
the training samples, so a model that gives 0 everywhere explains nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch

from helpers.coembedding.argument_groups import PeakNetwork
from helpers.coembedding.atac.components import gram_components
from helpers.coembedding.atac.peak_vae import HierarchicalVAE, WindowVAE
from helpers.coembedding.atac.peak_windows import PeakWindows
from helpers.coembedding.atac.window_training import decode_windows, embed_windows, fit_window_vae
from helpers.coembedding.benchmarks.reconstruction_differential import (
    pseudoreplicates,
    reconstruction_differential,
)
from helpers.models.history import History
from helpers.models.readout import decoded_mean, posterior_mean
from helpers.models.training import Training, fit


@dataclass(frozen=True)
class PeakModels:
    """What `fit_peak_models` found, all of held-out samples.

    rebuilt: model → float32 sample × peak in the unit of the store. embedded: model → sample ×
    latent. explained: model → share of the held-out samples' standardised variance, at most 1; 0 is
    the training mean, negative is worse. histories: of the window VAE and of the hierarchical one.
    """

    rebuilt: dict[str, np.ndarray]
    embedded: dict[str, np.ndarray]
    explained: dict[str, float]
    histories: dict[str, History]


def fit_peak_models(
    windows: PeakWindows,
    train_rows: np.ndarray,
    test_rows: np.ndarray,
    *,
    network: PeakNetwork,
    kl_weight: float,
    window_training: Training,
    top_training: Training,
    seed: int,
) -> PeakModels:
    """Window VAE, hierarchical VAE and PCA of `n_latent` dimensions, fitted on the training rows.

    "window" gives the windows back from their own embeddings, n_window_latent numbers each;
    "hierarchical" and "pca" from n_latent numbers a sample. Training stops after `patience` epochs
    without improvement (the paper: 2) on a fifth of the training rows, not on the held-out ones;
    PCA is fitted on all of the training rows. `windows` is left standardised on the training rows.

    Args:
        windows: the store, read a window at a time.
        train_rows: samples that are fitted on.
        test_rows: samples that are held out.
        network: widths and latent dimensions of both VAEs.
        kl_weight: of both VAEs' KL; reconstruction weighs 1.
        window_training: of the window VAE, an epoch being a pass over all peaks.
        top_training: of the hierarchical VAE, an epoch being a pass over the samples.
        seed: of initialisation, minibatches and the fifth that is watched.
    """
    windows.standardise(train_rows)
    still, spans = windows.of(test_rows, still=True), windows.spans(0)
    low, top = _networks(windows, network, seed)
    weights = {"reconstruction": 1.0, "kl": kl_weight}
    fitted, watched = _watched(train_rows, seed)
    seen = windows.of(fitted), windows.of(watched, still=True)
    below = fit_window_vae(low, *seen, weights=weights, training=window_training, seed=seed)
    z = [embed_windows(low, windows.of(rows, still=True)) for rows in (fitted, watched, test_rows)]
    above = fit(top, z[0], z[1], weights=weights, training=top_training, seed=seed)
    latent = posterior_mean(top, z[2])
    scaled = {
        "window": _decoded(low, z[2], spans),
        "hierarchical": _decoded(low, torch.from_numpy(decoded_mean(top, latent)), spans),
    }
    components, scaled["pca"] = _pca(windows, train_rows, test_rows, network.n_latent)
    truth = np.concatenate([_read(still, span) for span in spans], axis=1)
    explained = {name: _explained(truth, x) for name, x in scaled.items()}
    embedded = {"hierarchical": latent, "pca": components, "window": z[2].mean(1).numpy()}
    rebuilt = {name: windows.in_unit(scaled.pop(name)) for name in list(scaled)}
    return PeakModels(rebuilt, embedded, explained, {"window": below, "hierarchical": above})


def _explained(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(1 - np.square(truth - predicted).sum() / np.square(truth).sum())


def _networks(
    windows: PeakWindows, network: PeakNetwork, seed: int
) -> tuple[WindowVAE, HierarchicalVAE]:
    n_hidden, n_window_latent = network.n_hidden, network.n_window_latent
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        low = WindowVAE(windows.window, n_hidden, n_window_latent)
        top = HierarchicalVAE(
            [span.chrom for span in windows.spans(0)],
            n_window_latent,
            n_channels=max(1, n_hidden // 8),
            n_hidden=n_hidden,
            n_latent=network.n_latent,
        )
    return low, top


def _watched(rows: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(fitted, watched): four fifths and the rest, at random."""
    order = np.random.default_rng(seed).permutation(rows)
    n_watched = max(2, len(rows) // 5)
    return np.sort(order[n_watched:]), np.sort(order[:n_watched])


def _read(windows: PeakWindows, span) -> np.ndarray:
    return windows.read(span)[:, : span.stop - span.start]


def _decoded(model: WindowVAE, latents: torch.Tensor, spans: Sequence) -> np.ndarray:
    """Sample × peak of all windows, the padding dropped."""
    parts = zip(decode_windows(model, latents), spans, strict=True)
    return np.concatenate([x.numpy()[:, : s.stop - s.start] for x, s in parts], axis=1)


def _pca(
    windows: PeakWindows, train_rows: np.ndarray, test_rows: np.ndarray, n_latent: int
) -> tuple[np.ndarray, np.ndarray]:
    """(components, rebuilt) of the test rows; axes are of the training rows, two reads of the disk.

    With scores S of the centred training rows X, the axes are Xᵀ S / diag(SᵀS).
    """
    everyone = windows.of(np.concatenate([train_rows, test_rows]), still=True)
    spans, n_train = everyone.spans(0), len(train_rows)
    blocks = ((span, _read(everyone, span)) for span in spans)
    scores = gram_components(blocks, np.arange(n_train), min(n_latent, n_train - 1))
    inside, outside = scores[:n_train], scores[n_train:]
    rebuilt = []
    for span in spans:
        train = _read(everyone, span)[:n_train]
        mean = train.mean(axis=0)
        axes = (train - mean).T @ (inside / np.square(inside).sum(axis=0))
        rebuilt.append(mean + outside @ axes.T)
    return outside, np.concatenate(rebuilt, axis=1)


def peak_differential(
    found: PeakModels, observed: pd.DataFrame, seed: int
) -> dict[str, pd.DataFrame]:
    """Model → `reconstruction_differential` of the held-out samples, sample × peak on a log2 scale.

    "pseudoreplicates" is the floor: reads are taken as 5·(2^(x − lowest) − 1), which undoes
    log2((count + 5) per million) where the lowest value stands for no read, and are dealt to two
    halves.
    """
    tables = {name: reconstruction_differential(observed, x) for name, x in found.rebuilt.items()}
    halves = pseudoreplicates(_reads(observed), seed, scale=lambda n: np.log2(n + 2.5))
    return tables | {"pseudoreplicates": reconstruction_differential(*halves)}


def _reads(observed: pd.DataFrame) -> np.ndarray:
    """5·(2^(x − lowest) − 1), rounded; step after step in one array, which is large."""
    x = observed.to_numpy(float, copy=True)
    x -= x.min()
    np.power(2.0, x, out=x)
    x -= 1
    x *= 5
    return np.rint(x, out=x)
