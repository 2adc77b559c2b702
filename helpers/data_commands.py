"""What the commands about data do: fetch it, list it, and look at files of your own.

As in helpers/commands.py, a command takes the parsed arguments and returns its exit code.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from helpers.console import MODULE, Refused, checks, print_table, program, say


def check(arguments: argparse.Namespace) -> int:
    """Say what was understood of a cohort, and what each chapter can do with it."""
    from helpers.runs.cohort_report import report_cohort

    with checks():
        report = report_cohort(arguments.cohort, dict(arguments.parameter))
    print(f"{report.about}\n\nUnderstood")
    for note in report.notes or ("nothing had to be read as something else",):
        print(f"  - {note}")
    print(f"\nSamples\n{report.samples.to_string()}\n\nOptional columns of obs")
    rows = [(name, str(row["known"]), row["values"]) for name, row in report.columns.iterrows()]
    print_table(("column", "samples", "values"), rows)
    print("\nChapters")
    for chapter in report.chapters:
        print(f"  {chapter.notebook} {'can be made' if chapter.can else 'cannot be made'}")
        print(f"      {chapter.what.replace(MODULE, program())}")
        if chapter.offered:
            print(f"      chosen here, name another as you like: {', '.join(chapter.offered)}")
        for analysis in chapter.without:
            print(f"      leaves out: {analysis}")
        if chapter.unseen:
            print(f"      not looked at before a run prepares it: {', '.join(chapter.unseen)}")
    if not report.is_usable:
        raise Refused(
            f"no chapter can be made of {arguments.cohort}; each says above what it needs"
        )
    return 0


def template(arguments: argparse.Namespace) -> int:
    """Write a small valid file for a chapter."""
    from pathlib import Path

    from helpers.runs.template_file import write_template

    out = Path(arguments.out)
    with checks():
        made = write_template(arguments.notebook, out)
    say(f"{made.n_obs} simulated samples × {made.n_vars} features; obs: {', '.join(made.obs)}")
    print(out)
    return 0


def convert(arguments: argparse.Namespace) -> int:
    """Make a cohort of two tables, say what was understood, and check it as chapters do."""
    from pathlib import Path

    from helpers.cohorts.user_files import check_h5ad
    from helpers.conversion.cohort_file import convert_tables

    out = Path(arguments.out)
    with checks():
        for note in convert_tables(Path(arguments.values), Path(arguments.samples), out):
            say(note)
        print(out)
        try:
            check_h5ad(out)
        except ValueError as error:
            raise ValueError(f"{out} is written, but no chapter can use it yet: {error}") from None
    return 0


def cohorts(arguments: argparse.Namespace) -> int:
    """Print the registered cohorts and whether their data is at hand."""
    from helpers.cohorts.registry import COHORTS

    rows = [(name, spec.tier, _whereabouts(spec), spec.what) for name, spec in COHORTS.items()]
    print_table(("cohort", "tier", "data", "what"), rows)
    print("\nYour own: -p cohort path/to/file.h5ad (the book's data page says what it must hold).")
    return 0


def _whereabouts(spec: Any) -> str:
    from helpers.cohorts.sources import is_available

    if not spec.groups:
        return "simulated"
    is_here = all(is_available(group) for group in spec.groups)
    return "available" if is_here else "not reachable"


def fetch(arguments: argparse.Namespace) -> int:
    """Download and verify the files of cohorts or groups."""
    from helpers.cohorts.sources import fetch_group, load_sources

    sources = load_sources()
    with checks():
        groups = _groups(arguments.targets, sources)
    for group in groups:
        licences = ", ".join(dict.fromkeys(source.licence for source in sources[group]))
        say(f"{group}: {_sizes(sources[group])}, {licences}")
        fetch_group(group, progress=True)
    everything = [source for group in groups for source in sources[group]]
    say(f"all there and verified: {_sizes(everything)}")
    return 0


def _groups(targets: Sequence[str], sources: dict[str, list]) -> list[str]:
    """Groups of files behind cohort or group names; without any, those of the real cohorts."""
    from helpers.cohorts.registry import COHORTS
    from helpers.runs.parameters import nearest

    if not targets:
        targets = [name for name, spec in COHORTS.items() if spec.tier == "real"]
    groups: dict[str, None] = {}
    for target in targets:
        spec = COHORTS.get(target)
        if spec is None and target not in sources:
            all_known = list(dict.fromkeys([*COHORTS, *sources]))
            raise ValueError(
                f"nothing to fetch is called `{target}`{nearest(target, all_known)}. "
                f"All: {', '.join(all_known)}"
            )
        behind = (*spec.groups, *spec.enrichment_groups) if spec else (target,)
        groups |= dict.fromkeys(behind)
    return list(groups)


def _sizes(sources: Sequence[Any]) -> str:
    from helpers.runs.number_format import counted, readable_bytes

    n_bytes = sum(source.bytes or 0 for source in sources)
    return f"{counted(len(sources), 'file')}, {readable_bytes(n_bytes)}"
