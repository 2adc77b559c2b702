"""One planted error: a piece of a file replaced by another, and the tests that must see it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutant:
    """`old`, once in `file` or the `at`-th character on, becomes `new`.

    file: from the root of the tree. what: the operator, or the pitfall that is planted.
    tests: files or test ids that must fail; () lets the runner choose (see `choice`).
    at: where `old` begins; None for an `old` that stands once in the file.
    """

    file: str
    old: str
    new: str
    what: str
    tests: tuple[str, ...] = ()
    at: int | None = None

    @property
    def room(self) -> str:
        """The room of helpers/ that the file is in."""
        return Path(self.file).parts[1]

    def planted_in(self, text: str) -> str:
        """`text` with the error in it.

        Raises:
            ValueError: `old` is not there, or stands there several times.
        """
        at = self.at
        if at is None:
            if text.count(self.old) != 1:
                raise ValueError(
                    f"`old` must stand once in {self.file}; it stands {text.count(self.old)} times:"
                    f" {self.old!r}. Write more of the line"
                )
            at = text.index(self.old)
        if not text.startswith(self.old, at):
            raise ValueError(f"{self.file} has no {self.old!r} at character {at}; make it anew")
        return text[:at] + self.new + text[at + len(self.old) :]

    def described(self, text: str) -> str:
        """File, line and change, in one line. `text`: of the file without the error."""
        at = text.index(self.old) if self.at is None else self.at
        number = text.count("\n", 0, at) + 1
        lines = [" ".join(part.split()) for part in (self.old, self.new)]
        return f"{self.file}:{number} [{self.what}] {lines[0][:70]} → {lines[1][:70]}"
