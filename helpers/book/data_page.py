"""The generated parts of the data page: Markdown made from the registry of files and cohorts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from helpers.runs.number_format import counted, readable_bytes, table

UNKNOWN = "recorded at the first download"


def cohort_table(cohorts: Iterable) -> str:
    """Table of the registered cohorts (`CohortSpec`s): name, tier, what, source groups."""
    rows = [
        [
            f"`{cohort.name}`",
            cohort.tier,
            cohort.what,
            ", ".join(f"`{group}`" for group in (*cohort.groups, *cohort.enrichment_groups))
            or "none: made in memory",
        ]
        for cohort in cohorts
    ]
    return table(["Cohort", "Tier", "What it is", "Source groups"], rows)


def source_table(sources: Mapping[str, Sequence]) -> str:
    """Table of the source groups: what, how many files and bytes, licence."""
    rows = [
        [
            f"`{group}`",
            _joined(file.what for file in files),
            f"{len(files):,}",
            _total_size(files),
            _joined(file.licence for file in files),
        ]
        for group, files in sources.items()
    ]
    return table(["Group", "What it is", "Files", "Size", "Licence"], rows)


def citations(sources: Mapping[str, Sequence]) -> str:
    """A fold-out list of what to cite, one entry a source group."""
    entries = [
        f"- `{group}`: {text}"
        for group, files in sources.items()
        if (text := _joined(file.citation for file in files))
    ]
    listed = "\n".join(entries)
    return (
        f"::::{{dropdown}} {counted(len(entries), 'citation')}, by group of files\n{listed}\n::::"
    )


def source_files(sources: Mapping[str, Sequence]) -> str:
    """A fold with a fold a group: every file with its address, size and sha256."""
    groups = "\n\n".join(
        f":::{{dropdown}} {group}: {_counted_files(files)}\n:class-body: source-files\n"
        + table(["File", "Size", "sha256"], [_source_row(file) for file in files])
        + "\n:::"
        for group, files in sources.items()
    )
    return f"::::{{dropdown}} {counted(len(sources), 'group')} of files\n{groups}\n::::"


def _source_row(file) -> list[str]:
    name = Path(file.path).name
    return [
        f"[{name}](<{file.url}>)",
        readable_bytes(file.bytes) if file.bytes is not None else UNKNOWN,
        f"`{file.sha256}`" if file.sha256 else UNKNOWN,
    ]


def _counted_files(files: Sequence) -> str:
    return f"{counted(len(files), 'file')}, {_total_size(files)}"


def _total_size(files: Sequence) -> str:
    sizes = [file.bytes for file in files if file.bytes is not None]
    return readable_bytes(sum(sizes)) if len(sizes) == len(files) else UNKNOWN


def _joined(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(value for value in values if value))
