"""The end of the search: a chosen method fitted to all but the test donors, and scored on them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData

from helpers.rnalign.analyses.planted_removal import planted_profiles
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.planted import effect_removal
from helpers.rnalign.search.candidates import fit_candidate
from helpers.rnalign.search.donors import Donors
from helpers.rnalign.search.finalists import Finalist
from helpers.rnalign.search.residual import with_residual
from helpers.rnalign.search.trial import SHOWN, score_unseen, try_candidate


@dataclass(frozen=True)
class FinalScore:
    """A finalist on the test donors: columns of `held_out_scores`; truth of simulated cohorts.

    validation: misalignment of the validation donors with the share that they chose, of a model
    that did not know them; None where the share was given.
    """

    score: pd.DataFrame
    truth: dict[str, float]
    validation: float | None = None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table final."""
        return {"final": self.score}

    @property
    def metrics(self) -> dict[str, float]:
        """test.<metric> and, of a simulated cohort, truth.<metric>, on the test donors.

        kept.share and validation_kept.misalignment where validation donors chose the share.
        """
        row = self.score.iloc[0]
        found = {f"test.{name}": float(row[name]) for name in SHOWN if np.isfinite(row[name])}
        if self.validation is not None:
            found["kept.share"] = float(row["share"])
            found["validation_kept.misalignment"] = self.validation
        return found | {f"truth.{name}": value for name, value in self.truth.items()}


def score_finalist(
    finalist: Finalist,
    samples: AnnData,
    data: StandardisedSamples,
    donors: Donors,
    seed: int,
    n_neighbours: int,
) -> FinalScore:
    """`finalist` fitted to the known donors; `data` are standardised by them."""
    share, validation = finalist.share, None
    if share is None:
        trial = try_candidate(finalist.candidate, data, donors, seed, n_neighbours)
        share, validation = trial.kept_share, trial.metrics["validation_kept.misalignment"]
    fitted = fit_candidate(finalist.candidate, data, donors.known, seed)
    arguments = fitted, data, donors.known, donors.test, n_neighbours, seed
    score = score_unseen(*arguments, shares=(share,))
    if "truth" not in samples.uns:
        return FinalScore(score, {}, validation)
    everyone = donors.known | donors.test
    aligned = with_residual(data.x, fitted.decode(everyone), share)
    truth = planted_profiles(samples, data)
    parts = (values[donors.test] for values in (data.x, aligned, *truth))
    found = effect_removal(*parts, data.facts.is_line[donors.test])
    kept = {name: found[name] for name in ("mean_shift_r", "sample_r", "r2")}
    return FinalScore(score, kept, validation)
