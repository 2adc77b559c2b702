import numpy as np
import pandas as pd

from helpers.book.interactive.line_finder import MOST_DRUGS, describe_line_finder

NULL = {"others_min": 0.3, "others_q05": 0.4, "others_q50": 0.5, "others_q95": 0.7}


def nearest():
    rows = [
        ("t2", "eye", 1, "L1", "eye", 0.2, 0.01),
        ("t2", "eye", 2, "L2", "gut", 0.3, np.nan),
        ("t1", "eye", 1, "L2", "gut", 0.25, np.nan),
    ]
    names = ["tumour", "cancer_type", "rank", "line", "line_type", "distance", "p"]
    return pd.DataFrame(rows, columns=names).assign(**NULL)


def test_each_tumour_has_its_lines_and_their_null():
    ranked = pd.DataFrame({"line": ["L1", "L1"], "line_name": ["One", "One"], "disease": ""})
    found = describe_line_finder(nearest(), ranked, None)
    assert [tumour["name"] for tumour in found["tumours"]] == ["t1", "t2"]
    second = found["tumours"][1]
    lines = [found["lines"][code] for code in second["lines"]]
    assert lines == [
        {"id": "L1", "cancer_type": "eye", "line_name": "One"},
        {"id": "L2", "cancer_type": "gut"},
    ]
    assert second["distance"] == [0.2, 0.3] and second["p"] == [0.01, None]
    assert second["null"] == list(NULL.values()) and found["drugs"] == {}


def test_a_run_without_a_null_says_nothing_of_it():
    found = describe_line_finder(nearest().drop(columns=list(NULL)), None, None)
    assert found["tumours"][0]["null"] == [None] * 4


def test_drugs_are_those_of_the_groups_lines():
    drugs = pd.DataFrame({"tumours": "eye", "drug": [f"d{n}" for n in range(20)], "n": 8})
    drugs = drugs.assign(difference=-1.23456, p=0.001, fdr=0.01)
    found = describe_line_finder(nearest(), None, drugs)["drugs"]
    assert len(found["eye"]) == MOST_DRUGS
    assert found["eye"][0] == {"drug": "d0", "n": 8, "difference": -1.23, "p": 0.001, "fdr": 0.01}
