"""`python -m tests.mutants`: plant errors in a copy of the tree and count those that tests see.

The errors are the twenty-five pitfalls, by hand, and a sample by rule. The table goes to
build/mutants.csv, a row an error; the lines at the end count them by room. A pass that was stopped
goes on with --go-on, which also asks again what no test saw.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

import pandas as pd

from helpers.book.check_counts import GUARDS
from tests.fixtures.published_checks import publish_check
from tests.mutants.choice import ROOMS, drawn, files_testing
from tests.mutants.mutant import Mutant
from tests.mutants.pitfalls import PITFALLS
from tests.mutants.tree_copy import ROOT, copy_tree, planted
from tests.mutants.trial import (
    NO_TESTS,
    NOT_IMPORTED,
    PASSED,
    QUICK,
    TOO_LONG,
    import_heavy,
    run_tests,
)

LIMIT = 30  # seconds of processor that a test file, or a pitfall's tests, may take
COLUMNS = ["room", "what", "error", "verdict", "seen by", "seconds"]


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0 if every pitfall is seen, and of the others the share that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--n", type=int, default=240, help="errors by rule (default 240)")
    parser.add_argument("--seed", type=int, default=0, help="which of them are drawn (default 0)")
    parser.add_argument("--room", action="append", choices=ROOMS, help="only this room")
    parser.add_argument("--least", type=float, default=0.8, help="share to be seen (default 0.8)")
    parser.add_argument("--no-pitfalls", action="store_true", help="only errors by rule")
    parser.add_argument("--go-on", action="store_true", help="keep what the table has as seen")
    parser.add_argument("--limit", type=int, default=LIMIT, help="CPU seconds of a test file")
    parser.add_argument("--workers", type=int, default=1, help="errors tried beside each other")
    parser.add_argument("--publish", action="store_true", help="write the counts for the book")
    parser.add_argument("--table", type=Path, default=ROOT / "build" / "mutants.csv")
    given = parser.parse_args(arguments)
    mutants = [] if given.no_pitfalls else list(PITFALLS)
    mutants += drawn(ROOT, given.n, given.seed, tuple(given.room or ROOMS))
    import_heavy()
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        trials = Trials(copy_tree(Path(folder, "tree")), given.workers, given.limit)
        rows = trials.all(mutants, given.table, given.go_on)
    if given.publish:
        publish_check("mutants", by_room(rows), seed=given.seed, n=given.n)
    return report(rows, given.least)


class Trials:
    """Errors tried in a copy of the tree, or by `n_workers` in a copy each."""

    def __init__(self, tree: Path, n_workers: int = 1, limit: int = LIMIT) -> None:
        self.tree, self.n_workers, self.limit = tree, n_workers, limit
        self.whole: dict[str, bool] = {}  # test → whether it passes without an error

    def all(self, mutants: list[Mutant], table: Path, go_on: bool = False) -> pd.DataFrame:
        """A row an error; the table on disk grows with them.

        `go_on`: errors that the table has as seen are not tried again, the others are.
        """
        table.parent.mkdir(parents=True, exist_ok=True)
        rows, mutants = self._known(mutants, table) if go_on and table.exists() else ([], mutants)
        for number, row in enumerate(self._each(mutants), start=1):
            rows.append(row)
            print(f"{number}/{len(mutants)} {rows[-1][3]:<9} {rows[-1][2]}", flush=True)
            pd.DataFrame(rows, columns=COLUMNS).to_csv(table, index=False)
        return pd.DataFrame(rows, columns=COLUMNS)

    def _each(self, mutants: list[Mutant]) -> Iterator[list]:
        """A row an error, as they end."""
        if self.n_workers == 1:
            yield from map(self.tried, mutants)
            return
        forked = multiprocessing.get_context("fork")  # with what tests need imported
        trees = forked.SimpleQueue()
        for number in range(self.n_workers):
            trees.put(copy_tree(self.tree.with_name(f"{self.tree.name}-{number}")))
        with ProcessPoolExecutor(self.n_workers, forked, _take_tree, (trees, self.limit)) as pool:
            for ended in as_completed([pool.submit(_tried, mutant) for mutant in mutants]):
                yield ended.result()

    def _known(self, mutants: list[Mutant], table: Path) -> tuple[list[list], list[Mutant]]:
        """The table's rows of errors that were seen, and the errors that are left to try."""
        before = pd.read_csv(table, keep_default_na=False)[COLUMNS]
        rows = {row[2]: row for row in before[before["verdict"] == "seen"].to_numpy().tolist()}
        names = [mutant.described(self._text(mutant)) for mutant in mutants]
        # Two errors of one line may bear one name: these are tried again.
        is_known = [name in rows and names.count(name) == 1 for name in names]
        left = [mutant for mutant, known in zip(mutants, is_known, strict=True) if not known]
        return [rows[name] for name, known in zip(names, is_known, strict=True) if known], left

    def _text(self, mutant: Mutant) -> str:
        """The file of an error, without it."""
        return (self.tree / mutant.file).read_text(encoding="utf-8")

    def tried(self, mutant: Mutant) -> list:
        """What became of one error: a row of COLUMNS.

        Test files are asked one after the other. A test that fails must pass without the error, and
        one that does not end must end, or it says nothing.
        """
        began, word, seen = time.monotonic(), "untested", ""
        text = self._text(mutant)
        marks = "not real" if mutant.tests else QUICK
        for file in mutant.tests or files_testing(self.tree, mutant.file):
            with planted(self.tree, mutant):
                found = run_tests(self.tree, (file,), self.limit, marks)
            if found.code == NO_TESTS:
                continue
            word = "unseen"
            if found.is_failure and self._passes(
                found.test.removesuffix(NOT_IMPORTED) or file, marks
            ):
                word, seen = "seen", found.test
            elif found.code == TOO_LONG and self._passes(file, marks):
                word, seen = "seen", f"{file} (did not end)"
            if seen:
                break
        seconds = round(time.monotonic() - began, 1)
        return [mutant.room, mutant.what, mutant.described(text), word, seen, seconds]

    def _passes(self, test: str, marks: str) -> bool:
        """Whether a test passes without an error."""
        if test not in self.whole:
            self.whole[test] = run_tests(self.tree, (test,), self.limit, marks).code == PASSED
        return self.whole[test]


_of_worker: list[Trials] = []  # one, in a process of the pool


def _take_tree(trees: multiprocessing.SimpleQueue, limit: int) -> None:
    """What a process of the pool does first: take a copy of the tree as its own."""
    _of_worker.append(Trials(trees.get(), limit=limit))


def _tried(mutant: Mutant) -> list:
    return _of_worker[0].tried(mutant)


def by_room(rows: pd.DataFrame) -> pd.DataFrame:
    """Columns room, errors, seen: by hand first, then as many as there are rooms."""
    by_hand = rows["what"].str.startswith("pitfall")
    room = rows["room"].where(~by_hand, GUARDS)
    counts = rows.assign(seen=rows["verdict"] == "seen").groupby(room, sort=False)["seen"]
    table = counts.agg(errors="size", seen="sum").reindex([GUARDS, *ROOMS]).dropna()
    return table.astype(int).rename_axis("room").reset_index()


def report(rows: pd.DataFrame, least: float) -> int:
    """Print counts by room and the errors that nobody saw; the exit code."""
    by_hand = rows["what"].str.startswith("pitfall")
    counts = pd.crosstab(rows["room"].where(~by_hand, "pitfalls"), rows["verdict"])
    counts["share seen"] = (counts.get("seen", 0) / counts.sum(axis=1)).round(2)
    print(f"\n{counts}\n")
    for row in rows[rows["verdict"] != "seen"].itertuples():
        print(f"{row.verdict}: {row.error}")
    is_seen = rows["verdict"] == "seen"
    share = is_seen[~by_hand].mean() if (~by_hand).any() else 1.0
    print(f"\n{int(is_seen.sum())} of {len(rows)} errors seen; {share:.0%} of those by rule.")
    return int(share < least or not is_seen[by_hand].all())


if __name__ == "__main__":
    sys.exit(main())
