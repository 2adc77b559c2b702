import numpy as np
import pandas as pd
import pytest

from helpers.evaluate.arrays import as_labels, as_matrix, column_names


def test_a_dataframe_and_its_values_are_the_same_matrix():
    table = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    np.testing.assert_array_equal(as_matrix(table, "x"), as_matrix(table.to_numpy(), "x"))
    assert as_matrix(table, "x").dtype == float
    assert as_matrix(np.ones((2, 2), np.float32), "x").dtype == np.float32
    assert column_names(table) == ["a", "b"]
    assert column_names(table.to_numpy()) == [0, 1]
    assert column_names(table.to_numpy(), "z") == ["z0", "z1"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.ones(3), "samples × columns"),
        (np.ones((0, 3)), "samples × columns"),
        (np.array([[1.0, np.nan]]), "1 of 2 values are NaN"),
        (np.array([[1.0, np.inf]]), "NaN or infinite"),
    ],
)
def test_a_matrix_must_be_finite_and_two_dimensional(values, message):
    with pytest.raises(ValueError, match=message):
        as_matrix(values, "x")


def test_rows_and_labels_must_fit_the_samples():
    with pytest.raises(ValueError, match="3 samples, `z` has 2 rows"):
        as_matrix(np.ones((2, 2)), "z", 3)
    with pytest.raises(ValueError, match="3 samples, `labels` has 2"):
        as_labels(["a", "b"], "labels", 3)
    with pytest.raises(ValueError, match="1 of 2 labels are missing"):
        as_labels(pd.Series(["a", None]), "labels")
    with pytest.raises(ValueError, match="flat list"):
        as_labels([["a"]], "labels")


def test_categorical_labels_are_labels():
    assert as_labels(pd.Series(["a", "b"], dtype="category"), "labels").tolist() == ["a", "b"]
