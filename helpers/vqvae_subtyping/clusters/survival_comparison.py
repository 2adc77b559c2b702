"""Do the clusters of each extractor differ in survival, beside the known subtypes."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluate.results import table_metrics
from helpers.vqvae_subtyping.clusters.cluster_survival import logrank, logrank_table
from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.extractors.extractions import SPACES
from helpers.vqvae_subtyping.profiles import Profiles

SUBTYPES = "pam50"  # stands for the known subtypes of any cancer in tables and keys
MAX_P = 0.05


@dataclass(frozen=True)
class SurvivalComparison:
    """Log-rank tests, and the two groupings that are drawn.

    table: columns grouping, seed, chi2, df, logrank_p, permutation_p.
    groupings: title → a group of each followed patient. p: title → its log-rank p.
    """

    table: pd.DataFrame
    groupings: dict[str, np.ndarray]
    p: dict[str, float]

    def of(self, grouping: str) -> pd.DataFrame:
        """The tests of one grouping, a row a seed."""
        return self.table[self.table["grouping"] == grouping]

    def differs(self, grouping: str) -> np.ndarray:
        """Of each seed, 1 if the permutation p is below 0.05, else 0."""
        return (self.of(grouping)["permutation_p"] < MAX_P).to_numpy(float)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The table as it is recorded."""
        return {"survival": self.table}

    @property
    def metrics(self) -> dict[str, float]:
        """`survival.logrank_p.<grouping>` and `survival.permutation_p.<grouping>`, with `_sd`."""
        return table_metrics(self.table, "survival", ["logrank_p", "permutation_p"], "grouping")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean, least and largest over seeds, a row a grouping."""
        tests = self.table.groupby("grouping", sort=False)
        columns = ["chi2", "logrank_p", "permutation_p"]
        return tests[columns].agg(["mean", "min", "max"]).round(3)


def compare_survival(
    profiles: Profiles, clusterings: Clusterings, n_permutations: int
) -> SurvivalComparison:
    """Test clusters of every extractor and seed, and the known subtypes, on the same patients.

    Raises:
        ValueError: as `logrank_table`.
    """
    followed, days, died = profiles.is_followed, profiles.days, profiles.died
    groupings = {}
    if profiles.has["subtype"]:
        groupings[SUBTYPES, clusterings.seeds[0]] = profiles.subtype[followed]
    for space in SPACES:
        for seed, labels in clusterings.of_seed(space).items():
            groupings[space, seed] = labels[followed]
    table = logrank_table(days, died, groupings, n_permutations)
    drawn = {
        "known subtype": profiles.shown_subtype[followed],
        "cluster": clusterings.letters[followed],
    }
    p = {title: logrank(days, died, groups).p for title, groups in drawn.items()}
    return SurvivalComparison(table, drawn, p)
