"""On which data and machine a page was made, and the commands that make it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from helpers.book.finished import FinishedRun
from helpers.book.overviews.questions import Question
from helpers.runs.number_format import code, counted, inert, readable_duration, table

PROGRAM = ".venv/bin/python -m helpers run"
NOT_COMPUTED = ("out_dir",)  # where the run was written, not what it computed


def run_card(finished: FinishedRun) -> str:
    """MyST admonition: cohort and size in its title; caveats and provenance on demand."""
    run, notes = finished.run, finished.cohort.get("notes", [])
    caveats = [
        f":::{{dropdown}} {counted(len(notes), 'note')} on these data",
        "\n".join(f"- {note}" for note in notes),
        ":::",
    ]
    return "\n".join(
        [
            f"::::{{admonition}} Run card: `{finished.cohort_name}`, {finished.size}",
            ":class: run-card",
            f"Computed in **{readable_duration(run['duration_s'])}** on **{finished.device}**, "
            f"{run['started'][:10]}.",
            "",
            *(caveats if notes else []),
            ":::{dropdown} Everything needed to repeat this run",
            table(["", ""], _provenance(finished)),
            ":::",
            "::::",
        ]
    )


def _provenance(finished: FinishedRun) -> list[list[str]]:
    run, versions = finished.run, finished.run.get("versions", {})
    return [
        ["Cohort", f"`{finished.cohort_name}`, {finished.size}"],
        ["Unit", inert(finished.cohort.get("unit", "not recorded"))],
        ["Seed", f"`{run.get('seed', run['parameters'].get('seed', 'none'))}`"],
        ["Device", finished.device],
        ["Duration", readable_duration(run["duration_s"])],
        ["Peak memory", finished.peak_memory],
        ["Python", versions.get("python", "not recorded")],
        ["torch", versions.get("torch", "not recorded")],
        ["Code", f"commit `{finished.commit}`"],
        ["helpers", f"`{run.get('helpers_path', 'not recorded')}`"],
        ["Run id", f"`{run['run_id']}`"],
        ["Started", f"{run['started'][:19].replace('T', ' ')} UTC"],
    ]


def commands(finished: FinishedRun, parameters: Sequence, question: Question | None) -> str:
    """Markdown: the command that made the page, and one that changes the parameter that teaches."""
    made = command(finished, parameters)
    parts = ["This page was made by", f"```bash\n{made}\n```"]
    if question and question.change:
        other = command(finished, parameters, question.change)
        parts += [f"To learn most from one change: {question.why}", f"```bash\n{other}\n```"]
        parts.append(
            "Then `.venv/bin/python -m helpers compare` sets your run beside the one shown here."
        )
    return "\n\n".join(parts)


def command(finished: FinishedRun, parameters: Sequence, changed: dict[str, Any] | None = None):
    """The command line of a run: its parameters that differ from their default, and `changed`."""
    used = finished.run["parameters"]
    given = {
        parameter.name: used[parameter.name]
        for parameter in parameters
        if parameter.name in used
        and used[parameter.name] != parameter.default
        and parameter.name not in NOT_COMPUTED
    }
    words = [PROGRAM, finished.entry.notebook]
    for name, value in (given | (changed or {})).items():
        said = str(value).lower() if isinstance(value, bool) else str(value)
        words.append(f"-p {name} {shlex.quote(said)}")
    return " \\\n  ".join([" ".join(words[:2]), *words[2:]])


def parameter_table(used: dict, parameters: Sequence) -> str:
    """Table of the run's parameters, folded; a value other than its default stands in bold."""
    rows = []
    for parameter in parameters:
        if parameter.name in NOT_COMPUTED:
            continue
        value = used.get(parameter.name, parameter.default)
        shown = code(repr(value)) if value == parameter.default else f"**{code(repr(value))}**"
        rows.append(
            [
                f"`{parameter.name}`",
                shown,
                code(repr(parameter.default)),
                f"`{getattr(parameter.type, '__name__', parameter.type)}`",
                parameter.comment,
            ]
        )
    header = ["Parameter", "In this run", "Default", "Type", "Meaning"]
    return (
        f"::::{{dropdown}} All {len(rows)} parameters; in bold what differs from the default\n"
        f":class-body: parameter-table\n\n{table(header, rows)}\n\n::::"
    )
