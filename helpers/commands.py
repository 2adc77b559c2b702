"""What each command of `python -m helpers` does; the parser is in helpers/cli.py.

A command takes the parsed arguments and returns its exit code. It imports what it needs itself, so
that help and refusals come at once.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from helpers import files

CHECKOUT = (
    "this is an installed package, which has no book/. Unpack or clone the project and call "
    "`make book` there"
)


class Refused(Exception):
    """What was asked for cannot be started; the message says why and what would do."""


def get_ready() -> None:
    """Spare the commands an import that takes most of their time and that none needs."""
    from helpers.runs.light_imports import skip_address_grammar

    skip_address_grammar()


def convert(arguments: argparse.Namespace) -> int:
    """Make a cohort of two tables, say what was understood, and check it as chapters do."""
    from pathlib import Path

    from helpers.cohorts.user_files import check_h5ad
    from helpers.conversion.cohort_file import convert_tables

    out = Path(arguments.out)
    with _checks():
        for note in convert_tables(Path(arguments.values), Path(arguments.samples), out):
            _say(note)
        print(out)
        try:
            check_h5ad(out)
        except ValueError as error:
            raise ValueError(f"{out} is written, but no chapter can use it yet: {error}") from None
    return 0


def params(arguments: argparse.Namespace) -> int:
    """Print the parameters of a notebook as a table."""
    from helpers.runs.parameters import notebook_parameters
    from helpers.runs.plans import find_notebook

    with _checks():
        parameters = notebook_parameters(find_notebook(arguments.notebook))
    rows = [(p.name, p.type, repr(p.default), p.comment) for p in parameters]
    _print_table(("parameter", "type", "default", "meaning"), rows)
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Run a notebook and print the folder of the run."""
    from helpers.runs.execution import execute_plan
    from helpers.runs.inputs import build_inputs, fetch_inputs
    from helpers.runs.plans import plan_run

    with _checks():
        names = [name for name, _ in arguments.parameter]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"parameter `{twice[0]}` is given twice: keep one")
        plan = plan_run(arguments.notebook, dict(arguments.parameter))
        if fetch_inputs([plan], _say):
            plan = plan_run(arguments.notebook, dict(arguments.parameter))
        build_inputs([plan])
    print(execute_plan(plan, force=arguments.force))
    return 0


def sweep(arguments: argparse.Namespace) -> int:
    """Run a sweep and print the path of its table; or only say what it would run."""
    from helpers.runs.inputs import build_inputs, fetch_inputs
    from helpers.sweeps.expansion import load_sweep, plan_sweep
    from helpers.sweeps.pool import NoScheduler
    from helpers.sweeps.sweep import run_planned
    from helpers.sweeps.table import table_path

    with _checks():
        where = _where(arguments)
        description = load_sweep(arguments.file, quick=arguments.quick)
        results = files.results_folder()
        elsewhere = bool(where.scheduler)
        runs = plan_sweep(description, results=results, elsewhere=elsewhere)
    if arguments.dry_run:
        return _dry_run(description, runs, where, results)
    with _checks():
        if fetch_inputs([run.plan for run in runs], _say):
            runs = plan_sweep(description, results=results, elsewhere=elsewhere)
        build_inputs(run.plan for run in runs)
    try:
        table = run_planned(description, runs, results=results, where=where, say=_say)
    except NoScheduler as error:
        raise Refused(str(error)) from error
    print(table_path(description, results))
    if arguments.publish:
        _publish(description, results)
    n_failed = int((table["status"] == "failed").sum())
    if n_failed:
        raise RuntimeError(f"{n_failed} of {len(table)} runs failed; the table says why")
    return 0


def _where(arguments: argparse.Namespace) -> Any:
    """Where the runs are made, as the arguments say."""
    from helpers.sweeps.sweep import Where

    if arguments.scheduler and (arguments.workers is not None or arguments.dashboard):
        raise ValueError(
            "with --scheduler the workers are that cluster's: leave out --workers and --dashboard"
        )
    if arguments.workers is not None and arguments.workers < 0:
        raise ValueError(f"--workers must be at least 0: got {arguments.workers}")
    if arguments.publish and files.is_installed():
        raise ValueError(f"--publish writes to book/published/ of a checkout: {CHECKOUT}")
    if arguments.publish and (arguments.quick or arguments.dry_run):
        raise ValueError("--publish is for the whole sweep: leave out --quick and --dry-run")
    return Where(arguments.workers, arguments.scheduler, arguments.dashboard)


def _dry_run(description: Any, runs: Sequence[Any], where: Any, results: Any) -> int:
    """Print the runs and how long they would take."""
    from helpers.sweeps.progress import run_table
    from helpers.sweeps.sweep import estimate

    _print_table(*run_table(runs))
    print(f"\n{estimate(description, runs, where, results)}")
    return 0


def _publish(description: Any, results: Any) -> None:
    """Copy the sweep's table to book/published/."""
    from helpers.runs.published import published_folder
    from helpers.sweeps.table import publish

    with _checks():
        path = publish(description, results, published_folder())
    _say(f"published: {path} and its .json, for you to commit")


def notebooks(arguments: argparse.Namespace) -> int:
    """Copy the chapters' notebooks into a folder; those that are there stay as they are."""
    import shutil
    from pathlib import Path

    folder = Path(arguments.folder)
    for notebook in sorted((files.content_root() / "notebooks").glob("*.ipynb")):
        target = folder / notebook.name
        if target.exists():
            _say(f"kept: {target}, which is there already")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, target)
        print(target)
    return 0


def book(arguments: argparse.Namespace) -> int:
    """Make the book and print the path of its first page."""
    from helpers.book.build import build_book

    with _checks():
        if files.is_installed():
            raise ValueError(f"the book is made from a checkout: {CHECKOUT}")
        edition = {"for_students": True} if arguments.student else {}
        print(build_book(dataset=arguments.dataset, **edition))
    return 0


def course(arguments: argparse.Namespace) -> int:
    """Make the coursework and print the path of the students' zip."""
    from helpers.course.package import build_course

    with _checks():
        if files.is_installed():
            raise ValueError(f"the coursework is made from a checkout: {CHECKOUT}")
        out = files.project_root() / "build" / "course"
        print(build_course(out))
    _say(f"the nbgrader course, with solutions and gradebook: {out}")
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """Print a run beside the published one of its chapter, or publish it."""
    from helpers.book.overviews import beside_published
    from helpers.book.overviews.readme_verdicts import update_readme
    from helpers.runs.published import published_folder

    with _checks():
        run = _find_run(arguments.run)
        records = beside_published.published_runs(published_folder())
        record = beside_published.published_like(run, records)
        if record is None and not arguments.publish:
            raise ValueError(
                f"no run of {run['notebook']} is published in book/published/chapters: publish "
                f"this one with: python -m helpers compare {run['folder']} --publish"
            )
    if arguments.publish:
        print(beside_published.publish_run(run["folder"], published_folder()))
        if update_readme(published_folder().parents[1] / "README.md", published_folder()):
            print("its verdicts stand in README.md")
        return 0
    found = beside_published.differences(
        files.read_json(run["folder"] / "metrics.json"), record["metrics"]
    )
    print(f"{run['folder']}\nbeside the published run of {record['started'][:10]}")
    for name, (mine, theirs) in beside_published.changed_parameters(run, record).items():
        print(f"  {name}: {mine} (published: {theirs})")
    header = ("metric", "here", "published", "SD", "")
    _print_table(header, [tuple(row) for row in beside_published.difference_rows(found)])
    print(f"\n{beside_published.in_words(found)}")
    return 0


def _find_run(given: str | None) -> dict[str, Any]:
    """The finished run that a folder or an id names; the latest without one."""
    from helpers.runs.execution import find_runs

    runs = [run for run in find_runs() if (run["folder"] / "metrics.json").exists()]
    if given is None and runs:
        return runs[-1]
    name = str(given).rstrip("/").rsplit("/", 1)[-1]
    for run in runs:
        if name == run["run_id"]:
            return run
    raise ValueError(
        f"run must be the folder or the id of a finished run below results/; got {given!r}. "
        "Make one with: python -m helpers run 01_pancan_vae"
    )


def cohorts(arguments: argparse.Namespace) -> int:
    """Print the registered cohorts and whether their data is at hand."""
    from helpers.cohorts.registry import COHORTS

    rows = [(name, spec.tier, _whereabouts(spec), spec.what) for name, spec in COHORTS.items()]
    _print_table(("cohort", "tier", "data", "what"), rows)
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
    with _checks():
        groups = _groups(arguments.targets, sources)
    for group in groups:
        licences = ", ".join(dict.fromkeys(source.licence for source in sources[group]))
        _say(f"{group}: {_sizes(sources[group])}, {licences}")
        fetch_group(group, progress=True)
    everything = [source for group in groups for source in sources[group]]
    _say(f"all there and verified: {_sizes(everything)}")
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


@contextmanager
def _checks() -> Iterator[None]:
    """Within it, a ValueError or OSError is a refusal."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Refused(str(error)) from error


def _print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    for row in [header, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
