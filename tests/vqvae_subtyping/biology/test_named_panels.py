"""Readings of the paper's figures: shares of what was measured, NaN where nothing was."""

import numpy as np
import pandas as pd

from helpers.vqvae_subtyping.biology.named_panels import (
    share_of_opposite_sets,
    share_of_subtypes_reached,
    share_that_differ,
)
from helpers.vqvae_subtyping.biology.pathways import pathway_effects


def test_only_measured_genes_count_and_directions_where_asked():
    rows = {
        "feature": ["TP53", "KRAS", "OTHER"],
        "difference": [0.5, -0.4, 2],
        "q": [0.01, 0.04, 0],
    }
    tests = pd.DataFrame(rows)
    assert share_that_differ(tests, ("TP53", "KRAS", "MAP3K1")) == 1
    assert share_that_differ(tests, {"TP53": 1, "KRAS": 1}) == 0.5
    assert share_that_differ(tests, {"KRAS": -1}) == 1
    assert share_that_differ(tests.assign(q=0.05), ("TP53",)) == 0
    assert np.isnan(share_that_differ(tests, ("MAP3K1",)))


def over(*rows):
    return pd.DataFrame(rows, columns=["cluster", "direction", "set", "q"])


def test_a_set_must_rise_in_one_and_fall_in_the_other():
    table = over(
        ("A", "up", "s", 0.01), ("A", "down", "s", 0.9), ("E", "down", "s", 0.01),
        ("A", "up", "t", 0.01), ("E", "down", "t", 0.5), ("B", "down", "t", 0.0),
    )  # fmt: skip
    assert share_of_opposite_sets(table, "A", "E", ("s",)) == 1
    assert share_of_opposite_sets(table, "A", "E", ("s", "t")) == 0.5
    assert share_of_opposite_sets(table, "E", "A", ("s", "t")) == 0
    assert np.isnan(share_of_opposite_sets(table, "A", "E", ("u",)))
    assert np.isnan(share_of_opposite_sets(None, "A", "E"))


def test_subtypes_are_reached_through_their_pathways():
    rows = {"cluster": "A", "feature": ["ESR1", "WNT1"], "difference": 1.0, "p": [1e-9, 0.9]}
    luminal = pathway_effects(pd.DataFrame(rows))
    assert share_of_subtypes_reached(luminal, "A") == 0.5
    assert share_of_subtypes_reached(luminal, "B") == 0
    every = pathway_effects(pd.DataFrame(rows | {"feature": ["ESR1", "EGFR"], "p": 1e-9}))
    assert share_of_subtypes_reached(every, "A") == 1
    none = pathway_effects(pd.DataFrame(rows | {"feature": ["NONE", "NEITHER"]}))
    assert np.isnan(share_of_subtypes_reached(none, "A"))
