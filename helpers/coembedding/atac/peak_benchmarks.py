"""The paper's four benchmarks of embeddings of peaks: hierarchical VAE, PCA, co-embeddings of both.

The rows are those of `benchmarks.all_benchmarks` on the same held-out donors, so that they can
stand below each other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.argument_groups import Scoring
from helpers.coembedding.atac.peak_coembedding import PeakCoembeddings, with_latents
from helpers.coembedding.atac.peak_comparison import PeakFits, largest_type
from helpers.coembedding.benchmarks.one_split import (
    benchmark,
    mean_by_model,
    pair_table,
    rebuilt_table,
)
from helpers.coembedding.benchmarks.reconstruction_differential import reconstruction_differential
from helpers.coembedding.donors.split import MultiomicsSplit
from helpers.coembedding.embeddings.every_embedding import Embedding, TrainedSeed
from helpers.evaluate.results import spread_metrics, table_metrics

_SINGLE = {"hierarchical": "hierarchical", "pca": "window_pca"}
"""Model of `PeakModels` → its name beside the co-embedding's own models."""
_END = "_windows"  # of a co-embedding's name
_SECTIONS = {"cohort_accuracy": "representation", "grassmann": "representation"}
_SECTIONS |= {"accuracy_trained": "representation", "uno_c": "survival", "uno_c_both": "survival"}
_SECTIONS |= {"uno_c_unseen": "survival", "uno_c_both_unseen": "survival"}
_PAIRED = ("foscttm", "modality_accuracy", "label_accuracy")
_LISTED = [*_SECTIONS, "n_differential"]
_NOT_OF_DONORS = "no peaks of the donors in this run"


@dataclass(frozen=True)
class PeakBenchmarks:
    """scores: a row an embedding × seed, columns of `Benchmarks.scores`. pairs: how well held-out
    donors meet, a row a co-embedding × seed, columns of `pair_table`. Empty without such peaks.
    """

    scores: pd.DataFrame
    pairs: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Tables peak_scores and peak_pairs."""
        return {} if self.scores.empty else {"peak_scores": self.scores, "peak_pairs": self.pairs}

    @property
    def metrics(self) -> dict[str, float]:
        """representation.<metric>.<model>, survival.<metric>.<model> and their SD."""
        if self.scores.empty:
            return {}
        metrics = table_metrics(self.pairs, "representation", _PAIRED, "model")
        for metric, section in _SECTIONS.items():
            found = mean_by_model(self.scores, metric) if metric in self.scores else {}
            for model, values in found.items():
                metrics |= spread_metrics(f"{section}.{metric}.{model}", values)
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD of every score, a row an embedding."""
        if self.scores.empty:
            return pd.DataFrame(columns=[_NOT_OF_DONORS])
        listed = [name for name in _LISTED if name in self.scores]
        return self.scores.groupby("name", sort=False)[listed].agg(["mean", "std"]).round(3)

    def below(self, scores: pd.DataFrame) -> pd.DataFrame:
        """The rows of `Benchmarks.scores` and then these, for figure 2."""
        return pd.concat([scores, self.scores], ignore_index=True)


def benchmark_peaks(
    donors: anndata.AnnData,
    trained: Sequence[TrainedSeed],
    fits: PeakFits,
    coembedded: PeakCoembeddings,
    scoring: Scoring,
    n_permutations: int,
) -> PeakBenchmarks:
    """Cancer type, Grassmann, survival and peaks that differ, of every embedding of peaks.

    Nothing where the peaks are not those of the donors; of a seed without co-embeddings, its other
    rows. `n_permutations`: exchanges of partners in the pairs' control.
    """
    scores, pairs = [], []
    for one in trained:
        if not fits.of_donors or one.seed not in fits.fits:
            continue
        scores.append(_single_scores(one, fits, scoring))
        if one.seed not in coembedded.trained:
            continue
        split, models = coembedded.trained[one.seed]
        named = {f"{kind}{_END}": model for kind, model in models.items()}
        table = _of_both(one, split, named, scoring)
        table["n_differential"] = _counts(donors, fits, split, named, one.seed)
        scores.append(table)
        pairs.append(pair_table(split, named, one.seed, n_permutations, scoring.n_folds))
    tables = (scores, pairs)
    return PeakBenchmarks(
        *(pd.concat(rows, ignore_index=True) if rows else pd.DataFrame() for rows in tables)
    )


def _single_scores(one: TrainedSeed, fits: PeakFits, scoring: Scoring) -> pd.DataFrame:
    """Rows of the models that see peaks alone; their latents stand for the samples."""
    models, _ = fits.fits[one.seed]
    counts = fits.differential[one.seed]
    tables = []
    for own, name in _SINGLE.items():
        split = with_latents(one.split, fits.peaks, models.latents[own])
        as_is = {name: Embedding(_itself, _itself, _itself)}
        table = _rows(one, split, as_is, scoring, {f"{name}_atac": (name, "atac")})
        tables.append(table.assign(n_differential=counts[own]["is_differential"].sum()))
    return pd.concat(tables, ignore_index=True)


def _of_both(
    one: TrainedSeed, split: MultiomicsSplit, models: Mapping[str, Embedding], scoring: Scoring
) -> pd.DataFrame:
    """Two rows a co-embedding, RNA's and ATAC's."""
    names = {f"{name}_{kind}": (name, kind) for name in models for kind in ("rna", "atac")}
    return _rows(one, split, models, scoring, names)


def _rows(
    one: TrainedSeed,
    split: MultiomicsSplit,
    models: Mapping[str, Embedding],
    scoring: Scoring,
    names: Mapping[str, tuple[str, str]],
) -> pd.DataFrame:
    """`benchmark` of these embeddings alone: its controls are of the chapter's own models."""
    beside = {"pca": one.models["pca"], **models}
    table = benchmark(split, beside, scoring, one.seed, names)
    return table[table["name"].isin(names)].reset_index(drop=True)


def _counts(
    donors: anndata.AnnData,
    fits: PeakFits,
    split: MultiomicsSplit,
    models: Mapping[str, Embedding],
    seed: int,
) -> list[int]:
    """Features of the largest type that differ once rebuilt, in the order of `_of_both`: genes of
    the RNA, peaks of the ATAC through the window VAE's decoder.
    """
    genes = rebuilt_table(donors, split, models, "rna", seed)[0].set_index("model")
    level, of_type = fits.fits[seed][0].level, largest_type(split.test_obs)
    observed = level.observed(fits.peaks.rows_of(split.test_obs["patient"])[of_type])
    counts = []
    for name, model in models.items():
        windows = model.rebuild_atac(split.test_atac[of_type]).reshape(-1, *level.z.shape[1:])
        rebuilt = level.in_unit(level.decoded(windows))
        peaks = reconstruction_differential(observed, rebuilt)["is_differential"].sum()
        counts += [int(genes.loc[name, "n_differential"]), int(peaks)]
    return counts


def _itself(z: np.ndarray) -> np.ndarray:
    return z
