"""A copy of the tree in a temporary folder, for errors that must never be in the tree itself."""

import contextlib
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.mutant import Mutant

ROOT = Path(__file__).resolve().parents[2]
_later = itertools.count(1)


def copy_tree(target: Path) -> Path:
    """`target`, filled with what git tracks or would add; data and results stay where they are."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


@contextlib.contextmanager
def planted(tree: Path, mutant: Mutant) -> Iterator[None]:
    """Within it `tree`, which must be a copy, has the error.

    Raises:
        ValueError: `tree` is the project itself, or `Mutant.planted_in`'s.
    """
    if tree.resolve() == ROOT:
        raise ValueError(f"errors are planted in a copy, never in {ROOT}: give `copy_tree`'s")
    path = tree / mutant.file
    whole, when = path.read_bytes(), path.stat().st_mtime
    try:
        path.write_text(mutant.planted_in(whole.decode()), encoding="utf-8")
        # Bytecode is told from its source by whole seconds and size, which may both be the same.
        os.utime(path, (when, when + next(_later)))
        yield
    finally:
        path.write_bytes(whole)
        os.utime(path, (when, when))
