import json

import numpy as np
import pandas as pd

from helpers.book.interactive.packed_columns import packed_column, rounded, script_of
from helpers.figures.palette import CANCER_COLOURS, NEUTRAL


def test_numbers_keep_four_digits_and_what_is_missing_is_null():
    column = pd.Series([1.23456789, np.nan, np.inf, 30.0, -0.000123456], name="purity")
    packed = packed_column(column)
    assert packed == {
        "name": "purity",
        "kind": "number",
        "values": [1.235, None, None, 30, -0.0001235],
    }
    assert json.dumps(packed["values"], allow_nan=False)
    assert rounded([123456], 3) == [123000]


def test_groups_have_levels_in_order_with_the_colours_of_the_book():
    packed = packed_column(pd.Series(["COAD", "BRCA", None, "", "COAD"] * 3, name="cancer type"))
    assert packed["levels"] == ["BRCA", "COAD"]
    assert packed["colours"] == [CANCER_COLOURS["BRCA"], CANCER_COLOURS["COAD"]]
    assert packed["codes"] == [1, 0, -1, -1, 1] * 3


def test_of_many_groups_the_rare_are_grey_and_too_many_are_text():
    few = [f"g{number:02d}" for number in range(20) for _ in range(2 if number < 16 else 1)] * 2
    packed = packed_column(pd.Series(few))
    grey = [
        level
        for level, colour in zip(packed["levels"], packed["colours"], strict=True)
        if colour == NEUTRAL
    ]
    assert grey == ["g16", "g17", "g18", "g19"]
    names = packed_column(pd.Series([f"line {number}" for number in range(99)] + [None]))
    assert names["kind"] == "text" and names["values"][-1] is None
    assert packed_column(pd.Series(["unknown", "Basal"] * 4))["colours"][1] == NEUTRAL


def test_what_others_wrote_is_inert_in_the_script():
    name = '</script><script>alert("1")</script>\u2028'
    text = script_of("a-map", {"samples": [name]})
    assert "<" not in text and text.isascii()
    body = text.removeprefix("lookCloser.take(...").removesuffix(");\n")
    assert json.loads(body) == ["a-map", {"samples": [name]}]
