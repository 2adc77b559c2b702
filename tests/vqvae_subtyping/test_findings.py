"""Whether clusters of unseen patients tell survival better than known subtypes, seed by seed."""

import pandas as pd

from helpers.vqvae_subtyping.clusters.survival_comparison import SurvivalComparison
from helpers.vqvae_subtyping.findings import Findings
from helpers.vqvae_subtyping.held_out_subtypes import HeldOut

HELD_OUT = HeldOut(
    pd.DataFrame({"extractor": ["vqvae", "vqvae", "raw"], "seed": [0, 1, 0], "chi2": [9, 3, 20.0]})
)


def comparison(*groupings):
    columns = ["grouping", "seed", "chi2", "df", "logrank_p", "permutation_p"]
    rows = [(grouping, 0, 5.0, 4, 0.1, 0.1) for grouping in groupings]
    return SurvivalComparison(pd.DataFrame(rows, columns=columns), {}, {}, {})


def prognosis(survival):
    return Findings(*[None] * 8, survival, HELD_OUT).prognosis


def test_each_seed_is_compared_with_the_known_subtypes():
    assert prognosis(comparison("pam50", "vqvae")) == [1.0, 0.0]


def test_without_known_subtypes_or_survival_there_is_nothing_to_compare():
    assert prognosis(comparison("vqvae")) == [] == prognosis(None)
