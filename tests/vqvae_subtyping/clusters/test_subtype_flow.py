"""Where known subtypes go, and the share of Basal and LumA that one cluster keeps."""

from dataclasses import dataclass

import numpy as np

from helpers.vqvae_subtyping.clusters.subtype_flow import follow_subtypes


@dataclass
class Known:
    subtype: np.ndarray

    @property
    def shown_subtype(self):
        return np.where(self.subtype == "", "unknown", self.subtype)


@dataclass
class Found:
    by_seed: dict

    def of_seed(self):
        return self.by_seed

    @property
    def letters(self):
        return np.array(list("AB"))[self.by_seed[0]]


SUBTYPE = np.array(["Basal"] * 4 + ["LumA"] * 5 + [""])
WHOLE = np.array([0] * 4 + [1] * 5 + [1])
SPLIT = np.array([0, 0, 0, 1, 1, 1, 1, 0, 0, 1])


def test_the_smaller_of_both_shares_is_kept_for_each_seed():
    flow = follow_subtypes(Known(SUBTYPE), Found({0: WHOLE, 1: SPLIT}))
    assert flow.kept_shares == (1.0, 3 / 5)
    rows = flow.table.set_index(["source", "target"])["n"].to_dict()
    assert rows == {("Basal", "A"): 4, ("LumA", "B"): 5, ("unknown", "B"): 1}
    assert flow.tables["label_flow"] is flow.table and flow.metrics == {}


def test_two_subtypes_alone_are_enough_for_the_share():
    known = Found({0: WHOLE[:-1]})
    assert follow_subtypes(Known(SUBTYPE[:-1]), known).kept_shares == (1.0,)


def test_other_subtypes_have_no_such_share():
    other = np.where(SUBTYPE == "LumA", "LumB", SUBTYPE)
    assert follow_subtypes(Known(other), Found({0: WHOLE})).kept_shares == ()
