from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.vqvae_subtyping.clusters.label_matching import (
    _letter,
    label_flow,
    letter_labels,
    match_labels,
    most_alike,
)

LABELS = st.lists(st.integers(0, 4), min_size=1, max_size=40)


def test_letters_go_by_size_and_then_by_first_sample():
    assert "".join(letter_labels([7, 3, 3, 9, 7, 3, 9, 5])) == "BAACBACD"
    assert [_letter(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_a_is_the_most_mixed_cluster_that_is_not_tiny():
    labels = np.repeat([0, 1, 2, 3], [50, 30, 20, 3])
    subtype = np.array([*["Her2"] * 50, *["LumA", "LumB", "Basal"] * 10, *["LumA"] * 20, *"abc"])
    assert "".join(letter_labels(labels, subtype)[[0, 50, 80, 100]]) == "BACD"
    subtype[labels == 1] = ""  # nothing is known of it
    assert "".join(letter_labels(labels, subtype)[[0, 50, 80, 100]]) == "ABCD"
    assert "".join(letter_labels(labels, np.full(103, ""))[[0, 50, 80, 100]]) == "ABCD"


@settings(max_examples=50, deadline=None)
@given(LABELS, st.permutations(range(5)))
def test_letters_do_not_depend_on_the_numbers(labels, order):
    renamed = [order[label] for label in labels]
    assert letter_labels(labels).tolist() == letter_labels(renamed).tolist()
    sizes = pd.Series(letter_labels(labels)).value_counts().sort_index()
    assert sizes.is_monotonic_decreasing


@settings(max_examples=50, deadline=None)
@given(LABELS, st.permutations(range(5)))
def test_renamed_clusters_get_their_names_back(labels, order):
    letters = letter_labels(labels)
    assert match_labels(letters, [order[label] for label in labels]).tolist() == letters.tolist()


def test_the_match_is_the_best_of_all():
    rng = np.random.default_rng(0)
    reference, labels = rng.choice([*"ABC"], 30), rng.integers(0, 3, 30)
    shared = [
        (np.array(names)[labels] == reference).sum() for names in permutations(["A", "B", "C"])
    ]
    assert (match_labels(reference, labels) == reference).sum() == max(shared)


def test_clusters_beyond_the_reference_get_new_letters():
    reference = [*"AAAABBBB"]
    labels = [0, 0, 0, 1, 2, 2, 3, 3]
    assert "".join(match_labels(reference, labels)) in ("AAACBBDD", "AAADBBCC", "AAADCCBB")
    matched = match_labels(reference, labels)
    assert len(set(matched)) == 4
    fewer = match_labels([*"AABBCC"], [0, 0, 0, 1, 1, 1])
    assert len(set(fewer)) == 2 and set(fewer) <= set("ABC")


def test_the_flow_counts_every_sample_once():
    rng = np.random.default_rng(0)
    source, target = rng.choice(["LumA", "Basal"], 50), rng.choice([*"AB"], 50)
    flow = label_flow(source, target)
    assert [*flow.columns] == ["source", "target", "n", "share"]
    assert flow["n"].sum() == 50
    row = flow.set_index(["source", "target"]).loc[("LumA", "B")]
    n = np.sum((source == "LumA") & (target == "B"))
    assert row["n"] == n and row["share"] == pytest.approx(n / np.sum(source == "LumA"))
    np.testing.assert_allclose(flow.groupby("source")["share"].sum(), 1)
    assert label_flow(["a", "a"], ["b", "b"])["n"].tolist() == [2]


def test_labels_of_other_patients_are_refused():
    with pytest.raises(ValueError, match="one label per sample: 3 samples"):
        match_labels([*"ABC"], [0, 1])
    with pytest.raises(ValueError, match="one label per sample: 3 samples"):
        label_flow([*"ABC"], [0, 1])


def test_the_cluster_most_like_a_has_the_nearest_shares_of_subtypes():
    clusters = np.repeat(["A", "B", "C"], [20, 40, 20])
    subtype = np.array(["x", "y"] * 10 + ["x"] * 39 + ["y"] + ["x", "y", "y", "x", ""] * 4)
    assert most_alike(clusters, subtype) == "C"
    assert most_alike(clusters, subtype, to="B") == "A"  # C and A are as far: the first


def test_a_cluster_of_few_samples_is_not_the_most_alike():
    clusters = np.repeat(["A", "B", "C"], [20, 40, 2])
    subtype = np.array(["x", "y"] * 10 + ["x"] * 39 + ["y"] + ["x", "y"])
    assert most_alike(clusters, subtype) == "B"


def test_without_subtypes_the_first_other_cluster_is_taken():
    assert most_alike(["A", "C", "B"], None) == "B"
    assert most_alike(["A", "C", "B"], ["", "x", "x"]) == "B"
    assert most_alike(["A", "A"], None) == ""
