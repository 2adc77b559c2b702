"""Every extractor trained from every seed, and whether it matters where training starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluate.results import spread_metrics
from helpers.models.pca import fit_pca
from helpers.models.readout import decoded_mean
from helpers.vqvae_subtyping.argument_groups import ExtractorSettings
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.cluster_stability import seed_stability
from helpers.vqvae_subtyping.clusters.clustering_scores import (
    Distances,
    clustering_scores,
    distances_in,
)
from helpers.vqvae_subtyping.extractors.extractor import EXTRACTORS, Extracted, extract
from helpers.vqvae_subtyping.profiles import Profiles

RAW = "raw"  # the plain features, which stand beside the extractors
COMPONENTS = ("pca", "pca_white")  # and so do two linear ones, which train nothing
N_WHITE = 16  # whitened components: each counts alike, so that later ones would be noise
SPACES = (*EXTRACTORS, *COMPONENTS, RAW)


@dataclass(frozen=True)
class Extractions:
    """Trained extractors by (extractor, seed), and the space that each makes of the patients.

    plain: the features themselves. components: principal components, plain and whitened. Both are
    the same for every seed.
    """

    trained: Mapping[tuple[str, int], Extracted]
    plain: np.ndarray
    components: Mapping[str, np.ndarray]
    seeds: tuple[int, ...]
    n_codes: Mapping[str, int]

    @property
    def spaces(self) -> dict[tuple[str, int], np.ndarray]:
        """(one of `SPACES`, seed) → patient × latent."""
        spaces = {key: np.asarray(one.latent) for key, one in self.trained.items()}
        same = {**self.components, RAW: self.plain}
        return spaces | {(name, seed): x for name, x in same.items() for seed in self.seeds}

    @property
    def first(self) -> dict[str, np.ndarray]:
        """The plain values and each extractor's latents of the first seed."""
        spaces = self.spaces
        return {space: spaces[space, self.seeds[0]] for space in (RAW, *EXTRACTORS)}

    @property
    def vqvae(self) -> Extracted:
        """The first seed's VQ-VAE."""
        return self.trained["vqvae", self.seeds[0]]

    @property
    def history(self) -> pd.DataFrame:
        """Loss terms of the first seed's VQ-VAE, as `plot_history` takes them."""
        return pd.DataFrame(self.vqvae.history.rows)

    @property
    def usage(self) -> pd.DataFrame:
        """How the codebooks are used, a row a VQ-VAE and seed."""
        usage = pd.DataFrame(
            {"extractor": extractor, "seed": seed, **self.trained[extractor, seed].usage}
            for extractor in self.n_codes
            for seed in self.seeds
        )
        return usage.assign(codes=usage["extractor"].map(self.n_codes))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The history and the codebooks' usage."""
        return {"history": self.history, "codebook": self.usage}

    @property
    def metrics(self) -> dict[str, float]:
        """Codes in use and perplexity; `.single` and `.vector` are the other VQ-VAEs."""
        metrics = {}
        for extractor, rows in self.usage.groupby("extractor"):
            end = extractor.removeprefix("vqvae").replace("_", ".")
            for measure in ("used", "perplexity"):
                metrics |= spread_metrics(f"codebook.{measure}{end}", rows[measure])
        return metrics


def extract_all(
    profiles: Profiles, settings: ExtractorSettings, seeds: Sequence[int]
) -> Extractions:
    """Train every extractor from every seed on all patients, without labels; PCA beside them.

    "pca" has as many components as the extractors have latents, "pca_white" 16 of unit variance.

    Raises:
        ValueError: as `extract`.
    """
    trained = {
        (extractor, seed): extract(extractor, profiles.x, profiles.x, settings, seed)
        for seed in seeds
        for extractor in EXTRACTORS
    }
    n_codes = {name: codebook.n_codes for name, codebook in settings.codebooks.items()}
    components = principal_components(profiles.x, settings.network.n_latent, seeds[0])
    return Extractions(trained, profiles.x, components, tuple(seeds), n_codes)


def principal_components(x: np.ndarray, n_latent: int, seed: int) -> dict[str, np.ndarray]:
    """`COMPONENTS` → patient × component, float32; fewer where the data have no more."""
    most = min(len(x) - 1, x.shape[1])
    places = fit_pca(x, min(max(n_latent, N_WHITE), most), seed).transform(x).astype(np.float32)
    white = places[:, :N_WHITE]
    return {"pca": places[:, :n_latent], "pca_white": white / white.std(axis=0)}


@dataclass(frozen=True)
class Starts:
    """The VQ-VAE from a random start and from PCA, a row a start and seed.

    Columns of `table`: starts at PCA, explained (share of variance that the codes reconstruct),
    perplexity, nmi, ari (k-means, with the known subtypes), stability (ARI between the seeds).
    """

    table: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The table as it is recorded."""
        return {"starts": self.table}

    @property
    def metrics(self) -> dict[str, float]:
        """None: the table says it all."""
        return {}

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, a row a start."""
        return self.table.groupby("starts at PCA", sort=False).agg(["mean", "std"]).round(3)


def compare_starts(
    profiles: Profiles,
    extractions: Extractions,
    settings: ExtractorSettings,
    n_clusters: int,
    both: bool = True,
) -> Starts:
    """Reconstruction, agreement and stability of the VQ-VAE from both starts.

    The start of `settings` is that of `extractions`; the other is trained here, unless `both` is
    False.

    Raises:
        ValueError: as `extract`.
    """
    rows, common = [], distances_in(profiles.common)
    for at_pca in (False, True):
        if at_pca == settings.starts_at_pca:
            trained = {seed: extractions.trained["vqvae", seed] for seed in extractions.seeds}
        elif both:
            x, start = profiles.x, settings.starting(at_pca)
            trained = {seed: extract("vqvae", x, x, start, seed) for seed in extractions.seeds}
        else:
            continue
        rows += _scores_of_start(profiles, at_pca, trained, n_clusters, common)
    return Starts(pd.DataFrame(rows))


def _scores_of_start(
    profiles: Profiles,
    at_pca: bool,
    trained: Mapping[int, Extracted],
    n_clusters: int,
    common: Distances,
) -> list[dict[str, object]]:
    x = profiles.x
    groups = {
        seed: cluster("kmeans", one.latent, n_clusters, seed) for seed, one in trained.items()
    }
    stability = seed_stability(list(groups.values())) if len(groups) > 1 else np.nan
    rows = []
    for seed, one in trained.items():
        scores = clustering_scores(groups[seed], profiles.subtype, one.latent, common)
        left = np.mean((x - decoded_mean(one.model, one.latent)) ** 2)
        row = {"starts at PCA": at_pca, "explained": 1 - left / np.mean(x**2)}
        row |= {"perplexity": one.usage["perplexity"], "nmi": scores["nmi"], "ari": scores["ari"]}
        rows.append(row | {"stability": stability})
    return rows
