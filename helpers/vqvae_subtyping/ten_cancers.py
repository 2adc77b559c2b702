"""The paper's ten cancers, as the published sweep `subtyping_cancers` has them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import wilcoxon

from helpers.evaluate.wording import Comparison, compare, sweep_link
from helpers.vqvae_subtyping.clusters.cluster_survival import adjust_over_cancers

SOURCE = f"sweep {sweep_link('subtyping_cancers')}"
NMI = "clustering.nmi."
RIVALS = {
    "vqvae_vector.kmeans": "vector codes",
    "vae.kmeans": "the VAE",
    "ae.kmeans": "the autoencoder",
    "pca.kmeans": "PCA",
    "pca_white.kmeans": "whitened PCA",
    "raw.kmeans": "the plain values",
}  # all with k-means
MAX_Q = 0.05


@dataclass(frozen=True)
class TenCancers:
    """`runs`: the published table, a row a cancer (`label`) and seed."""

    runs: pd.DataFrame

    @property
    def n_cancers(self) -> int:
        """Cancers of the sweep."""
        return self.runs["label"].nunique()

    @property
    def n_seeds(self) -> int:
        """Seeds of each cancer, at least."""
        return int(self.runs.groupby("label").size().min())

    @property
    def survival(self) -> pd.DataFrame:
        """Permutation p of all seeds and its q over cancers, of the VQ-VAE's clusters and raw.

        p of the seeds together is twice their median, at most 1: the median of tests that share
        their data is no p of its own, twice the median is one however they depend on each other
        (Vovk & Wang 2020, Biometrika 107:791).

        Index cancer_type; columns (vqvae or raw) × (p or q).
        """
        by_cancer = self.runs.groupby("label", sort=False)
        p = {
            space: (2 * by_cancer[f"survival.permutation_p.{space}"].median()).clip(upper=1)
            for space in ("vqvae", "raw")
        }
        return pd.concat({space: adjust_over_cancers(of) for space, of in p.items()}, axis=1)

    @property
    def mean_nmi(self) -> pd.DataFrame:
        """Mean NMI over seeds, cancers × (`<extractor>.<clusterer>`)."""
        columns = [name for name in self.runs if name.startswith(NMI) and name.count(".") == 3]
        columns = [name for name in columns if not name.endswith(("_sd", "_mean"))]
        means = self.runs.groupby("label", sort=False)[columns].mean()
        return means.rename(columns=lambda name: name.removeprefix(NMI))

    def compare_nmi(self, a: str, b: str) -> dict[str, Comparison]:
        """Cancer → pair `a` (such as "vqvae.kmeans") beside pair `b`, seed by seed."""
        return {
            cancer: compare(rows[NMI + a].tolist(), rows[NMI + b].tolist())
            for cancer, rows in self.runs.groupby("label", sort=False)
        }

    def wilcoxon_p(self, a: str, b: str) -> float:
        """Two-sided p of pair `a` against pair `b` over cancers, each the mean NMI of its seeds.

        NaN where the two never differ.
        """
        gaps = (self.mean_nmi[a] - self.mean_nmi[b]).to_numpy()
        return float(wilcoxon(gaps).pvalue) if gaps.any() else np.nan

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The survival of the clusters."""
        return {"cancers": self.survival}

    @property
    def metrics(self) -> dict[str, float]:
        """None: they are those of the sweep."""
        return {}

    @property
    def sentences(self) -> list[str]:
        """What the sweep says of the paper's main claims, in words."""
        return [
            self._beside_vae(),
            self._over_cancers(),
            self._network_fusion(),
            self._survival_in_words(),
        ]

    def _beside_vae(self) -> str:
        pairs = self.compare_nmi("vqvae.kmeans", "vae.kmeans")
        ahead = [pair.difference for pair in pairs.values() if pair.difference > 0]
        behind = [cancer for cancer, pair in pairs.items() if pair.difference < 0]
        clear = [pair for pair in pairs.values() if pair.is_told]
        better = sum(pair.order == "better than" for pair in clear)
        by = f", by {min(ahead):.2g} to {max(ahead):.2g}," if ahead else ""
        below = f" and below it in {', '.join(behind)}" if behind else ""
        return (
            f"**{self.n_cancers} cancers** ({self.n_seeds} seeds each; {SOURCE}). Under k-means "
            f"the VQ-VAE's mean NMI with the published subtypes is above the VAE's in "
            f"{len(ahead)} of {self.n_cancers}{by}{below}. The difference exceeds its own SD over "
            f"seeds in {len(clear)} of them ({better} in favour of the VQ-VAE). The settings were "
            "chosen on one of these cancers."
        )

    def _over_cancers(self) -> str:
        means = self.mean_nmi.mean()
        others = [
            f"{name} {means[pair]:.3f} (p = {self.wilcoxon_p('vqvae.kmeans', pair):.2g})"
            for pair, name in RIVALS.items()
            if pair in means
        ]
        return (
            f"**Over the {self.n_cancers} cancers** the VQ-VAE's mean NMI is "
            f"{means['vqvae.kmeans']:.3f}, against {', '.join(others)}; p of a two-sided Wilcoxon "
            "test over cancers, one at a time."
        )

    def _network_fusion(self) -> str:
        means = self.mean_nmi
        best = means.idxmax(axis=1)
        first = [cancer for cancer in means.index if best[cancer] == "raw.snf"]
        lead = means["raw.snf"] - means["vqvae.kmeans"]
        ahead = [f"{cancer} {value:.2g}" for cancer, value in lead.items() if value > 0]
        return (
            "**Network fusion of the plain values**, without any network trained, has the highest "
            f"mean NMI of all {means.shape[1]} pairs of the sweep in {len(first)} of "
            f"{self.n_cancers}{_listed(first)}, and is ahead of the VQ-VAE with k-means in "
            f"{len(ahead)}{_listed(ahead)}."
        )

    def _survival_in_words(self) -> str:
        q = self.survival.xs("q", axis=1, level=1)
        passing = {space: [*q.index[q[space] < MAX_Q]] for space in q}
        return (
            f"**Survival over cancers.** After correction over cancers (q < {MAX_Q}, twice the "
            "median p of the seeds) the VQ-VAE's clusters differ in survival in "
            f"{len(passing['vqvae'])} of {self.n_cancers}{_listed(passing['vqvae'])}, those of the "
            f"plain values in {len(passing['raw'])}{_listed(passing['raw'])}."
        )


def _listed(names: list[str]) -> str:
    return f" ({', '.join(names)})" if names else ""
