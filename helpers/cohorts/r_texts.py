"""Texts of an R workspace, decoded when they are asked for.

A cohort's workspace can hold tens of millions of them (the levels of factors that were numbers
once), of which a loader needs a third. Where all of a vector are plain, they are found by one
regular expression: 0.02 µs a text, against 0.25 µs each for a loop that decodes.
"""

import re
from collections.abc import Iterator
from struct import unpack_from

import numpy as np

# Flags of an ASCII text (a CHARSXP) and three of the four bytes of its length. A text is plain if
# that is what stands before it: of up to 255 bytes, none of them 0, so that they end at the next 0.
_HEADER = b"\x00\x04\x00\x09\x00\x00\x00"
_PLAIN = re.compile(rb"(?:\x00\x04\x00\x09\x00\x00\x00[^\x00]++)++")
_TO_SPACES = bytes(32 if code <= 32 else code for code in range(256))
_LONGEST_NUMBER = 31  # characters: a larger length is a byte that could pass for a digit


class Texts:
    """`n` texts that follow each other in `raw` from `start`; `end` is where they end."""

    def __init__(self, raw: bytes, start: int, n: int):
        self.raw, self.start, self.n = raw, start, n
        found = _PLAIN.match(raw, start)
        self.end = found.end() if found else start
        self._is_plain = raw.count(_HEADER, start, self.end) == n
        self._decoded = None if self._is_plain else self._decode_each()

    def __len__(self) -> int:
        return self.n

    def __iter__(self) -> Iterator[str | None]:
        return iter(self.decoded())

    def decoded(self) -> np.ndarray:
        """Objects: text, ``None`` for ``NA``."""
        if self._decoded is None:
            plain = self.raw[self.start : self.end]
            self._decoded = self._split(plain) if plain.isascii() else self._decode_each()
        return self._decoded

    def _split(self, plain: bytes) -> np.ndarray:
        values = np.empty(self.n, dtype=object)
        values[:] = [part[1:] for part in plain.decode().split(_HEADER.decode())[1:]]
        return values

    def numbers(self, chosen: np.ndarray) -> np.ndarray:
        """The `chosen` ones (their positions) as float64, the others not looked at.

        Raises:
            ValueError: one of the chosen is not a number.
        """
        if self._is_plain:  # headers and small lengths are control codes, and so become spaces
            words = self.raw[self.start : self.end].translate(_TO_SPACES).split()
            if len(words) == self.n:
                words = [words[i] for i in chosen.tolist()]
                if max(map(len, words), default=0) <= _LONGEST_NUMBER:
                    return np.array(list(map(float, words)))
        return self.decoded()[chosen].astype(float)

    def _decode_each(self) -> np.ndarray:
        """Any texts at all: none, long, empty, in another encoding or missing; sets `end`."""
        values = np.empty(self.n, dtype=object)
        raw, at = self.raw, self.start
        for i in range(self.n):
            # Flags of a CHARSXP (its encoding, always compatible with UTF-8 here), then its length.
            (n_bytes,) = unpack_from(">i", raw, at + 4)
            at += 8
            if n_bytes >= 0:
                values[i] = raw[at : at + n_bytes].decode("utf-8", errors="replace")
                at += n_bytes
        self.end = at
        return values
