"""Labels with spaces and commas in a list of labels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.cohorts.reading.asked_types import types_asked

SPACED = ["Breast cancer", "Kidney", "Lung, adeno"]


@pytest.mark.parametrize(
    ("present", "asked", "types"),
    [
        (["BRCA", "LUAD"], "BRCA LUAD", ["BRCA", "LUAD"]),
        (["BRCA", "LUAD"], " BRCA,  LUAD, BRCA", ["BRCA", "LUAD"]),
        (SPACED, "Breast cancer, Kidney", ["Breast cancer", "Kidney"]),
        (SPACED, "Lung, adeno Kidney", ["Lung, adeno", "Kidney"]),
        (SPACED, "Kidney; Lung, adeno", ["Kidney", "Lung, adeno"]),
        (["A", "A-1"], "A-1 A", ["A-1", "A"]),
        (["Lung", "Lung, adeno"], "Lung, adeno", ["Lung, adeno"]),
        (["A", "B", "A B"], "A B;", ["A B"]),
        (["A", "B", "A B"], "A; B", ["A", "B"]),
        (["A;1", "B"], "A;1 B", ["A;1", "B"]),
        (SPACED, "all", SPACED),
        (SPACED, "default", SPACED),
    ],
)
def test_labels_are_found(present, asked, types):
    assert types_asked(present, asked) == types


@pytest.mark.parametrize("text", ["A B", "A B A B", "A B, " * 40])
def test_two_readings_are_refused_with_both(text):
    with pytest.raises(ValueError, match=r"can be read as .* or as .*Put a semicolon"):
        types_asked(["A", "B", "A B"], text)


def test_what_is_unknown_is_named():
    with pytest.raises(ValueError, match=r"of Breast cancer; Kidney; Lung, adeno,.*got Liver$"):
        types_asked(SPACED, "Liver Kidney")
    with pytest.raises(ValueError, match="got none"):
        types_asked(SPACED, " , ")
    with pytest.raises(ValueError, match="got x"):
        types_asked(["A", "A A"], "A " * 60 + "x")


LABELS = st.text("ab ,", min_size=1).filter(lambda label: label.strip(" ,") == label)


@given(st.sets(LABELS, min_size=1))
def test_labels_after_semicolons_are_themselves(labels):
    assert set(types_asked(labels, "; ".join(sorted(labels)) + ";")) == labels
