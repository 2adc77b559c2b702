"""What paper 4 claims, and what will count as having reproduced it, fixed before any result.

The paper's tables are medians over 26 cancer types of one trained model, without a spread. Order
and proportion can carry over to another cohort, distances in another gene set cannot.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from helpers.evaluate.reproduction import Claim, Verdicts, judge

PAPER_RIVALS = ["input", "linear_projection", "celligner"]
PARTS = ("no_grad", "no_cor", "no_purity")
NOT_RUN = "the models without one part were left out of this run"
NOT_DEFINED = "not defined in this run: a method made all samples of a type the same"
NO_SUBTYPES = "no subtype is known on both sides in this cohort"


def _rivals_in(table: pd.DataFrame) -> list[str]:
    """The paper's rivals that were made: a linear projection needs purities that differ."""
    return [name for name in PAPER_RIVALS if name in table]


def _best_rival(table: pd.DataFrame) -> pd.Series:
    return table[_rivals_in(table)].min(axis=1)


def rnalign_claims() -> dict[str, Claim]:
    """The claims of chapter 4 by short name, in the order of the paper, none observed yet."""
    return _table_1() | _parts() | _beyond()


def _table_1() -> dict[str, Claim]:
    return {
        "delta_d": Claim(
            "RNAlign has the lowest ΔD", "table 1", "4.75 against 8.59",
            "ΔD minus the lowest of input, linear projection and Celligner, per unit of the "
            "input's, ≤ 0; partly ≤ 0.05", lambda v: v <= 0, lambda v: v <= 0.05,
        ),
        "delta_kbet": Claim(
            "RNAlign has the lowest ΔkBET", "table 1", "0.65 against 0.86",
            "ΔkBET minus the lowest of the three ≤ 0; partly ≤ 0.05",
            lambda v: v <= 0, lambda v: v <= 0.05,
        ),
        "pvca": Claim(
            "RNAlign is second to Celligner in PVCA", "table 1", "0.13 against 0.10",
            "rank among the four from 1.5 to 2.5, mean over seeds; partly ≤ 3",
            lambda v: 1.5 <= v <= 2.5, lambda v: v <= 3,
        ),
        "match": Claim(
            "more lines match their tumours", "figure 2c", "36.5 % → 55.1 %",
            "gain in the median over types ≥ 0.1; partly > 0", lambda v: v >= 0.1, lambda v: v > 0,
        ),
    }  # fmt: skip


def _parts() -> dict[str, Claim]:
    parts = {
        "no_grad": ("L_grad lowers ΔD", "6.12 → 4.75"),
        "no_cor": ("L_cor lowers ΔD", "10.70 → 4.75"),
        "no_purity": ("purity labels lower ΔD", "17.34 → 4.75"),
    }
    tolerance = "ΔD without it minus ΔD with it, per unit of the input's, ≥ 0.02; partly > 0"
    claims = {
        name: Claim(
            claim, "table 5", paper, tolerance, lambda v: v >= 0.02, lambda v: v > 0, reason=NOT_RUN
        )
        for name, (claim, paper) in parts.items()
    }
    claims["purity_worst"] = Claim(
        "purity is the part that is missed most", "table 5", "17.34 > 10.70 > 6.12",
        "share of seeds in which ΔD without it is the largest of the three ≥ 0.8; partly ≥ 0.4",
        lambda v: v >= 0.8, lambda v: v >= 0.4, reason=NOT_RUN,
    )  # fmt: skip
    claims["changes"] = Claim(
        "changing both labels beats purity alone, which beats origin alone", "table 4",
        "4.75 < 9.43 < 17.35", "share of seeds in that order ≥ 0.8; partly ≥ 0.4",
        lambda v: v >= 0.8, lambda v: v >= 0.4,
    )  # fmt: skip
    claims["subtypes"] = Claim(
        "subtypes are kept", "figure 2d–e, table 3", "shown",
        "subtype silhouette minus the input's ≥ 0; partly ≥ −0.02",
        lambda v: v >= 0, lambda v: v >= -0.02, reason=NO_SUBTYPES,
    )  # fmt: skip
    claims["subtype_gap"] = Claim(
        "within a subtype tumours and lines are as near as their like", "table 3", "9.87 → 0.00",
        "size of ΔD within subtypes, per unit of the input's, ≤ 0.05; partly ≤ 0.25",
        lambda v: v <= 0.05, lambda v: v <= 0.25, reason=NO_SUBTYPES,
    )  # fmt: skip
    claims["unforced"] = Claim(
        "mixing is not forced: samples keep what is their own", "§4.4", "said",
        "r² of samples before and after, within type and origin, ≥ 0.5; partly ≥ 0.25",
        lambda v: v >= 0.5, lambda v: v >= 0.25,
    )  # fmt: skip
    return claims


def _beyond() -> dict[str, Claim]:
    return {
        "told": Claim(
            "the gain in matches is more than the type the model is told", "not tested", "–",
            "match told one constant type, mean of types, minus the input's ≥ 0.1; partly > 0",
            lambda v: v >= 0.1, lambda v: v > 0,
        ),
        "shift": Claim(
            "RNAlign beats a mean shift per type, which is told as much", "not compared", "–",
            "match, mean of types, minus the shift's ≥ 0; partly ≥ −0.05",
            lambda v: v >= 0, lambda v: v >= -0.05,
        ),
        "mober": Claim(
            "RNAlign mixes origins better than MOBER", "not compared", "–",
            "ΔD relative to the distance within origins, minus MOBER's, ≤ 0; partly ≤ 0.05",
            lambda v: v <= 0, lambda v: v <= 0.05,
        ),
    }  # fmt: skip


def observe_rnalign(
    claims: Mapping[str, Claim],
    scores: pd.DataFrame,
    changes: pd.DataFrame,
    subtypes: pd.DataFrame | None = None,
) -> dict[str, Claim]:
    """The claims with what was found.

    `scores`: a row a method and seed with the columns of `alignment_scores`. `changes`: ΔD, a row
    a seed, columns both, purity, origin. `subtypes`: silhouette and delta_d with subtypes in the
    place of types, a row a method and seed; None or empty where they are not known.
    """
    wide = scores.pivot_table(index="seed", columns="method", dropna=False)
    gap, match = wide["delta_d"], wide["match_mean"]
    scale = gap["input"]
    values = {
        "delta_d": (gap["rnalign"] - _best_rival(gap)) / scale,
        "delta_kbet": wide["delta_kbet"]["rnalign"] - _best_rival(wide["delta_kbet"]),
        "pvca": wide["pvca"][[*_rivals_in(wide["pvca"]), "rnalign"]].rank(axis=1)["rnalign"],
        "match": wide["match_median"]["rnalign"] - wide["match_median"]["input"],
        "unforced": wide["r2_kept"]["rnalign"],
        "changes": (changes["both"] < changes["purity"]) & (changes["purity"] < changes["origin"]),
        "told": match["constant_type"] - match["input"],
        "shift": match["rnalign"] - match["mean_shift_per_type"],
        "mober": wide["delta_d_relative"]["rnalign"] - wide["delta_d_relative"]["mober"],
    }
    trained = [part for part in PARTS if f"rnalign_{part}" in gap]
    without = {part: gap[f"rnalign_{part}"].dropna() for part in trained}  # of some seeds
    values |= {
        part: (of - gap["rnalign"][of.index]) / scale[of.index] for part, of in without.items()
    }
    if len(trained) == len(PARTS):
        values["purity_worst"] = pd.DataFrame(without).idxmax(axis=1) == "no_purity"
    if subtypes is not None and len(subtypes):
        kept = subtypes.pivot_table(index="seed", columns="method")
        values["subtypes"] = kept["silhouette"]["rnalign"] - kept["silhouette"]["input"]
        values["subtype_gap"] = (kept["delta_d"]["rnalign"] / kept["delta_d"]["input"]).abs()
    observed = {name: _observed(claims[name], values[name]) for name in values}
    return {name: observed.get(name, claim) for name, claim in claims.items()}


def _observed(claim: Claim, values: pd.Series) -> Claim:
    """The claim with its values, or why there are none: a collapsed model has no relative gap."""
    here = np.asarray(values, float)
    return claim.observe(here) if np.isfinite(here).all() else claim.observe([], NOT_DEFINED)


def judge_rnalign(
    claims: Mapping[str, Claim],
    scores: pd.DataFrame,
    changes: pd.DataFrame,
    subtypes: pd.DataFrame | None = None,
) -> Verdicts:
    """The claims with their verdicts; arguments as in `observe_rnalign`."""
    return judge(observe_rnalign(claims, scores, changes, subtypes).values())
