"""Hallmark tasks across latent clusters: which express them, and more than any genes would?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cohorts.feature_sets import CohortSets
from helpers.evaluate.results import table_metrics
from helpers.pancan_vae.argument_groups import Inputs
from helpers.pancan_vae.enrichment.hallmarks import readable_features
from helpers.pancan_vae.enrichment.latent_genes import random_sets
from helpers.pancan_vae.folds import TrainedFold
from helpers.pancan_vae.latent_space.tumour_clusters import TumourClusters

N_RANDOM = 100  # random sets of features a task is set against


@dataclass(frozen=True)
class ClusterScores:
    """Hallmark tasks in the latent clusters of held-out tumours.

    A tumour's score of a task is the mean of its standardised features in the task's sets.
    first: cluster × task, mean score of the first fold; a cluster is named by its commonest cancer
    type and its size. explained: one row a task × seed, η², the share of the score's variance
    between clusters in [0, 1]: of the task, of random sets of as many features (median), and p, the
    share of these that reach the task's. Both empty where the cohort has no sets.
    """

    first: pd.DataFrame
    explained: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`cluster_tasks` and `cluster_explained`."""
        if self.first.empty:
            return {}
        return {"cluster_tasks": self.first.reset_index(), "cluster_explained": self.explained}

    @property
    def metrics(self) -> dict[str, float]:
        """`clusters.explained.<task>` and `clusters.explained_random.<task>`, over seeds."""
        table = self.explained.assign(task=self.explained["task"].str.replace(" ", "_"))
        return table_metrics(table, "clusters", ["explained", "explained_random"], "task")

    @property
    def summary(self) -> pd.DataFrame:
        """One row a task: mean η² over seeds, and seeds with p < 0.05."""
        table = self.explained.assign(seeds=self.explained["p"] < 0.05)
        columns = {"explained": "mean", "explained_random": "mean", "seeds": "sum"}
        by_task = table.groupby("task", sort=False).agg(columns)
        return by_task.rename(columns={"seeds": "seeds with p < 0.05"})

    def n_above_random(self) -> list[float]:
        """Of each seed, the tasks that clusters explain better than 95 % of random sets."""
        return (self.explained["p"] < 0.05).groupby(self.explained["seed"]).sum().tolist()


def score_clusters(
    runs: Sequence[TrainedFold], clusters: TumourClusters, inputs: Inputs, sets: CohortSets
) -> ClusterScores:
    """Scores of the hallmark tasks in the clusters of every fold's held-out tumours."""
    rows, first = [], pd.DataFrame()
    for run in runs if sets.sets else ():
        x, cluster = readable_features(run, inputs, sets), clusters.held_out[run.seed]
        tasks = _members(x, sets)
        scores = pd.DataFrame({name: x[genes].mean(axis=1) for name, genes in tasks.items()})
        if first.empty:
            first = scores.groupby(_named(cluster, run.fold.types["test"])).mean()
        rows += [
            {"task": name, "seed": run.seed} | _against_random(x, tasks[name], cluster, run.seed)
            for name in tasks
        ]
    columns = ["task", "seed", "explained", "explained_random", "p"]
    return ClusterScores(first, pd.DataFrame(rows, columns=columns))


def variance_between(values: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """η² of each column: variance between groups over all variance, in [0, 1]; 0 if constant."""
    values = np.asarray(values, float)
    is_in = (groups == np.unique(groups)[:, None]).astype(float)  # group × sample
    size = is_in.sum(axis=1, keepdims=True)
    apart = is_in @ values / size - values.mean(axis=0)
    between, whole = (size * apart**2).sum(axis=0), len(values) * values.var(axis=0)
    return np.divide(between, whole, out=np.zeros_like(whole), where=whole > 0)


def _members(x: pd.DataFrame, sets: CohortSets) -> Mapping[str, list]:
    """Task → its features in the cohort; tasks with none are left out."""
    pools = {
        name: {gene for each in members for gene in sets.sets.get(each, ())}
        for name, members in sets.tasks.items()
    }
    found = {name: [gene for gene in x.columns if gene in pool] for name, pool in pools.items()}
    return {name: genes for name, genes in found.items() if genes}


def _against_random(x: pd.DataFrame, genes: list, cluster: np.ndarray, seed: int) -> dict:
    drawn = random_sets(list(x), [len(genes)], N_RANDOM, seed)
    index = [x.columns.get_indexer(members) for members in (genes, *drawn.values())]
    values = x.to_numpy()
    scores = np.column_stack([values[:, columns].mean(axis=1) for columns in index])
    task, *random = variance_between(scores, cluster)
    p = (1 + int((np.array(random) >= task).sum())) / (1 + len(random))
    return {"explained": task, "explained_random": float(np.median(random)), "p": p}


def _named(cluster: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Each tumour's cluster, named "3: BRCA, n = 120" by its number and commonest cancer type."""
    table = pd.DataFrame({"cluster": cluster, "type": types})
    names = {
        number: f"{number + 1}: {rows.mode()[0]}, n = {len(rows):,}"
        for number, rows in table.groupby("cluster")["type"]
    }
    return table["cluster"].map(names).to_numpy()
