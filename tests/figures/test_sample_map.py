import numpy as np
import pandas as pd
import pytest

from helpers.figures.sample_map import sample_map


def obs():
    columns = {
        "cancer_type": ["BRCA", "BRCA", "COAD"],
        "subtype": ["LumA", "", np.nan],
        "sample_type": "primary",
        "disease": [np.nan] * 3,
        "race": ["a", "b", "c"],
        "os_time": [10.0, np.nan, 30.0],
        "os_event": [1.0, 0.0, np.nan],
    }
    frame = pd.DataFrame(columns, index=["s1", "s2", "s3"])
    return frame.astype({"cancer_type": "category"})


def test_a_row_a_sample_with_places_and_facts_in_words():
    xy = np.array([[0.123456, 1], [2, 3], [4, np.nan]])
    table = sample_map(obs(), {"UMAP": xy}, {"cluster": ["A", "B", "A"]})
    assert list(table) == [
        *("sample", "UMAP 1", "UMAP 2", "cluster"),
        *("cancer type", "subtype", "days followed", "died"),
    ]
    assert table["sample"].tolist() == ["s1", "s2", "s3"]
    assert table["UMAP 1"].tolist() == [0.1235, 2, 4] and np.isnan(table["UMAP 2"][2])
    assert table["subtype"].isna().tolist() == [False, True, True]
    assert table["died"].fillna("?").tolist() == ["yes", "no", "?"]


def test_what_is_not_a_row_a_sample_is_refused():
    with pytest.raises(ValueError, match=r"'UMAP' has shape \(2, 2\)"):
        sample_map(obs(), {"UMAP": np.zeros((2, 2))})
    with pytest.raises(ValueError, match="'cluster' has 1"):
        sample_map(obs(), {}, {"cluster": ["A"]})
