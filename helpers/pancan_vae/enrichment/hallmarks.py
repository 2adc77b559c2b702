"""Which gene sets the dimensions of several spaces carry, by two tests, beside their controls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.cohorts.feature_sets import CohortSets
from helpers.cohorts.preprocess import Preprocessor
from helpers.evaluate.gsea import prerank
from helpers.pancan_vae.argument_groups import Inputs
from helpers.pancan_vae.enrichment.camera import camera
from helpers.pancan_vae.enrichment.latent_genes import (
    collapse_families,
    decoder_response,
    latent_correlation,
    permuted_dimensions,
    permuted_samples,
    random_sets,
    task_table,
)
from helpers.pancan_vae.folds import TrainedFold

MIN_SIZE = 5  # features a set must have to be tested


@dataclass(frozen=True)
class LatentReading:
    """A fold's held-out patients, in the spaces to read and in the features to read them by.

    spaces: see `spaces_to_read`. x: sample × expressed feature (microRNA: family), standardised.
    decoder_agreement: median over dimensions of the Spearman correlation between two rankings of
    the features, by correlation and by the decoder's response, in [−1, 1].
    """

    spaces: dict[str, pd.DataFrame]
    x: pd.DataFrame
    decoder_agreement: float
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """`enrichment.decoder_agreement`."""
        return {"enrichment.decoder_agreement": self.decoder_agreement}


def read_latents(run: TrainedFold, inputs: Inputs, sets: CohortSets, seed: int) -> LatentReading:
    """What the enrichment of a fold's held-out patients is made from.

    All expressed features are ranked, not only those the VAE saw. Stem-loops of one microRNA
    family are one thing to rank where the cohort's sets are made of families.
    """
    x = _expressed(run, inputs)
    axes = named_dimensions(run.z["test"], "z")
    response = decoder_response(run.decode, axes, run.fold.features)
    by_correlation = latent_correlation(axes, x[run.fold.features])
    agreement = by_correlation.corrwith(response, method="spearman").median()
    spaces = spaces_to_read(axes, named_dimensions(run.directions["test"], "d"), seed)
    return LatentReading(spaces, _by_family(x, sets), agreement)


def readable_features(run: TrainedFold, inputs: Inputs, sets: CohortSets) -> pd.DataFrame:
    """A fold's held-out patients × features to rank, see `LatentReading.x`."""
    return _by_family(_expressed(run, inputs), sets)


def _expressed(run: TrainedFold, inputs: Inputs) -> pd.DataFrame:
    parts = run.fold.parts
    expressed = Preprocessor(inputs.min_mean, batch_correction=inputs.correct_batch)
    x = expressed.fit(parts["train"]).transform(parts["test"])
    return pd.DataFrame(np.asarray(x), columns=expressed.feature_names)


def _by_family(x: pd.DataFrame, sets: CohortSets) -> pd.DataFrame:
    return collapse_families(x.T, sets.family).T if sets.sets and sets.family else x


def named_dimensions(space: np.ndarray, letter: str) -> pd.DataFrame:
    """Columns named by a letter and their number from 1: z1, z2, …"""
    return pd.DataFrame(space).rename(columns=lambda number: f"{letter}{number + 1}")


@dataclass(frozen=True)
class HallmarkEnrichment:
    """Which sets and hallmark tasks each space carries; all empty where the cohort has no sets.

    by_space: space → `enrichment_by_space`. shuffled: `shuffled_features`, by GSEA only, None
    without sets. tasks: space → `task_tables`.
    """

    by_space: dict[str, pd.DataFrame]
    shuffled: pd.DataFrame | None
    tasks: dict[str, pd.DataFrame]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`enrichment_<space>` and `tasks_<space>`."""
        enrichment = {f"enrichment_{name}": table for name, table in self.by_space.items()}
        return enrichment | {f"tasks_{name}": table for name, table in self.tasks.items()}

    @property
    def metrics(self) -> dict[str, int]:
        """`finding_metrics`, and `enrichment.n_tasks.<space>`."""
        n_tasks = {f"enrichment.n_tasks.{name}": self.n_tasks(name) for name in self.tasks}
        return finding_metrics(self.counts) | n_tasks

    @property
    def counts(self) -> pd.DataFrame:
        """`finding_counts` of every space and of the shuffled features."""
        control = {} if self.shuffled is None else {"shuffled": self.shuffled}
        return finding_counts(self.by_space | control)

    @property
    def task_summary(self) -> pd.DataFrame:
        """The best test of each hallmark task, spaces side by side."""
        columns = ["set", "dimension", "nes", "fdr"]
        return pd.concat({name: table[columns] for name, table in self.tasks.items()}, axis=1)

    def n_tasks(self, space: str) -> int:
        """Hallmark tasks that some dimension of the space carries."""
        return int((self.tasks[space]["n_dimensions"] > 0).sum())


def enrich_hallmarks(
    reading: LatentReading, sets: CohortSets, *, n_permutations: int, seed: int
) -> HallmarkEnrichment:
    """GSEA and CAMERA of the cohort's sets in every space, its control, and the hallmark tasks."""
    null = {"n_permutations": n_permutations, "seed": seed}
    by_space = enrichment_by_space(reading.spaces, reading.x, sets.sets, **null)
    if not by_space:
        return HallmarkEnrichment({}, None, {})
    shuffled = shuffled_features(reading.spaces["axes"], reading.x, sets.sets, **null)
    return HallmarkEnrichment(by_space, shuffled, task_tables(by_space, sets.tasks))


@dataclass(frozen=True)
class RandomSets:
    """Share of `n` random sets that CAMERA finds in some varimax direction."""

    share: float
    n: int
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """`enrichment.random_sets_found`."""
        return {"enrichment.random_sets_found": self.share}

    @property
    def reading(self) -> str:
        """The share, and whether the test is honest by it, in a sentence."""
        verdict = "at most the 5 % allowed" if self.share <= 0.05 else "more than the 5 % allowed"
        return f"{self.share:.1%} of {self.n:,} random sets found in some direction: {verdict}."


def draw_random_sets(
    reading: LatentReading, enrichment: HallmarkEnrichment, n: int, seed: int
) -> RandomSets:
    """Test `n` random sets, of the sizes of the cohort's sets, in the varimax directions."""
    directions = enrichment.by_space["directions"]
    sizes = directions.drop_duplicates("set")["size"].tolist()
    share = random_sets_found(reading.spaces["directions"], reading.x, sizes, n, seed)
    return RandomSets(share, n)


def spaces_to_read(axes: pd.DataFrame, directions: pd.DataFrame, seed: int) -> dict:
    """Space name → samples × dimensions: axes, directions, and noise, the axes' control.

    In "noise" the axes' values are given to the wrong samples: its dimensions mean nothing.
    """
    noise = pd.DataFrame(permuted_samples(axes, seed), columns=axes.columns)
    return {"axes": axes, "directions": directions, "noise": noise}


def enrichment_by_space(
    spaces: Mapping[str, pd.DataFrame],
    x: pd.DataFrame,
    sets: Mapping[str, Sequence],
    *,
    n_permutations: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Preranked GSEA and CAMERA of every set in every dimension of each space.

    `x`: the same samples × features, from which each dimension's ranking (its correlation with
    every feature) is made. Columns: those of `gsea.prerank`, and correlation, t, p_camera,
    fdr_camera. Each FDR is over the dimensions × sets of its space. {} without sets.
    """
    by_space = {}
    for name, space in spaces.items() if sets else ():
        ranked = latent_correlation(space, x)
        by_gsea = prerank(ranked, sets, n_permutations=n_permutations, min_size=MIN_SIZE, seed=seed)
        by_camera = camera(space, x, sets, min_size=MIN_SIZE)
        keys = ["dimension", "set", "size"]
        by_space[name] = by_gsea.merge(by_camera, on=keys, suffixes=("", "_camera"))
    return by_space


def shuffled_features(
    space: pd.DataFrame,
    x: pd.DataFrame,
    sets: Mapping[str, Sequence],
    *,
    n_permutations: int,
    seed: int,
) -> pd.DataFrame:
    """The control usually shown: preranked GSEA of rankings whose features are in random order."""
    ranked = permuted_dimensions(latent_correlation(space, x), seed)
    return prerank(ranked, sets, n_permutations=n_permutations, min_size=MIN_SIZE, seed=seed)


def finding_counts(by_space: Mapping[str, pd.DataFrame], fdr: float = 0.05) -> pd.DataFrame:
    """Tests, and findings below `fdr` by GSEA and by CAMERA (missing where not made), per space."""
    counts = {
        name: {
            "tests": len(table),
            "GSEA": int((table["fdr"] < fdr).sum()),
            "CAMERA": (table["fdr_camera"] < fdr).sum() if "fdr_camera" in table else None,
        }
        for name, table in by_space.items()
    }
    table = pd.DataFrame.from_dict(counts, orient="index", columns=["tests", "GSEA", "CAMERA"])
    return table.astype("Int64").rename_axis("dimensions")


def finding_metrics(counts: pd.DataFrame) -> dict[str, int]:
    """`finding_counts` as metrics: enrichment.n_significant.<space> (CAMERA) and .<space>_gsea.

    enrichment.n_significant alone is that of the axes, which the paper reads.
    """
    metrics = {}
    for test, suffix in {"CAMERA": "", "GSEA": "_gsea"}.items():
        for name, count in counts[test].dropna().items():
            metrics[f"enrichment.n_significant.{name}{suffix}"] = int(count)
    if "enrichment.n_significant.axes" in metrics:
        metrics["enrichment.n_significant"] = metrics["enrichment.n_significant.axes"]
    return metrics


def task_tables(
    by_space: Mapping[str, pd.DataFrame], tasks: Mapping[str, Sequence[str]]
) -> dict[str, pd.DataFrame]:
    """`enrichment.task_table` of each space but the noise, its FDR that of CAMERA."""
    return {
        name: task_table(table.assign(fdr=table["fdr_camera"]), tasks)
        for name, table in by_space.items()
        if name != "noise"
    }


def random_sets_found(
    space: pd.DataFrame, x: pd.DataFrame, sizes: Sequence[int], n: int, seed: int
) -> float:
    """Share of `n` random sets of these sizes that CAMERA calls at FDR < 0.05; ≤ 0.05 is honest."""
    drawn = random_sets(list(x), sizes, n, seed)
    tests = camera(space, x, drawn, min_size=MIN_SIZE)
    return tests.loc[tests["fdr"] < 0.05, "set"].nunique() / n
