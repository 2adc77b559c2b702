"""The reader of R workspaces, against bytes made by hand and against pyreadr."""

import bz2
import gzip
import lzma
import struct

import numpy as np
import pytest

from helpers.cohorts.r_files import read_r_objects

NA_TEXT = struct.pack(">ii", 9, -1)
NULL = struct.pack(">i", 254)


def _text(value):
    raw = value.encode()
    return struct.pack(">ii", 0x00040009, len(raw)) + raw


def _strings(*values, flags=16):
    body = b"".join(NA_TEXT if value is None else _text(value) for value in values)
    return struct.pack(">ii", flags, len(values)) + body


def _symbol(name):
    return struct.pack(">i", 1) + _text(name)


def _pair(tag, value, is_symbol_known=None):
    tag_bytes = struct.pack(">i", (is_symbol_known << 8) | 255) if is_symbol_known else _symbol(tag)
    return struct.pack(">i", 0x402) + tag_bytes + value


def _workspace(*pairs, version=2):
    header = b"RDX%d\nX\n" % version + struct.pack(">iii", version, 0, 0)
    if version == 3:
        header += struct.pack(">i", 5) + b"UTF-8"
    return header + b"".join(pairs) + NULL


def _read(tmp_path, raw):
    path = tmp_path / "objects.rda"
    path.write_bytes(raw)
    return read_r_objects(path)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("compress", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_vectors_of_every_kind(tmp_path, version, compress):
    raw = _workspace(
        _pair("text", _strings("a", None, "é")),
        _pair("integers", struct.pack(">iiii", 13, 2, 7, -1)),
        _pair("reals", struct.pack(">iidd", 14, 2, 0.5, np.inf)),
        _pair("logicals", struct.pack(">iiii", 10, 2, 1, 0)),
        version=version,
    )
    objects = _read(tmp_path, compress(raw))
    assert objects["text"].tolist() == ["a", None, "é"]
    assert objects["integers"].tolist() == [7, -1]
    assert objects["reals"].tolist() == [0.5, np.inf]
    assert objects["logicals"].tolist() == [1, 0]


def test_a_named_list_is_a_dict_and_symbols_are_remembered(tmp_path):
    inner = struct.pack(">ii", 0x213, 2) + _strings("x") + _strings("y", "z")
    inner += _pair("names", _strings("one", "two")) + NULL
    second = struct.pack(">ii", 0x213, 1) + _strings("w")
    second += _pair("names", _strings("three"), is_symbol_known=2) + NULL
    objects = _read(tmp_path, _workspace(_pair("lists", inner), _pair("more", second)))
    assert list(objects["lists"]) == ["one", "two"]
    assert objects["lists"]["two"].tolist() == ["y", "z"]
    assert list(objects["more"]) == ["three"]


def test_a_factor_is_its_labels_and_na_is_none(tmp_path):
    codes = struct.pack(">iiiii", 0x20D, 3, 2, -(2**31), 1)
    attributes = _pair("levels", _strings("low", "high")) + NULL
    objects = _read(tmp_path, _workspace(_pair("factor", codes + attributes)))
    assert objects["factor"].tolist() == ["high", None, "low"]


def test_a_compact_range_is_spelled_out(tmp_path):
    info = struct.pack(">i", 2) + _symbol("compact_intseq")
    info += struct.pack(">i", 2) + _symbol("base") + struct.pack(">i", 2)
    info += struct.pack(">iii", 13, 1, 13) + NULL
    state = struct.pack(">iiddd", 14, 3, 4, 1, 1)
    compact = struct.pack(">i", 238) + info + state + NULL
    objects = _read(tmp_path, _workspace(_pair("range", compact)))
    assert objects["range"].tolist() == [1, 2, 3, 4]


def test_what_is_no_workspace_is_refused(tmp_path):
    with pytest.raises(ValueError, match="binary R workspace"):
        _read(tmp_path, b"RDA2\nA\n rest")


def test_what_is_no_data_is_refused(tmp_path):
    with pytest.raises(ValueError, match="type 3 are not data"):
        _read(tmp_path, _workspace(_pair("closure", struct.pack(">ii", 3, 1))))


@pytest.mark.real
def test_it_agrees_with_pyreadr_on_a_data_frame(real_data):
    import pyreadr

    from helpers.cohorts.sources import fetch_group

    (path,) = fetch_group("gene-annotation")
    ours, theirs = read_r_objects(path)["grch38"], pyreadr.read_r(str(path))["grch38"]
    assert list(ours) == list(theirs.columns)
    for column in ("ensgene", "chr", "biotype"):
        assert (ours[column] == theirs[column].to_numpy()).all()
    for column in ("start", "end", "strand"):
        assert (ours[column] == theirs[column].to_numpy().astype(int)).all()
