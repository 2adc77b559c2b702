"""One candidate scored on donors that it was not fitted to: a draw of the search, or its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.held_out_alignment import held_out_scores
from helpers.rnalign.search.candidates import Candidate, Fitted, fit_candidate
from helpers.rnalign.search.donors import Donors
from helpers.rnalign.search.residual import Decoded, with_residual

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the residual that are tried; 0 is the paper's."""
SHOWN = ("misalignment", "delta_d_relative", "delta_kbet", "match_mean", "pvca", "r2_kept",
         "variance_kept", "delta_d", "match")  # fmt: skip


@dataclass(frozen=True)
class Trial:
    """Scores of one candidate.

    scores: a row a part (validation, test) × share of the residual, with the columns of
    `held_out_scores`. loss: terms on the validation donors, "total" among them; may be empty.
    """

    scores: pd.DataFrame
    loss: Mapping[str, float]

    @property
    def kept_share(self) -> float:
        """Share of the residual with which the validation donors are aligned best."""
        rows = self.scores[self.scores["part"] == "validation"].set_index("share")
        return float(rows["misalignment"].idxmin())

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table trial."""
        return {"trial": self.scores}

    @property
    def metrics(self) -> dict[str, float]:
        """validation.<metric> and test.<metric> as the paper decodes; validation_kept.<metric> and
        test_kept.<metric> with the share kept.share of the residual; loss.<term>.
        """  # fmt: skip
        found = {f"loss.{term}": value for term, value in self.loss.items()}
        found["kept.share"] = self.kept_share
        for suffix, share in (("", self.scores["share"].min()), ("_kept", self.kept_share)):
            rows = self.scores[self.scores["share"] == share].set_index("part")
            for part, row in rows.iterrows():
                values = {f"{part}{suffix}.{name}": row[name] for name in SHOWN}
                found |= {name: float(v) for name, v in values.items() if np.isfinite(v)}
        return found


def try_candidate(
    candidate: Candidate,
    data: StandardisedSamples,
    donors: Donors,
    seed: int,
    n_neighbours: int,
) -> Trial:
    """`candidate` fitted to the training donors, its loss and alignment of the others.

    `data`: standardised by the training donors. The test donors' scores serve to judge rules of
    choice, never to choose.
    """
    fitted = fit_candidate(candidate, data, donors.train, seed)
    parts = {"validation": donors.validation, "test": donors.test}
    scores = [
        score_unseen(fitted, data, donors.train, part, n_neighbours, seed).assign(part=name)
        for name, part in parts.items()
    ]
    return Trial(pd.concat(scores, ignore_index=True), fitted.loss(donors.validation))


def score_unseen(
    fitted: Fitted,
    data: StandardisedSamples,
    train: np.ndarray,
    part: np.ndarray,
    n_neighbours: int,
    seed: int,
    shares: Iterable[float] = SHARES,
) -> pd.DataFrame:
    """Scores of the samples of `part`, a row a share of the residual, with the column share.

    Tumours of `train` vote with those of `part` on the lines; samples of neither are not looked at.
    """
    asked = train | part
    facts, x, decoded = data.facts.at(asked), data.x[asked], fitted.decode(asked)
    table = held_out_scores(
        dict(_shared(x, decoded, shares)),
        *facts.origins,
        part[asked],
        data.scored,
        n_neighbours,
        seed,
        before=x,
    )
    return table.rename_axis("share").reset_index()


def _shared(
    x: np.ndarray, decoded: Decoded, shares: Iterable[float]
) -> Iterable[tuple[float, np.ndarray]]:
    """Share → samples × genes; a method without a decoder counts as a share of 0."""
    tried = [0.0] if decoded.own is None else shares
    for share in tried:
        yield share, with_residual(x, decoded, share)
