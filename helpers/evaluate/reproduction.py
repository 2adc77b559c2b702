"""The paper's claims against the values found here, under tolerances fixed before the result."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.evaluate.results import mean_and_sd


@dataclass(frozen=True)
class Claim:
    """One claim, where it stands, and what will count as having reproduced it.

    Write it before anything is computed, then add the result with `observe`.

    claim      what the paper says
    where      section, figure or table of the paper
    paper      the paper's value as text ("0.94", "not given")
    tolerance  in words, what the two predicates say
    holds      mean of the values here → reproduced? None: cannot be tested here
    partly     the same for "partly"; None: there is no middle
    here       the values found, one per seed
    reason     why not, or why it cannot be tested
    """

    claim: str
    where: str
    paper: str
    tolerance: str
    holds: Callable[[float], bool] | None = None
    partly: Callable[[float], bool] | None = None
    here: tuple[float, ...] = ()
    reason: str = ""

    def observe(self, values: float | Sequence[float], reason: str = "") -> "Claim":
        """The same claim with the values found here, one per seed.

        A `reason` given before, for the case that nothing could be observed, is dropped.
        """
        return replace(self, here=tuple(np.ravel(values).tolist()), reason=reason)


def claim_table(claims: Sequence[Claim]) -> pd.DataFrame:
    """The claims before any result. Columns: claim, where, paper, tolerance."""
    columns = ["claim", "where", "paper", "tolerance"]
    return pd.DataFrame([[getattr(c, name) for name in columns] for c in claims], columns=columns)


def verdict(claim: Claim) -> str:
    """One of "reproduced", "partly", "not", "not testable here", from the mean of the values.

    Raises:
        ValueError: a claim that cannot be tested (no predicate, no value, or NaN) and no reason.
    """
    if claim.holds is None or not claim.here or not np.isfinite(claim.here).all():
        if not claim.reason:
            raise ValueError(
                f"A claim that is not tested needs a reason: {claim.claim!r} has "
                f"{len(claim.here)} values {claim.here} and no `reason`. Observe finite values or "
                "say why there are none."
            )
        return "not testable here"
    mean = float(np.mean(claim.here))
    if claim.holds(mean):
        return "reproduced"
    return "partly" if claim.partly is not None and claim.partly(mean) else "not"


@dataclass(frozen=True)
class Verdicts:
    """What became of the claims. verdicts: one row a claim, see `verdict_table`."""

    verdicts: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table `reproduction`."""
        return {"reproduction": self.verdicts}

    @property
    def metrics(self) -> dict[str, int]:
        """`reproduction.n_claims.<verdict>`: how many claims have it."""
        return {
            f"reproduction.n_claims.{word}": int((self.verdicts["verdict"] == word).sum())
            for word in ("reproduced", "partly", "not")
        }


def judge(claims: Iterable[Claim], reference: str = "paper") -> Verdicts:
    """Observed claims with their verdicts; `reference` as in `verdict_table`."""
    return Verdicts(verdict_table(list(claims), reference))


def verdict_table(claims: Sequence[Claim], reference: str = "paper") -> pd.DataFrame:
    """The reproduction table, a row per claim, all columns text but n.

    Columns: claim, where, `reference` ("paper", or "truth" on simulated cohorts), here (mean ± SD
    over n values), n, tolerance, verdict, reason.
    """
    rows = [
        {
            "claim": claim.claim,
            "where": claim.where,
            reference: claim.paper,
            "here": mean_and_sd(claim.here) if np.isfinite(claim.here).all() else "–",
            "n": len(claim.here),
            "tolerance": claim.tolerance,
            "verdict": verdict(claim),
            "reason": claim.reason,
        }
        for claim in claims
    ]
    columns = ["claim", "where", reference, "here", "n", "tolerance", "verdict", "reason"]
    return pd.DataFrame(rows, columns=columns)
