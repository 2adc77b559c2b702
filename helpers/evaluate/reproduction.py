"""The paper's claims against the values found here, under tolerances fixed before the result.

The mean over seeds is held against the tolerance. Where mean ± SD, the spread that the table shows,
reaches a limit of it, another few seeds could have said otherwise: the verdict is "uncertain". A
claim with one value has no spread and keeps the plain verdict.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from helpers.evaluate.results import mean_and_sd

WORDS = ("reproduced", "partly", "not")  # best first
UNCERTAIN, UNTESTED = "uncertain", "not testable here"
STEPS = 101  # values between mean − SD and mean + SD that are held against the tolerance


@dataclass(frozen=True)
class Claim:
    """One claim, where it stands, and what will count as having reproduced it.

    Write it before anything is computed, then add the result with `observe`.

    claim      what the paper says
    where      section, figure or table of the paper
    paper      the paper's value as text ("0.94", "not given")
    tolerance  in words, what the two predicates say
    holds      a value, as the mean of those here → reproduced? None: cannot be tested here
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
    """One of "reproduced", "partly", "not", "uncertain" and "not testable here".

    The mean of the values decides; "uncertain" where it decides otherwise somewhere from mean − SD
    to mean + SD (over seeds, n − 1; one value has none).

    Raises:
        ValueError: a claim that cannot be tested (no predicate, no value, or NaN) and no reason.
    """
    if not _is_tested(claim):
        if not claim.reason:
            raise ValueError(
                f"A claim that is not tested needs a reason: {claim.claim!r} has "
                f"{len(claim.here)} values {claim.here} and no `reason`. Observe finite values or "
                "say why there are none."
            )
        return UNTESTED
    words = words_within_spread(claim)
    return UNCERTAIN if len(words) > 1 else words[0]


def words_within_spread(claim: Claim) -> list[str]:
    """What a tested claim's mean says, then what else is said within mean ± SD, best first."""
    mean = float(np.mean(claim.here))
    sd = float(np.std(claim.here, ddof=1)) if len(claim.here) > 1 else 0.0
    if sd <= 1e-12 * abs(mean):  # equal values: what is left is arithmetic
        return [_word(claim, mean)]
    said = {_word(claim, value) for value in np.linspace(mean - sd, mean + sd, STEPS)}
    first = _word(claim, mean)
    return [first, *(word for word in WORDS if word in said - {first})]


def _is_tested(claim: Claim) -> bool:
    return claim.holds is not None and bool(claim.here) and bool(np.isfinite(claim.here).all())


def _word(claim: Claim, value: float) -> str:
    if claim.holds(value):
        return "reproduced"
    return "partly" if claim.partly is not None and claim.partly(value) else "not"


def _reason(claim: Claim) -> str:
    """The claim's own reason and, where the verdict is uncertain, what the spread covers."""
    if verdict(claim) != UNCERTAIN:
        return claim.reason
    mean, *others = words_within_spread(claim)
    covers = f"by the mean: {mean}; within its SD also: {' and '.join(others)}"
    return f"{claim.reason}; {covers}" if claim.reason else covers


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
        """`reproduction.n_claims.<verdict>`, with _ for blanks: how many claims have it."""
        counts = self.verdicts["verdict"].value_counts()
        return {
            f"reproduction.n_claims.{word.replace(' ', '_')}": int(counts.get(word, 0))
            for word in (*WORDS, UNCERTAIN, UNTESTED)
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
            "reason": _reason(claim),
        }
        for claim in claims
    ]
    columns = ["claim", "where", reference, "here", "n", "tolerance", "verdict", "reason"]
    return pd.DataFrame(rows, columns=columns)
