"""A file of text as its lines, whatever program wrote it: packed or not, in any usual encoding."""

import bz2
import codecs
import gzip
import lzma
import zlib
from pathlib import Path

_PACKED = {b"\x1f\x8b": gzip.decompress, b"BZh": bz2.decompress, b"\xfd7zXZ": lzma.decompress}
_MARKS = {  # byte-order marks, longer ones first
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_HEAD = 4096  # bytes that tell an encoding


def text_lines(path: Path) -> tuple[list[str], list[str]]:
    """(Lines of a text file without their ends, what was understood of it).

    Raises:
        ValueError: it cannot be read, is empty or cut off, or is no text: a workbook, a web page,
            an HDF5 file; with what to do instead.
    """
    raw, notes = _unpacked(path), []
    encoding = _encoding(raw, path)
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8":
            raise ValueError(
                f"{path} begins as {encoding} does and goes on otherwise. Save it anew as UTF-8"
            ) from None
        text, encoding = raw.decode("cp1252", errors="replace"), "cp1252"
    if not encoding.startswith("utf-8"):
        notes.append(f"{path.name} is read as {encoding.upper()}.")
    if text.lstrip()[:9].casefold().startswith(("<!doctype", "<html")):
        raise ValueError(
            f"{path} is a web page, not a table. Download the file itself, by its own address"
        )
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not text.strip():
        raise ValueError(f"{path} is empty. Write it again, with a header and a line for each row")
    return lines, notes


def _unpacked(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}. Name a file of text") from None
    for begins, unpack in _PACKED.items():
        if raw.startswith(begins):
            try:
                return unpack(raw)
            except (OSError, EOFError, ValueError, lzma.LZMAError, zlib.error):
                raise ValueError(f"{path} is cut off or damaged. Fetch or pack it again") from None
    return raw


def _encoding(raw: bytes, path: Path) -> str:
    """Encoding by its mark, else by where bytes of 0 are; refuses what is no text."""
    if raw.startswith(b"PK"):
        raise ValueError(
            f"{path} is a workbook or a zip archive. Write a workbook as text with: import pandas "
            f"as pd; pd.read_excel({str(path)!r}).to_csv({str(path.with_suffix('.csv'))!r}, "
            "index=False)"
        )
    if raw.startswith(b"\x89HDF"):
        raise ValueError(f"{path} is an HDF5 file, not a table. An .h5ad is a cohort as it is")
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            return encoding
    head = raw[:_HEAD]
    if head.count(0) > 0.3 * len(head) > 0 and len(head) > 1:
        return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    if 0 in head:
        raise ValueError(f"{path} is no text. Give a table as CSV or TSV, packed with gzip or not")
    return "utf-8"
