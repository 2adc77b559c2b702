"""Do the clusters of each extractor differ in survival, beside the known subtypes."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from helpers.evaluate.cox import cox_score_test
from helpers.evaluate.results import table_metrics
from helpers.evaluate.survival import clinical_covariates, stage_number
from helpers.evaluate.wording import in_a_row
from helpers.vqvae_subtyping.clusters.cluster_survival import logrank, logrank_table
from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.extractors.extractions import SPACES
from helpers.vqvae_subtyping.profiles import Profiles

SUBTYPES = "pam50"  # stands for the known subtypes of any cancer in tables and keys
MAX_P = 0.05
SHOWN_P = ("logrank_p", "permutation_p", "adjusted_p")
_READ = {"age": partial(pd.to_numeric, errors="coerce"), "stage": stage_number}


@dataclass(frozen=True)
class SurvivalComparison:
    """Log-rank tests, and the two groupings that are drawn.

    table: columns grouping, seed, chi2, df, logrank_p, permutation_p and, where the cohort has age
        or stage, adjusted_chi2 and adjusted_p: of the groups beside these in a Cox model.
    adjusted_for: age and stage as far as they are known, each with how many patients lack it.
    groupings: title → a group of each followed patient. p: title → its log-rank p.
    """

    table: pd.DataFrame
    groupings: dict[str, np.ndarray]
    p: dict[str, float]
    adjusted_for: dict[str, int]

    def of(self, grouping: str) -> pd.DataFrame:
        """The tests of one grouping, a row a seed."""
        return self.table[self.table["grouping"] == grouping]

    def differs(self, grouping: str) -> np.ndarray:
        """Of each seed, 1 if the permutation p is below 0.05, else 0."""
        return (self.of(grouping)["permutation_p"] < MAX_P).to_numpy(float)

    def differs_adjusted(self, grouping: str) -> np.ndarray:
        """Of each seed, 1 if the p beside age and stage is below 0.05; empty without one."""
        rows = self.of(grouping)
        p = rows["adjusted_p"].dropna() if "adjusted_p" in rows else pd.Series(dtype=float)
        return (p < MAX_P).to_numpy(float)

    @property
    def adjusted_in_words(self) -> str:
        """What the adjusted p is adjusted for, and how many patients lack it."""
        if not self.adjusted_for:
            return "Neither age nor stage is known: no p is adjusted."
        parts = [f"{name} ({n:,} patients lack it)" for name, n in self.adjusted_for.items()]
        return f"adjusted_p: beside {in_a_row(parts)}; who lacks one has the median."

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The table as it is recorded."""
        return {"survival": self.table}

    @property
    def metrics(self) -> dict[str, float]:
        """`survival.<p>.<grouping>` of `logrank_p`, `permutation_p`, `adjusted_p`, with `_sd`."""
        is_known = "adjusted_p" in self.table and self.table["adjusted_p"].notna().all()
        columns = SHOWN_P if is_known else SHOWN_P[:2]
        return table_metrics(self.table, "survival", columns, "grouping")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean, least and largest over seeds, a row a grouping."""
        tests = self.table.groupby("grouping", sort=False)
        columns = [name for name in ("chi2", *SHOWN_P) if name in self.table]
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
    known, adjusted_for = _covariates(profiles)
    if adjusted_for:
        tests = [_adjusted(labels, known, days, died) for labels in groupings.values()]
        table[["adjusted_chi2", "adjusted_p"]] = tests
    drawn = {
        "known subtype": profiles.shown_subtype[followed],
        "cluster": clusterings.letters[followed],
    }
    p = {title: logrank(days, died, groups).p for title, groups in drawn.items()}
    return SurvivalComparison(table, drawn, p, adjusted_for)


def _covariates(profiles: Profiles) -> tuple[np.ndarray, dict[str, int]]:
    """Age and stage of the followed patients, and how many lack each: they get the median."""
    obs = profiles.patients.obs[profiles.is_followed]
    filled, _ = clinical_covariates(obs, obs)
    names = [name for name in _READ if name in filled]
    n_lacking = {name: int(_READ[name](obs[name]).isna().sum()) for name in names}
    return filled[names].to_numpy(), n_lacking


def _adjusted(
    labels: np.ndarray, known: np.ndarray, days: np.ndarray, died: np.ndarray
) -> tuple[float, float]:
    """χ² and p of the groups beside `known` covariates; NaN where these have no Cox model."""
    names, number = np.unique(labels, return_inverse=True)
    groups = np.eye(len(names))[number][:, 1:]
    try:
        chi2, _, p = cox_score_test(groups, known, days, died.astype(bool))
    except (ArithmeticError, ValueError, np.linalg.LinAlgError):
        return np.nan, np.nan
    return chi2, p
