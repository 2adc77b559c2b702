"""Reader of R's ``.rda`` files that hold more than data frames (lists of lists, tibbles).

``pyreadr`` is faster for plain data frames and reads those elsewhere; it refuses the two
``sysdata.rda`` files this project needs. Format: *R Internals* §1.8, XDR serialisation,
versions 2 and 3.

What comes back is deliberately plain: a list is a dict of its elements by name (by position
where unnamed), a character vector or factor is an object array with ``None`` for ``NA``, a
number vector is a NumPy array. A data frame is a dict of columns, ready for ``pd.DataFrame``.
"""

import bz2
import gzip
import lzma
from pathlib import Path
from struct import unpack_from

import numpy as np

_DECOMPRESS = {b"\x1f\x8b": gzip.decompress, b"BZ": bz2.decompress, b"\xfd7": lzma.decompress}
_SYMBOL, _PAIRLIST, _LANGUAGE, _TEXT, _STRINGS, _LIST, _EXPRESSION = 1, 2, 6, 9, 16, 19, 20
_NUMBERS = {10: ">i4", 13: ">i4", 14: ">f8", 15: ">c16"}  # logical, integer, real, complex
_COMPACT, _REFERENCE = 238, 255
_CONSTANTS = {254, 253, 252, 251, 250, 242, 241}  # NULL, the global and the base environments, …
_NA_INTEGER = -(2**31)


def read_r_objects(path: str | Path) -> dict[str, object]:
    """All objects saved in an ``.rda`` file, by name.

    Raises:
        ValueError: the file is not a binary R workspace.
    """
    raw = Path(path).read_bytes()
    raw = _DECOMPRESS.get(raw[:2], bytes)(raw)
    if raw[:7] not in (b"RDX2\nX\n", b"RDX3\nX\n"):
        raise ValueError(f"{path} must be a binary R workspace (RDX2 or RDX3); got {raw[:7]!r}")
    return _Reader(raw).workspace()


class _Reader:
    """A cursor over the bytes, and the symbols seen so far (later ones are references)."""

    def __init__(self, raw: bytes):
        self.raw, self.at, self.references = raw, 7, []

    def workspace(self) -> dict[str, object]:
        version = self.integer()
        self.at += 8  # versions of the R that wrote it and of the oldest that reads it
        if version == 3:
            self.text()  # the name of the native encoding
        return self.item()

    def integer(self) -> int:
        (value,) = unpack_from(">i", self.raw, self.at)
        self.at += 4
        return value

    def item(self):
        """The next object; the low byte of its flags is its type, bit 9 says "has attributes"."""
        flags = self.integer()
        kind = flags & 0xFF
        if kind in _CONSTANTS:
            return None
        if kind in (_PAIRLIST, _LANGUAGE):
            return self.pairlist(flags)
        if kind == _REFERENCE:
            return self.references[(flags >> 8 or self.integer()) - 1]
        if kind == _SYMBOL:
            self.references.append(self.item())
            return self.references[-1]
        if kind == _TEXT:
            return self.text()
        if kind == _COMPACT:
            return self.compact()
        value = self.vector(kind)
        return _with_attributes(value, self.item()) if flags & 0x200 else value

    def pairlist(self, flags: int) -> dict[str, object]:
        """Tagged values, each followed by the rest: attributes, and the workspace itself."""
        pairs = {}
        while flags & 0xFF in (_PAIRLIST, _LANGUAGE):
            if flags & 0x200:
                self.item()
            tag = self.item() if flags & 0x400 else str(len(pairs))
            pairs[tag] = self.item()
            flags = self.integer()
        if flags & 0xFF not in _CONSTANTS:  # a pair whose rest is a value, not a list
            self.at -= 4
            pairs["rest"] = self.item()
        return pairs

    def text(self) -> str | None:
        n_bytes = self.integer()
        if n_bytes == -1:
            return None
        self.at += n_bytes
        return self.raw[self.at - n_bytes : self.at].decode("utf-8", errors="replace")

    def vector(self, kind: int) -> object:
        n = self.integer()
        if kind == _STRINGS:
            return self.strings(n)
        if kind in (_LIST, _EXPRESSION):
            return {str(i): self.item() for i in range(n)}
        if kind not in _NUMBERS:
            raise ValueError(f"R objects of type {kind} are not data and cannot be read here")
        values = np.frombuffer(self.raw, _NUMBERS[kind], n, self.at)
        self.at += values.nbytes
        return values.astype(values.dtype.newbyteorder("="))

    def strings(self, n: int) -> np.ndarray:
        values = np.empty(n, dtype=object)
        for i in range(n):
            self.at += 4  # flags of a CHARSXP: its encoding, always compatible with UTF-8 here
            values[i] = self.text()
        return values

    def compact(self) -> object:
        """R 3.5's compact forms: integer ranges are spelled out, wrapped vectors unwrapped."""
        form, state, attributes = self.item()["0"], self.item(), self.item()
        if form in ("compact_intseq", "compact_realseq"):
            n, start, step = state
            return _with_attributes(start + step * np.arange(n), attributes)
        return _with_attributes(state["0"] if isinstance(state, dict) else state, attributes)


def _with_attributes(value: object, attributes: dict[str, object] | None) -> object:
    """Names become dict keys, a factor its labels; other attributes are dropped."""
    attributes = attributes or {}
    if isinstance(value, dict) and attributes.get("names") is not None:
        return dict(zip(attributes["names"], value.values(), strict=True))
    if attributes.get("levels") is not None:
        labels = np.append(attributes["levels"], None)
        return labels[np.where(value == _NA_INTEGER, 0, value) - 1]
    return value
