"""Tables of feature × sample: the same whatever the blocks, only what is wanted, ragged refused."""

import gzip

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts import text_matrices
from helpers.cohorts.text_matrices import read_table, table_blocks, table_samples

TABLE = "sample\ts1\ts2\ts3\nA\t9.5\t3.25\t0\nB\t1\t\tNA\nA\t2\t2\t1e-3\nC\t0\t0\t7\n"


@pytest.fixture(params=["table.tsv", "table.gz"])
def path(request, tmp_path):
    path = tmp_path / request.param
    text = TABLE.encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


@pytest.mark.parametrize("values_at_once", [1, 6, 1000])
def test_blocks_do_not_matter(path, monkeypatch, values_at_once):
    monkeypatch.setattr(text_matrices, "_VALUES_AT_ONCE", values_at_once)
    whole = pd.read_csv(path, sep="\t", index_col=0)
    x, features = read_table(path)
    np.testing.assert_array_equal(x, whole.to_numpy(np.float32).T)
    assert (x.dtype, features, table_samples(path)) == (np.float32, ["A", "B", "A", "C"], [*whole])


def test_a_block_may_begin_or_end_with_gaps(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("gene\ts1\ts2\nA\t\t\nB\t1\t\n")
    np.testing.assert_array_equal(read_table(path)[0], [[np.nan, 1], [np.nan, np.nan]])


def test_only_what_is_wanted(path):
    x, features = read_table(path, lambda name: name != "C", np.array([2, 0]), complete=True)
    np.testing.assert_array_equal(x, np.array([[0, 1e-3], [9.5, 2]], np.float32))
    assert features == ["A", "A"]
    assert read_table(path, lambda name: False)[0].shape == (3, 0)


def test_unwanted_rows_are_not_parsed(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("gene\ts1\nA\t1\nB\tno number\n")
    assert read_table(path, lambda name: name == "A")[0].tolist() == [[1]]
    with pytest.raises(ValueError, match="no number"):
        read_table(path)


def test_a_block_is_as_large_as_it_may_be(tmp_path, monkeypatch):
    path = tmp_path / "t.tsv"
    path.write_text("gene\ts1\ts2\n" + "G\t1\t2\n" * 10)
    monkeypatch.setattr(text_matrices, "_VALUES_AT_ONCE", 8)
    assert [len(names) for names, _ in table_blocks(path)] == [4, 4, 2]


def test_a_row_of_another_length_is_named(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_text("gene\ts1\ts2\nA\t1\t2\nESR1\t3\n")
    with pytest.raises(ValueError, match=r"t\.tsv must have 2 cells after its name; ESR1 has 1"):
        read_table(path)


def test_what_is_no_table_is_refused(tmp_path):
    path = tmp_path / "wrong.gz"
    path.write_bytes(gzip.compress(b"<html>not found</html>\n"))
    with pytest.raises(ValueError, match="must be tab-separated"):
        read_table(path)
