"""Models of peaks on disk and what they give back of held-out samples: two VAE levels, and PCA.

Everything is read a window at a time from a store of `peak_windows`; the store is standardised on
the training samples, so a model that gives 0 everywhere explains nothing. What a model rebuilds is
made when it is asked for, of the samples that are asked for: no model's peaks are kept.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from jaxtyping import Float
from torch import Tensor

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

InWindows = Callable[[np.ndarray], Iterator[np.ndarray]]


@dataclass(frozen=True)
class WindowLevel:
    """The window VAE and what it makes of every sample.

    windows: the store, standardised on the training samples. z: sample × window × latent, float32,
    windows of offset 0 in genomic order.
    """

    windows: PeakWindows
    model: WindowVAE
    z: np.ndarray

    def observed(self, rows: np.ndarray) -> pd.DataFrame:
        """Some samples as they are, sample × peak, in the unit of the store."""
        return pd.DataFrame(self.windows.observed(rows), columns=self.windows.var.index)

    def decoded(self, z: Float[Tensor, "sample window latent"]) -> Iterator[np.ndarray]:
        """Standardised sample × peak, a window after the other, the padding dropped."""
        spans = self.windows.spans(0)
        for x, span in zip(decode_windows(self.model, torch.as_tensor(z)), spans, strict=True):
            yield x.numpy()[:, : span.stop - span.start]

    def in_unit(self, parts: Iterable[np.ndarray]) -> np.ndarray:
        """Standardised windows as float32 sample × peak, in the unit of the store."""
        return self.windows.in_unit(np.concatenate(list(parts), axis=1))


@dataclass(frozen=True)
class PeakModels:
    """What `fit_peak_models` found; rows count in the store.

    latents: "hierarchical" and "pca" → sample × latent of every sample. explained: model → share of
    the held-out samples' standardised variance, at most 1; 0 is the training mean, negative is
    worse. histories: of the window VAE and of the hierarchical one. level: the first of them.
    in_windows: model → what it rebuilds of some rows, standardised, a window after the other.
    """

    latents: dict[str, np.ndarray]
    explained: dict[str, float]
    histories: dict[str, History]
    level: WindowLevel
    in_windows: dict[str, InWindows]

    def rebuilt(self, model: str, rows: np.ndarray) -> np.ndarray:
        """float32 sample × peak in the unit of the store, from the samples' own embeddings."""
        return self.level.in_unit(self.in_windows[model](rows))


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
    low, top = _networks(windows, network, seed)
    weights = {"reconstruction": 1.0, "kl": kl_weight}
    fitted, watched = _watched(train_rows, seed)
    seen = windows.of(fitted), windows.of(watched, still=True)
    below = fit_window_vae(low, *seen, weights=weights, training=window_training, seed=seed)
    parts = fitted, watched, test_rows
    z = [embed_windows(low, windows.of(rows, still=True)) for rows in parts]
    above = fit(top, z[0], z[1], weights=weights, training=top_training, seed=seed)
    level = WindowLevel(windows, low, _by_row(parts, z))
    latents = {"hierarchical": _by_row(parts, [posterior_mean(top, part) for part in z])}
    latents["pca"] = peak_components(windows, train_rows, test_rows, network.n_latent)
    rebuilt = _in_windows(level, top, latents, np.asarray(train_rows))
    histories = {"window": below, "hierarchical": above}
    explained = {name: _explained(level, test_rows, f(test_rows)) for name, f in rebuilt.items()}
    return PeakModels(latents, explained, histories, level, rebuilt)


def hierarchical_vae(windows: PeakWindows, network: PeakNetwork) -> HierarchicalVAE:
    """The second level for the windows of a store, untrained, drawn from torch's random numbers."""
    return HierarchicalVAE(
        [span.chrom for span in windows.spans(0)],
        network.n_window_latent,
        n_channels=max(1, network.n_hidden // 8),
        n_hidden=network.n_hidden,
        n_latent=network.n_latent,
    )


def _networks(
    windows: PeakWindows, network: PeakNetwork, seed: int
) -> tuple[WindowVAE, HierarchicalVAE]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        low = WindowVAE(windows.window, network.n_hidden, network.n_window_latent)
        return low, hierarchical_vae(windows, network)


def _watched(rows: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(fitted, watched): four fifths and the rest, at random."""
    order = np.random.default_rng(seed).permutation(rows)
    n_watched = max(2, len(rows) // 5)
    return np.sort(order[n_watched:]), np.sort(order[:n_watched])


def _by_row(rows: Iterable[np.ndarray], parts: Iterable) -> np.ndarray:
    """Parts of rows as one float32 array in the order of the store."""
    rows, values = np.concatenate(list(rows)), np.concatenate([np.asarray(p) for p in parts])
    placed = np.full((rows.max() + 1, *values.shape[1:]), np.nan, np.float32)
    placed[rows] = values
    return placed


def _in_windows(
    level: WindowLevel, top: HierarchicalVAE, latents: dict[str, np.ndarray], train: np.ndarray
) -> dict[str, InWindows]:
    def hierarchical(rows: np.ndarray) -> Iterator[np.ndarray]:
        return level.decoded(decoded_mean(top, latents["hierarchical"][rows]))

    return {
        "window": lambda rows: level.decoded(level.z[rows]),
        "hierarchical": hierarchical,
        "pca": lambda rows: _of_components(level.windows, latents["pca"], train, rows),
    }


def _explained(level: WindowLevel, rows: np.ndarray, parts: Iterable[np.ndarray]) -> float:
    still = level.windows.of(rows, still=True)
    error = total = 0.0
    for span, predicted in zip(still.spans(0), parts, strict=True):
        truth = _read(still, span)
        error += np.square(truth - predicted).sum(dtype=np.float64)
        total += np.square(truth).sum(dtype=np.float64)
    return float(1 - error / total)


def _read(windows: PeakWindows, span) -> np.ndarray:
    return windows.read(span)[:, : span.stop - span.start]


def peak_components(
    windows: PeakWindows, train_rows: np.ndarray, test_rows: np.ndarray, n_components: int
) -> np.ndarray:
    """Principal components of the peaks, sample × component by row of the store, axes those of the

    training rows; fewer than `n_components` if they are too few. One read of the disk.
    """
    rows = np.concatenate([train_rows, test_rows])
    everyone = windows.of(rows, still=True)
    blocks = ((span, _read(everyone, span)) for span in everyone.spans(0))
    n_train = len(train_rows)
    scores = gram_components(blocks, np.arange(n_train), min(n_components, n_train - 1))
    return _by_row([rows], [scores])


def _of_components(
    windows: PeakWindows, scores: np.ndarray, train_rows: np.ndarray, rows: np.ndarray
) -> Iterator[np.ndarray]:
    """Rows rebuilt from their components, window after window; one read of the training rows.

    With scores S of the centred training rows X, the axes are Xᵀ S / diag(SᵀS).
    """
    fitted, inside = windows.of(train_rows, still=True), scores[train_rows]
    for span in fitted.spans(0):
        train = _read(fitted, span)
        mean = train.mean(axis=0)
        axes = (train - mean).T @ (inside / np.square(inside).sum(axis=0))
        yield mean + scores[rows] @ axes.T


def peak_differential(
    rebuilt: Iterable[tuple[str, np.ndarray]], observed: pd.DataFrame, seed: int
) -> dict[str, pd.DataFrame]:
    """Model → `reconstruction_differential` of held-out samples, sample × peak on a log2 scale.

    rebuilt: (model, what it gives of the rows of `observed`), of which one is held at a time.
    "pseudoreplicates" is the floor: reads are taken as 5·(2^(x − lowest) − 1), which undoes
    log2((count + 5) per million) where the lowest value stands for no read, and are dealt to two
    halves.
    """
    tables = {name: reconstruction_differential(observed, x) for name, x in rebuilt}
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
