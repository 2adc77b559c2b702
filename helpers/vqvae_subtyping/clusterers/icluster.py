"""iClusterBayes, its Gaussian case: latent variables common to several kinds of data, with a
choice of features.

Mo et al. (2018, Biostatistics 19, 71). For feature j of a centred view and sample i

    x_ij = γ_j β_jᵀ z_i + e_ij,   z_i ~ N(0, I),   β_j ~ N(0, s² I),   e_ij ~ N(0, σ_j²),

with k − 1 latent variables for k clusters; γ_j says whether feature j follows them at all. Samples
are clustered by k-means on the posterior mean of z.

Departures: γ_j is drawn with β_j integrated out, so there is no Metropolis step; the share π of
features with γ_j = 1 is drawn for each view (prior Beta(1, 1)) and not given; the chain starts at
the principal components; and each draw of z is rotated onto the first before they are averaged,
as the model leaves the axes of z open.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import orthogonal_procrustes
from scipy.special import expit, logit
from sklearn.utils.extmath import randomized_svd

from helpers.evaluate.arrays import as_matrix
from helpers.vqvae_subtyping.clusterers.kmeans import kmeans


@dataclass(frozen=True)
class IClusterResult:
    """What `icluster` finds.

    labels     a cluster from 0 for each sample
    latent     posterior mean of z, samples × (clusters − 1)
    inclusion  view → posterior probability of each feature to follow z, in [0, 1]
    """

    labels: np.ndarray
    latent: np.ndarray
    inclusion: dict[str, np.ndarray]


def icluster(
    views: Mapping[str, ArrayLike],
    n_clusters: int,
    seed: int,
    *,
    n_burn_in: int = 100,
    n_draws: int = 200,
    slab_variance: float = 0.5,
) -> IClusterResult:
    """Clusters of samples described by several views (name → samples × features).

    Features are centred and each view is divided by its root mean variance; within a view they keep
    their scales, so standardise features of different units first. A constant feature has an
    inclusion probability of 0. A short Gibbs chain: `n_burn_in` draws are dropped, `n_draws`
    averaged. `slab_variance`: s².

    Raises:
        ValueError: no view, views of different samples, NaN, only constant features, fewer samples
            than clusters, or too small a number of clusters or draws or variance.
    """
    matrices = _checked(views, n_clusters, n_draws, slab_variance)
    scaled = {name: _scaled(x) for name, x in matrices.items()}
    x = np.hstack([values for values, _ in scaled.values()])
    if not x.shape[1]:
        raise ValueError("every feature of every view is constant. Give features that vary.")
    view = np.repeat(np.arange(len(scaled)), [values.shape[1] for values, _ in scaled.values()])
    n_latent = min(n_clusters - 1, *x.shape)
    chain = _draws(x, view, n_latent, slab_variance, np.random.default_rng(seed))
    latent, included = np.zeros((len(x), n_latent)), np.zeros(x.shape[1])
    first = None
    for number, (z, gamma) in zip(range(n_burn_in + n_draws), chain, strict=False):
        if number >= n_burn_in:
            first = z if first is None else first
            latent += z @ orthogonal_procrustes(z, first)[0] / n_draws
            included += gamma / n_draws
    labels = kmeans(latent, n_clusters, seed)
    return IClusterResult(labels, latent, _by_view(included, view, scaled))


def _draws(
    x: np.ndarray, view: np.ndarray, n_latent: int, slab: float, rng: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Gibbs draws of z (samples × latent) and γ (one bool per feature), without end."""
    # The chain starts at the principal components, at unit variance.
    left, size, _ = randomized_svd(x, n_latent, random_state=int(rng.integers(2**31)))
    z = left * np.sqrt(len(x)) * (size > 0)
    noise, share = np.ones(x.shape[1]), np.full(view.max() + 1, 0.5)
    squares = np.square(x).sum(axis=0)
    # The two products with x are most of a draw: in single precision they take half the time.
    x = x.astype(np.float32)
    while True:
        # γ, β | z, σ², π: all that they need of the data is Xᵀz and zᵀz.
        cross, gram = (z.T.astype(np.float32) @ x).T.astype(float), z.T @ z
        gamma, beta = _draw_loadings(cross, gram, noise, logit(share)[view], slab, rng)
        # σ² | z, γ, β: inverse gamma with the residuals Σ_i (x_ij − β_jᵀz_i)² = Σx² − fitted.
        fitted = 2 * (beta * cross).sum(axis=1) - ((beta @ gram) * beta).sum(axis=1)
        # Its prior, inverse gamma(1, 1/2), is worth two samples.
        half = 0.5 + np.maximum(squares - fitted, 0) / 2
        noise = half / rng.gamma(1 + len(x) / 2, size=len(half))
        # π | γ, of each view: beta with the features in and out added to the prior's one and one.
        n_in = np.bincount(view, gamma, len(share))
        share = rng.beta(1 + n_in, 1 + np.bincount(view, minlength=len(share)) - n_in)
        share = np.clip(share, 1e-12, 1 - 1e-12)
        z = _draw_latent(x, beta, noise, rng)  # z | β, σ²
        yield z, gamma


def _draw_loadings(
    cross: np.ndarray,
    gram: np.ndarray,
    noise: np.ndarray,
    prior: np.ndarray,
    slab: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """γ (features) and γβ (features × latent) given z; `prior`: log odds of γ = 1.

    In the axes of zᵀz the coefficients of a feature are independent.
    """
    values, axes = np.linalg.eigh(gram)
    # Of each coefficient (features × latent): posterior precision λ/σ² + 1/s², and mean.
    precision = np.maximum(values, 0) / noise[:, None] + 1 / slab
    mean = (cross @ axes) / noise[:, None] / precision
    # p(x | γ = 1) / p(x | γ = 0) with β integrated out: Π exp(mean² · precision / 2) / √(s² ·
    # precision).
    log_bayes_factor = 0.5 * (mean**2 * precision - np.log(slab * precision)).sum(axis=1)
    gamma = rng.random(len(mean)) < expit(prior + log_bayes_factor)
    beta = mean + rng.standard_normal(mean.shape) / np.sqrt(precision)
    # Back from the axes of zᵀz to the latent variables.
    return gamma, gamma[:, None] * (beta @ axes.T)


def _draw_latent(
    x: np.ndarray, beta: np.ndarray, noise: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Z given the loadings, its mean over samples taken out, which the features' means hold."""
    weighted = beta / noise[:, None]  # Σ⁻¹β
    # Posterior precision of z, the same for every sample: I + βᵀΣ⁻¹β = L Lᵀ; its covariance is
    # (L⁻¹)ᵀL⁻¹, so that (xΣ⁻¹β L⁻ᵀ + ε) L⁻¹ has the posterior's mean and covariance.
    factor = np.linalg.cholesky(np.eye(beta.shape[1]) + beta.T @ weighted)
    inverse = np.linalg.inv(factor)
    mean = (x @ weighted.astype(x.dtype)).astype(float)
    z = (mean @ inverse.T + rng.standard_normal(mean.shape)) @ inverse
    return z - z.mean(axis=0)


def _checked(
    views: Mapping[str, ArrayLike], n_clusters: int, n_draws: int, slab: float
) -> dict[str, np.ndarray]:
    if not views:
        raise ValueError("`views` must hold at least one kind of data; got none.")
    n_samples = len(np.asarray(next(iter(views.values()))))
    if not 2 <= n_clusters <= n_samples or n_draws < 1 or slab <= 0:
        raise ValueError(
            "iCluster needs 2 clusters or more, a sample for each, a draw and a positive variance; "
            f"got {n_clusters} clusters of {n_samples} samples, n_draws = {n_draws}, "
            f"slab_variance = {slab}. Ask for fewer clusters or keep more patients."
        )
    return {name: as_matrix(x, f"views[{name!r}]", n_samples) for name, x in views.items()}


def _scaled(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The columns that vary, at mean 0 and mean variance 1, and which they are."""
    is_used = np.ptp(x, axis=0) > 0
    varying = x[:, is_used].astype(float)
    centred = varying - varying.mean(axis=0)
    return centred / np.sqrt(np.square(centred).mean()) if centred.size else centred, is_used


def _by_view(
    included: np.ndarray, view: np.ndarray, scaled: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> dict[str, np.ndarray]:
    """Inclusion of every feature of every view, 0 for those that do not vary."""
    probability = {}
    for number, (name, (_, is_used)) in enumerate(scaled.items()):
        probability[name] = np.zeros(len(is_used))
        probability[name][is_used] = included[view == number]
    return probability
