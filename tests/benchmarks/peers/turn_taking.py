"""One contender of a benchmark, in a process and an environment of its own: it waits for its turn.

`serve(prepare)` reads a line from stdin for each turn, takes it, and answers with a line of JSON on
stdout. What the contender prints itself goes to stderr. Only the standard library is imported, as
this file runs in the peers' environments too.
"""

import contextlib
import importlib.metadata
import json
import os
import sys
import time
from collections.abc import Callable

Turn = Callable[[], object]


def serve(prepare: Callable[..., Turn], *packages: str) -> None:
    """Make the turn with `prepare(*sys.argv[1:])`, say so, then take it whenever a line comes.

    The first answer holds the versions of `packages`, every later one `seconds` of the clock and
    `core_seconds` of all cores that this process took.
    """
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    with contextlib.redirect_stdout(sys.stderr):
        turn = prepare(*sys.argv[1:])
        turn()  # compiles, allocates, fills caches
        versions = {name: importlib.metadata.version(name) for name in packages}
        _answer(answers, {"versions": versions})
        for _ in sys.stdin:
            clock, cores = time.perf_counter(), time.process_time()
            turn()
            taken = {
                "seconds": time.perf_counter() - clock,
                "core_seconds": time.process_time() - cores,
            }
            _answer(answers, taken)


def _answer(answers, content: dict) -> None:
    answers.write(json.dumps(content) + "\n")
    answers.flush()
