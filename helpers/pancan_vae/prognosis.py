"""Does the latent space say who lives longer? Held-out concordance of every fold."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.evaluate.results import spread_metrics
from helpers.evaluate.survival import latent_concordance
from helpers.pancan_vae.folds import TrainedFold


@dataclass(frozen=True)
class Prognosis:
    """`latent_concordance` of each fold, one row a cancer type × variant × seed."""

    concordance: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`survival`."""
        return {"survival": self.concordance}

    @property
    def metrics(self) -> dict[str, float]:
        """`survival.c_index.<variant>`: mean of the cancer types, then over seeds."""
        return {
            key: value
            for variant in sorted(self.scored["variant"].unique())
            for key, value in spread_metrics(
                f"survival.c_index.{variant}", self.by_seed(variant)
            ).items()
        }

    @property
    def scored(self) -> pd.DataFrame:
        """The rows that have a concordance: enough deaths, and a fit that came to an end."""
        return self.concordance.dropna(subset="c_index")

    @property
    def summary(self) -> pd.DataFrame:
        """Mean and SD over seeds, one row a cancer type."""
        index, columns = "cancer_type", "variant"
        return self.scored.pivot_table("c_index", index, columns, aggfunc=["mean", "std"])

    def by_seed(self, variant: str) -> pd.Series:
        """Mean concordance of the cancer types, a value a seed; empty where there is none."""
        rows = self.scored[self.scored["variant"] == variant]
        return rows.groupby("seed")["c_index"].mean()


def score_survival(runs: Sequence[TrainedFold]) -> Prognosis:
    """Cox models on each fold's latents and clinical facts, scored on its held-out patients."""
    tables = []
    for run in runs:
        train, test = (run.fold.parts[part].obs for part in ("train", "test"))
        table = latent_concordance(run.z["train"], train, run.z["test"], test, seed=run.seed)
        tables.append(table.assign(seed=run.seed))
    return Prognosis(pd.concat(tables, ignore_index=True))
