import numpy as np
import pandas as pd

from helpers.book.interactive.volcanoes import describe_volcano


def test_features_of_each_group_come_surest_first():
    table = pd.DataFrame(
        {
            "cluster": ["A", "A", "A", "B"],
            "feature": ["NA", "TP53", "ESR1", "TP53"],
            "difference": [0.1, -2.0, np.nan, 1.0],
            "p": [0.5, 0.0, 0.1, 0.01],
            "q": [0.5, 0.0, 0.1, 0.02],
        }
    )
    found = describe_volcano(table, 0.25)
    assert found["threshold"] == 0.25
    first, second = found["groups"]
    assert (first["name"], first["features"]) == ("A", ["TP53", "NA"])
    np.testing.assert_allclose(first["height"], [-np.log10(0.5)] * 2, rtol=1e-3)  # p of 0 as high
    assert second["height"] == [2] and second["q"] == [0.02]
    assert describe_volcano(table.drop(columns="cluster"))["groups"][0]["name"] == ""
