import pandas as pd

from helpers.book.interactive.flows import describe_flow
from helpers.figures.palette import NEUTRAL


def test_every_sample_leaves_a_source_and_reaches_a_target():
    rows = [
        ("LumA", "B", 3),
        ("LumA", "A", 5),
        ("Basal", "A", 2),
        (None, "A", 1),
        ("Basal", "B", 0),
    ]
    found = describe_flow(pd.DataFrame(rows, columns=["source", "target", "n"]))
    assert [(bar["name"], bar["n"]) for bar in found["sources"]] == [
        *(("LumA", 8), ("Basal", 2), ("unknown", 1)),
    ]
    assert [(bar["name"], bar["n"]) for bar in found["targets"]] == [("A", 8), ("B", 3)]
    assert found["bands"] == [[0, 1, 3], [0, 0, 5], [1, 0, 2], [2, 0, 1]]
    assert found["sources"][2]["colour"] == NEUTRAL
