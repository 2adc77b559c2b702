"""What commands have in common: refusals, tables, and words beside what they print."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

MODULE, SCRIPT = "python -m helpers", "cancer-latents"


class Refused(Exception):
    """What was asked for cannot be started; the message says why and what would do."""


@contextmanager
def checks() -> Iterator[None]:
    """Within it, a ValueError or OSError is a refusal."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Refused(str(error)) from error


def program() -> str:
    """How the commands were called, for lines that say what to type."""
    return SCRIPT if Path(sys.argv[0]).stem == SCRIPT else MODULE


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows below their header, columns aligned."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def say(line: str) -> None:
    """Print a line beside the command's result, on stderr."""
    print(line, file=sys.stderr, flush=True)
