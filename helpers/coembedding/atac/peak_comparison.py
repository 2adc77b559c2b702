"""Peaks in windows: the models of peaks over seeds, what they change, and what that is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.annotations import gene_starts, region_sets
from helpers.coembedding.argument_groups import PeakNetwork
from helpers.coembedding.atac.genome import CHROMOSOME_SIZES
from helpers.coembedding.atac.peak_models import PeakModels, fit_peak_models, peak_differential
from helpers.coembedding.atac.peak_store import PeakStore
from helpers.coembedding.atac.peak_windows import PeakWindows
from helpers.coembedding.atac.region_enrichment import region_enrichment, regulatory_domains
from helpers.coembedding.embeddings.every_embedding import TrainedSeed
from helpers.cohorts.splits import split_by_patient
from helpers.evaluate.results import spread_metrics, table_metrics
from helpers.models.training import Training

_TEST_FRACTION = 0.2
_FEWEST_IN_WINDOW = 50  # peaks
_LARGEST_Q = 0.05
_NO_PEAKS = "no peaks in this run"
_NO_SETS = "no sets to read peaks with in this run"


@dataclass(frozen=True)
class PeakFits:
    """Models of peaks on disk, one set a seed; nothing where there are no peaks.

    peaks: where they are. fits: seed → (models, held-out rows of the store). width: peaks a window.
    differential: seed → the tables of `peak_differential`. of_donors: whether the peaks are those
    of the co-embedding's donors, and the held-out ones are the same.
    """

    peaks: PeakStore | None
    fits: dict[int, tuple[PeakModels, np.ndarray]]
    width: int
    differential: dict[int, dict[str, pd.DataFrame]] = field(default_factory=dict)
    of_donors: bool = False

    @property
    def explained(self) -> pd.DataFrame:
        """Share of held-out variance, a row a seed × model."""
        rows = [{"seed": seed, **models.explained} for seed, (models, _) in self.fits.items()]
        return pd.DataFrame(rows).melt("seed", var_name="model", value_name="explained")

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table peaks_explained."""
        return {"peaks_explained": self.explained} if self.fits else {}

    @property
    def metrics(self) -> dict[str, float]:
        """peaks.explained_variance.<model>."""
        metrics = {}
        for model, rows in self.explained.groupby("model") if self.fits else ():
            metrics |= spread_metrics(f"peaks.explained_variance.{model}", rows["explained"])
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD of the explained share by model."""
        if not self.fits:
            return pd.DataFrame(columns=[_NO_PEAKS])
        return self.explained.pivot_table("explained", "model", aggfunc=["mean", "std"]).round(3)

    @property
    def sentence(self) -> str:
        """Sizes in words."""
        if not self.fits:
            return _NO_PEAKS
        n_test = len([*self.fits.values()][-1][1])
        size = (
            f"{len(self.peaks.obs)} samples × {self.peaks.n_peaks:,} peaks, {self.width} a window"
        )
        whose = "the co-embedding's" if self.of_donors else "a fifth of the patients"
        return f"{size}; {n_test} samples held out, {whose}"

    def values(self, model: str) -> list[float]:
        """Explained share of one model, a value a seed."""
        return [models.explained[model] for models, _ in self.fits.values()]


def fit_peak_seeds(
    peaks: PeakStore | None,
    trained: Sequence[TrainedSeed],
    window: int,
    *,
    network: PeakNetwork,
    kl_weight: float,
    window_training: Training,
    top_training: Training,
    demographics: bool = False,
) -> PeakFits:
    """Window VAE, hierarchical VAE and PCA for each seed, on held-out patients.

    Where every ATAC donor of the co-embedding has peaks in the store, its held-out donors are held
    out here too, and all others are trained on; otherwise a fifth of the store's patients is.

    Args:
        peaks: the store; None where a run has no peaks.
        trained: the co-embedding's seeds and splits.
        window: peaks in a window, at most a tenth of all; windows slide by a fifth between passes.
        network: widths and latent dimensions of both VAEs.
        kl_weight: of both VAEs' KL.
        window_training: of the window VAE.
        top_training: of the hierarchical VAE.
        demographics: take age, sex and race out of the peaks, fitted on training samples.
    """
    if peaks is None:
        return PeakFits(None, {}, 0)
    width = min(window, max(_FEWEST_IN_WINDOW, peaks.n_peaks // 10))
    of_donors = all(peaks.covers(one.split.atac_obs, one.split.test_obs) for one in trained)
    settings = {"network": network, "kl_weight": kl_weight}
    settings |= {"window_training": window_training, "top_training": top_training}
    fits, differential = {}, {}
    for one in trained:
        train, test = _held_out(peaks, one, of_donors)
        way = {"seed": one.seed, "demographics": demographics}
        windows = PeakWindows(peaks.path, width, width // 5, **way)
        models = fit_peak_models(windows, train, test, **settings, seed=one.seed)
        counted = test[largest_type(one.split.test_obs)] if of_donors else test
        rebuilt = ((name, models.rebuilt(name, counted)) for name in models.in_windows)
        observed = models.level.observed(counted)
        differential[one.seed] = peak_differential(rebuilt, observed, one.seed)
        fits[one.seed] = models, test
    return PeakFits(peaks, fits, width, differential, of_donors)


def largest_type(obs: pd.DataFrame) -> np.ndarray:
    """Bool per donor: of the cancer type that most of them have."""
    types = obs["cancer_type"].astype(str)
    return (types == types.value_counts().index[0]).to_numpy()


def _held_out(peaks: PeakStore, one: TrainedSeed, of_donors: bool) -> tuple[np.ndarray, np.ndarray]:
    """(training, test) rows of the store; of the donors in the order of the split."""
    patients = peaks.obs["patient"]
    if of_donors:
        test_obs = one.split.test_obs
        is_test = patients.isin(set(test_obs["patient"])).to_numpy()
        return np.flatnonzero(~is_test), peaks.rows_of(test_obs["patient"])
    table = anndata.AnnData(obs=peaks.obs)
    held_out = split_by_patient(table, _TEST_FRACTION, one.seed)[1].obs["patient"]
    is_test = patients.isin(set(held_out)).to_numpy()
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


@dataclass(frozen=True)
class PeakChanges:
    """Peaks that differ once rebuilt.

    counts: a row a model × seed. hits: seed → whether each peak differs when the hierarchical VAE
    gives it back. own_names: model → its name in the metrics, where that is another's already.
    """

    counts: pd.DataFrame
    hits: dict[int, pd.Series]
    own_names: dict[str, str]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table peaks_differential."""
        return {"peaks_differential": self.counts} if self.hits else {}

    @property
    def metrics(self) -> dict[str, float]:
        """differential.n_peaks.<model>."""
        if not self.hits:
            return {}
        named = self.counts.replace({"model": self.own_names})
        named = named.rename(columns={"n_differential": "n_peaks"})
        return table_metrics(named, "differential", ["n_peaks"], "model")

    @property
    def observed(self) -> dict[str, list[float]]:
        """Claim → values, one a seed."""
        return {"peaks": [hit.mean() for hit in self.hits.values()]} if self.hits else {}

    @property
    def summary(self) -> pd.DataFrame:
        """Means over seeds by model."""
        if not self.hits:
            return pd.DataFrame(columns=[_NO_PEAKS])
        return self.counts.groupby("model")[["n_differential", "sd_ratio"]].mean().round(2)


def peak_changes(fits: PeakFits, donors: anndata.AnnData) -> PeakChanges:
    """What `peak_differential` says of every seed's held-out samples, counted.

    Where the co-embedding's own ATAC is peaks, its PCA has the metric's name already, so the PCA
    here is `window_pca`.
    """
    rows, hits = [], {}
    for seed, tables in fits.differential.items():
        for name, table in tables.items():
            row = {"seed": seed, "model": name, "sd_ratio": table["sd_ratio"].median()}
            rows.append(row | {"n_differential": table["is_differential"].sum()})
        hits[seed] = tables["hierarchical"]["is_differential"]
    own = {"pca": "window_pca"} if donors.uns["atac_feature"] == "peak" else {}
    return PeakChanges(pd.DataFrame(rows), hits, own)


@dataclass(frozen=True)
class ChangedRegions:
    """Gene sets that the changed peaks lie near; regions: seed → `region_enrichment`.

    n_hits: peaks that differ, one number a seed.
    """

    regions: dict[int, pd.DataFrame]
    n_hits: list[int]

    @property
    def n_passing(self) -> list[int]:
        """Sets that pass both tests, one number a seed."""
        both = ["q_binomial", "q_peaks"]
        return [int(t[both].lt(_LARGEST_Q).all(axis=1).sum()) for t in self.regions.values()]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table enrichment_regions."""
        if not self.regions:
            return {}
        return {"enrichment_regions": pd.concat(self.regions, names=["seed", "row"])}

    @property
    def metrics(self) -> dict[str, float]:
        """differential.n_sets.peaks."""
        return spread_metrics("differential.n_sets.peaks", self.n_passing)

    @property
    def observed(self) -> dict[str, list[int]]:
        """Claim → values, one a seed."""
        return {"regions": self.n_passing} if self.regions else {}

    @property
    def sentence(self) -> str:
        """Counts in words."""
        if not self.regions:
            return _NO_SETS
        n_sets = len(next(iter(self.regions.values())))
        passing = f"{self.n_passing} of {n_sets:,} sets pass both tests"
        return f"By seed: {self.n_hits} peaks differ, {passing}"

    @property
    def summary(self) -> pd.DataFrame:
        """The first sets of the seed with the most changed peaks."""
        if not self.regions:
            return pd.DataFrame(columns=[_NO_SETS])
        return [*self.regions.values()][int(np.argmax(self.n_hits))].head(3).round(3)


def enrich_regions(changes: PeakChanges, fits: PeakFits, donors: anndata.AnnData) -> ChangedRegions:
    """Gene sets near the peaks that differ: binomial over regulatory domains, and among peaks."""
    if not changes.hits:
        return ChangedRegions({}, [])
    where = fits.peaks.var
    sizes = {chrom: CHROMOSOME_SIZES[chrom] for chrom in where["chrom"].unique()}
    starts = gene_starts(donors)
    starts = starts[starts["chrom"].isin(list(sizes))]
    sets = region_sets(donors, starts.index) if len(starts) else {}
    if not sets:
        return ChangedRegions({}, [])
    domains = regulatory_domains(starts, sizes)
    regions = {
        seed: region_enrichment(hit, where, domains, sets, sizes)
        for seed, hit in changes.hits.items()
    }
    return ChangedRegions(regions, [int(hit.sum()) for hit in changes.hits.values()])
