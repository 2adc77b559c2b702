"""What the long checks counted, for the page *What can go wrong*: a table and a figure.

`book/published/checks/` holds what `make mutants`, `make soak` and the mutated files' own command
publish: `mutants` (a row a room), `mutated_files` (a row a kind of file), `soak` (a row a run),
each a CSV with a JSON file that says when and of what it was made.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.files import read_json
from helpers.runs.number_format import table

GUARDS = "guards of pitfalls"  # the room of errors that were planted by hand
NOTHING = "nothing"  # as the page's column *What is lost* begins
_ROW = re.compile(r"^\|(?P<cells>.*`tests/\S+::test_\w+`.*)\|$", re.MULTILINE)
FIGURE = "_files/checks.png"  # beside the page
ALT = "Planted errors by room, seen or not; memory of a process over many runs"
SEEN, UNSEEN, LINE = "#2d7a4f", "#c9c9c9", "#1f5f99"


def overview(folder: Path, page: str) -> str:
    """Markdown: a row a check. `page`: the page's own text, whose rows of faults are counted."""
    rows = [_faults(page)]
    for name, row in (("mutated_files", _files), ("mutants", _mutants), ("soak", _soak)):
        path = folder / f"{name}.csv"
        if path.exists():
            about = read_json(path.with_suffix(".json"))
            rows += [[*cells, _made(about)] for cells in row(pd.read_csv(path), about)]
    counts = table(["What was tried", "How many", "What came of it", "When"], rows)
    if not _has_figure(folder):
        return counts
    text = "Planted errors that tests see, by room, and the memory of a process over many runs."
    return f"{counts}\n\n```{{figure}} {FIGURE}\n:alt: {ALT}\n:width: 100%\n\n{text}\n```"


def write_figure(folder: Path, path: Path) -> None:
    """Draw errors seen by room and memory over many runs into `path`, if both are published."""
    if not _has_figure(folder):
        return
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    from helpers.figures.palette import STYLE

    with rc_context(STYLE):
        figure = Figure(figsize=(9, 3.2))
        left, right = figure.subplots(1, 2)
        plot_seen(pd.read_csv(folder / "mutants.csv"), left)
        plot_memory(pd.read_csv(folder / "soak.csv"), right)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, metadata={"Software": None}, dpi=150)


def plot_seen(mutants: pd.DataFrame, ax: Any) -> Any:
    """A bar a room: errors that tests saw, and the rest, with their numbers."""
    rooms = mutants.iloc[::-1]
    ax.barh(rooms["room"], rooms["seen"], color=SEEN, label="seen")
    rest = rooms["errors"] - rooms["seen"]
    ax.barh(rooms["room"], rest, left=rooms["seen"], color=UNSEEN, label="not seen")
    for room, seen, n in rooms[["room", "seen", "errors"]].itertuples(index=False):
        ax.text(seen / 2, room, f"{seen} of {n}", ha="center", va="center", color="white")
    ax.set_xlabel("planted errors")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2, frameon=False)
    return ax


def plot_memory(soak: pd.DataFrame, ax: Any) -> Any:
    """Memory of the process that starts the runs, after each of them, from 0 on."""
    ax.plot(soak["run"] + 1, soak["memory"], color=LINE)
    ax.set(xlabel=f"quick runs made (n = {len(soak)})", ylabel="memory of the process (MB)")
    ax.set_ylim(0, 1.25 * soak["memory"].max())
    return ax


def _has_figure(folder: Path) -> bool:
    return all((folder / f"{name}.csv").exists() for name in ("mutants", "soak"))


def _faults(page: str) -> list[str]:
    lost = [match["cells"].split("|")[2].strip() for match in _ROW.finditer(page)]
    n_nothing = sum(one.startswith(NOTHING) for one in lost)
    return [
        "Faults, done for real: the rows of this page",
        str(len(lost)),
        f"all survived as their rows say; nothing is lost in {n_nothing}, in the others what was "
        "under way",
        "with every `make test`",
    ]


def _files(kinds: pd.DataFrame, _about: dict[str, Any]) -> list[list[str]]:
    rows = []
    for kind in kinds.itertuples():
        parts = {
            "read as they stand, rightly": kind.taken,
            "read with notes": kind.noted,
            "refused in a line": kind.refused,
            "anything else": kind.tried - kind.taken - kind.noted - kind.refused,
        }
        said = ", ".join(f"{n} {word}" for word, n in parts.items())
        rows.append([f"Files: {kind.files}", str(kind.tried), said])
    return rows


def _mutants(rooms: pd.DataFrame, about: dict[str, Any]) -> list[list[str]]:
    is_guard = rooms["room"] == GUARDS
    guards, errors = (rooms[rows][["errors", "seen"]].sum() for rows in (is_guard, ~is_guard))
    what = f"Small errors by rule, draw {about['seed']}, in the models, analyses and metrics"
    return [
        ["Guards taken out, for 25 pitfalls", str(guards.errors), f"tests saw {guards.seen}"],
        [what, str(errors.errors), f"tests saw {errors.seen} ({errors.seen / errors.errors:.0%})"],
    ]


def _soak(runs: pd.DataFrame, about: dict[str, Any]) -> list[list[str]]:
    first, last = runs.iloc[min(about["warm"], len(runs) - 1)], runs.iloc[-1]
    grown = [
        f"{last[name] - first[name]:.0f} more {name}"
        for name in ("processes", "open files", "temporary files")
        if last[name] > first[name]
    ]
    said = f"{', '.join(grown) or 'no process, open file or temporary file'} left behind"
    return [
        [
            f"Quick runs of `{about['notebook']}` in one process",
            str(len(runs)),
            f"{said}; memory {first['memory']:.0f} MB once warm, {last['memory']:.0f} MB at last",
        ]
    ]


def _made(about: dict[str, Any]) -> str:
    return f"{about['date']}, commit `{str(about['git_commit'])[:10]}`"
