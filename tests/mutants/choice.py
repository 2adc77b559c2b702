"""Which errors are planted, and which tests are asked whether they see them."""

import functools
import random
import re
from collections import defaultdict
from pathlib import Path

from tests.mutants.mutant import Mutant
from tests.mutants.operators import mutants_of

ROOMS = ("models", "evaluate", "pancan_vae", "coembedding", "vqvae_subtyping", "rnalign")
SAID_ELSEWHERE = {
    *("figures", "takeaways", "claims", "remarks", "simulation", "cohorts", "needs"),
    *("argument_groups", "paper_rows", "wording", "biology_takeaways", "sentences"),
}
"""Pictures, sentences, tables of constants and simulated cohorts: no analyses."""
MAX_FILES = 8  # test files that are asked about a module
_NO_UNIT_TESTS = {"book", "notebooks", "mutants", "benchmarks"}


def analyses(root: Path) -> list[str]:
    """Modules of the rooms that compute, from the root of the tree."""
    found = []
    for path in sorted((root / "helpers").rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        if parts[1] in ROOMS and path.stem != "__init__" and not SAID_ELSEWHERE & set(parts):
            found.append(path.relative_to(root).as_posix())
    return found


def drawn(root: Path, n: int, seed: int, rooms: tuple[str, ...] = ROOMS) -> list[Mutant]:
    """`n` errors by rule, as many from each room, and from each of its modules in turn."""
    rng, modules = random.Random(seed), defaultdict(list)
    for file in analyses(root):
        errors = mutants_of(root, file)
        if errors and Path(file).parts[1] in rooms:
            modules[Path(file).parts[1]].append(rng.sample(errors, len(errors)))
    chosen = []
    for number, room in enumerate(rooms):
        n_room = n * (number + 1) // len(rooms) - n * number // len(rooms)
        files = rng.sample(modules[room], len(modules[room]))
        deepest = max(map(len, files), default=0)
        in_turn = [file[level] for level in range(deepest) for file in files if level < len(file)]
        chosen += in_turn[:n_room]
    return chosen


def files_testing(root: Path, file: str) -> tuple[str, ...]:
    """Test files of the module `file`: its own, those that import it, those of modules that do.

    The nearest first; of one distance, the smallest first.
    """
    users = [user for user in _importers(root, file, "helpers") if "__init__" not in user]
    near = [_own_test(file), *_by_size(root, _importers(root, file, "tests"))]
    far = [_own_test(user) for user in users]
    far += _by_size(root, [test for user in users for test in _importers(root, user, "tests")])
    there = [test for test in dict.fromkeys([*near, *far]) if (root / test).is_file()]
    return tuple(there[:MAX_FILES])


def _own_test(file: str) -> str:
    module = Path(file).with_suffix("")
    return Path("tests", *module.parts[1:-1], f"test_{module.name}.py").as_posix()


def _importers(root: Path, file: str, folder: str) -> list[str]:
    """Modules of helpers/, or test files with unit tests, that import the module `file`."""
    module = Path(file).with_suffix("")
    dotted, parent = (re.escape(".".join(parts)) for parts in (module.parts, module.parts[:-1]))
    says = re.compile(
        rf"from {dotted} import|import {dotted}\b|[\"']{dotted}\."
        rf"|from {parent} import [^\n]*\b{module.name}\b"
    )
    return [name for name, text in _sources(root, folder).items() if says.search(text)]


@functools.cache
def _sources(root: Path, folder: str) -> dict[str, str]:
    pattern = "test_*.py" if folder == "tests" else "*.py"
    paths = sorted((root / folder).rglob(pattern))
    return {
        path.relative_to(root).as_posix(): path.read_text(encoding="utf-8")
        for path in paths
        if not _NO_UNIT_TESTS & set(path.relative_to(root).parts)
    }


def _by_size(root: Path, names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: (root / name).stat().st_size)
