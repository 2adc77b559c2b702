"""The reader of R workspaces: against bytes made by hand, and against facts of the real files.

Before pyreadr was let go, all 55 data frames that are read here were equal by both readers.
"""

import bz2
import gzip
import lzma

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.r_files import read_r_objects
from tests.fixtures import r_workspaces as r


def _read(tmp_path, raw):
    path = tmp_path / "objects.rda"
    path.write_bytes(raw)
    return read_r_objects(path)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_vectors_of_every_kind(tmp_path, version, compress):
    raw = r.workspace(
        r.pair("text", r.strings("a", None, "é")),
        r.pair("integers", r.integers(7, -1)),
        r.pair("reals", r.reals(0.5, np.inf)),
        r.pair("logicals", r.logicals(1, 0)),
        version=version,
    )
    objects = _read(tmp_path, compress(raw))
    assert objects["text"].tolist() == ["a", None, "é"]
    assert objects["integers"].tolist() == [7, -1] and objects["integers"].dtype == np.int32
    assert objects["reals"].tolist() == [0.5, np.inf]
    assert objects["logicals"].tolist() == [True, False] and objects["logicals"].dtype.kind == "b"


@pytest.mark.parametrize("kind", [r.integers, r.logicals])
def test_a_missing_integer_or_logical_is_nan(tmp_path, kind):
    objects = _read(tmp_path, r.workspace(r.pair("x", kind(1, r.NA_INTEGER, 0))))
    np.testing.assert_array_equal(objects["x"], [1, np.nan, 0])


def test_a_named_list_is_a_dict_and_symbols_are_remembered(tmp_path):
    inner = r.words(0x213, 2) + r.strings("x") + r.strings("y", "z")
    inner += r.attributes(r.pair("names", r.strings("one", "two")))
    second = r.words(0x213, 1) + r.strings("w")
    second += r.attributes(r.pair("names", r.strings("three"), known_as=2))
    objects = _read(tmp_path, r.workspace(r.pair("lists", inner), r.pair("more", second)))
    assert list(objects["lists"]) == ["one", "two"]
    assert objects["lists"]["two"].tolist() == ["y", "z"]
    assert list(objects["more"]) == ["three"]


def test_a_factor_is_a_categorical_and_na_is_missing(tmp_path):
    raw = r.workspace(
        r.pair("plain", r.factor([2, r.NA_INTEGER, 1], ["low", "high"])),
        r.pair("ranks", r.factor([1, 2], ["low", "high"], ("ordered", "factor"))),
    )
    objects = _read(tmp_path, raw)
    expected = pd.Categorical(["high", np.nan, "low"], ["low", "high"])
    pd.testing.assert_extension_array_equal(objects["plain"], expected)
    assert objects["ranks"].ordered and not objects["plain"].ordered


def test_a_data_frame_has_its_columns_and_row_names(tmp_path):
    columns = {
        "n": r.integers(1, 2),
        "x": r.reals(0.5, np.nan),
        "kind": r.factor([2, 1], ["a", "b"]),
        "is": r.logicals(0, 1),
        "word": r.strings("u", None),
    }
    table = _read(tmp_path, r.workspace(r.pair("t", r.frame(columns, r.strings("r1", "r2")))))["t"]
    expected = pd.DataFrame(
        {
            "n": np.array([1, 2], np.int32),
            "x": [0.5, np.nan],
            "kind": pd.Categorical(["b", "a"]),
            "is": [False, True],
            "word": ["u", None],
        },
        index=["r1", "r2"],
    )
    pd.testing.assert_frame_equal(table, expected)


@pytest.mark.parametrize(
    ("rows", "n"), [(r.integers(r.NA_INTEGER, -3), 3), (r.integers(4, 9, 2), 3)]
)
def test_row_names_that_are_numbers_are_no_names(tmp_path, rows, n):
    """Short form (NA, −n) or the rows that were left of another frame."""
    table = r.frame({"a": r.reals(*range(n))}, rows, ("tbl_df", "tbl", "data.frame"))
    found = _read(tmp_path, r.workspace(r.pair("t", table)))["t"]
    assert isinstance(found.index, pd.RangeIndex) and len(found) == n


def test_two_columns_of_one_name_and_no_rows(tmp_path):
    """Columns of one name are kept apart by their place."""
    body = r.words(0x313, 2) + r.reals() + r.strings()
    body += r.attributes(
        r.pair("names", r.strings("a", "a")),
        r.pair("row.names", r.integers()),
        r.pair("class", r.strings("data.frame")),
    )
    found = _read(tmp_path, r.workspace(r.pair("t", body)))["t"]
    assert found.shape == (0, 2) and list(found) == ["a", "a"]


def test_a_matrix_is_stored_by_columns_and_has_names(tmp_path):
    dim = r.pair("dim", r.integers(2, 3))
    names = r.words(19, 2) + r.strings("r1", "r2") + r.strings("a", "b", "c")
    half_named = r.words(19, 2) + r.NULL + r.strings("a", "b", "c")
    values = r.reals(1, 2, 3, 4, 5, 6, flags=0x20E)
    raw = r.workspace(
        r.pair("named", values + r.attributes(dim, r.pair("dimnames", names))),
        r.pair("half", values + r.attributes(r.pair("dim", r.integers(2, 3), known_as=2),
                                             r.pair("dimnames", half_named, known_as=3))),
        r.pair("bare", values + r.attributes(r.pair("dim", r.integers(2, 3), known_as=2))),
    )  # fmt: skip
    objects = _read(tmp_path, raw)
    expected = pd.DataFrame([[1.0, 3.0, 5.0], [2.0, 4.0, 6.0]], ["r1", "r2"], ["a", "b", "c"])
    pd.testing.assert_frame_equal(objects["named"], expected)
    pd.testing.assert_frame_equal(objects["half"], expected.reset_index(drop=True))
    pd.testing.assert_frame_equal(objects["bare"], pd.DataFrame(expected.to_numpy()))


def test_a_compact_range_is_spelled_out(tmp_path):
    info = r.words(2) + r.symbol("compact_intseq")
    info += r.words(2) + r.symbol("base") + r.words(2)
    info += r.words(13, 1, 13) + r.NULL
    compact = r.words(238) + info + r.reals(4, 1, 1) + r.NULL
    objects = _read(tmp_path, r.workspace(r.pair("range", compact)))
    assert objects["range"].tolist() == [1, 2, 3, 4]


def test_what_is_no_workspace_is_refused(tmp_path):
    with pytest.raises(ValueError, match="binary R workspace"):
        _read(tmp_path, b"RDA2\nA\n rest")


def test_what_is_no_data_is_refused(tmp_path):
    with pytest.raises(ValueError, match="type 3 are not data"):
        _read(tmp_path, r.workspace(r.pair("closure", r.words(3, 1))))


# Known facts of the real files


def _first_file(group, name=""):
    from helpers.cohorts.sources import fetch_group

    return next(path for path in fetch_group(group) if path.name.startswith(name))


@pytest.mark.real
def test_the_tibble_of_genes(real_data):
    genes = read_r_objects(_first_file("gene-annotation"))["grch38"]
    assert genes.shape == (75_118, 9) and isinstance(genes.index, pd.RangeIndex)
    assert genes["entrez"].isna().any() and genes["start"].dtype == np.int32
    esr1 = genes[genes["ensgene"] == "ENSG00000091831"].iloc[0]
    assert (esr1["symbol"], esr1["entrez"], esr1["chr"], esr1["strand"]) == ("ESR1", 2099, "6", 1)


@pytest.mark.real
def test_the_factors_of_a_microrna_file_and_its_row_names(real_data):
    (table,) = read_r_objects(_first_file("tcga-mirna", "ACC")).values()
    assert table.shape == (240, 1048)
    assert table.index[0] == "TCGA-OR-A5J1-01A-11R-A29W-13"
    assert isinstance(table["hsa-let-7a-1"].dtype, pd.CategoricalDtype)


@pytest.mark.real
def test_three_frames_of_one_file(real_data):
    tables = read_r_objects(_first_file("ccle"))
    shapes = {name: table.shape for name, table in tables.items()}
    assert shapes == {"mutation": (1738, 540), "expression": (1450, 536), "metadata": (1864, 30)}
    kinds = {name: table.iloc[:, -1].dtype for name, table in tables.items()}
    assert kinds["mutation"].kind == "b" and kinds["expression"].kind == "f"


@pytest.mark.real
def test_the_matrix_of_downloads(real_data):
    clinical = read_r_objects(_first_file("tcga-subtypes"))["clinical.table"]
    assert clinical.shape == (33, 37) and clinical.columns[:2].tolist() == ["ACC", "BLCA"]
    assert clinical.index[0] == "biospecimen_aliquot"
