"""What the commands do that run, compare and render; the parser is in helpers/cli.py.

Those about data are in helpers/data_commands.py.

A command takes the parsed arguments and returns its exit code. It imports what it needs itself, so
that help and refusals come at once.
"""

import argparse
from collections.abc import Sequence
from typing import Any

from helpers import files
from helpers.console import Refused, checks, print_table, say

CHECKOUT = (
    "this is an installed package, which has no book/. Unpack or clone the project and call "
    "`make book` there"
)


def get_ready() -> None:
    """Spare the commands an import that takes most of their time and that none needs."""
    from helpers.runs.light_imports import skip_address_grammar

    skip_address_grammar()


def params(arguments: argparse.Namespace) -> int:
    """Print the parameters of a notebook as a table."""
    from helpers.runs.parameters import notebook_parameters
    from helpers.runs.plans import find_notebook

    with checks():
        parameters = notebook_parameters(find_notebook(arguments.notebook))
    rows = [(p.name, p.type, repr(p.default), p.comment) for p in parameters]
    print_table(("parameter", "type", "default", "meaning"), rows)
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Run a notebook and print the folder of the run."""
    from helpers.runs.execution import execute_plan
    from helpers.runs.inputs import build_inputs, fetch_inputs
    from helpers.runs.plans import plan_run

    with checks():
        names = [name for name, _ in arguments.parameter]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"parameter `{twice[0]}` is given twice: keep one")
        plan = plan_run(arguments.notebook, dict(arguments.parameter))
        if fetch_inputs([plan], say):
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

    with checks():
        where = _where(arguments)
        description = load_sweep(arguments.file, quick=arguments.quick)
        results = files.results_folder()
        elsewhere = bool(where.scheduler)
        runs = plan_sweep(description, results=results, elsewhere=elsewhere)
    if arguments.dry_run:
        return _dry_run(description, runs, where, results)
    with checks():
        if fetch_inputs([run.plan for run in runs], say):
            runs = plan_sweep(description, results=results, elsewhere=elsewhere)
        build_inputs(run.plan for run in runs)
    try:
        table = run_planned(description, runs, results=results, where=where, say=say)
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

    print_table(*run_table(runs))
    print(f"\n{estimate(description, runs, where, results)}")
    return 0


def _publish(description: Any, results: Any) -> None:
    """Copy the sweep's table to book/published/."""
    from helpers.runs.published import published_folder
    from helpers.sweeps.table import publish

    with checks():
        path = publish(description, results, published_folder())
    say(f"published: {path} and its .json, for you to commit")


def notebooks(arguments: argparse.Namespace) -> int:
    """Copy the chapters' notebooks into a folder; those that are there stay as they are."""
    import shutil
    from pathlib import Path

    folder = Path(arguments.folder)
    for notebook in sorted((files.content_root() / "notebooks").glob("*.ipynb")):
        target = folder / notebook.name
        if target.exists():
            say(f"kept: {target}, which is there already")
            continue
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, target)
        print(target)
    return 0


def book(arguments: argparse.Namespace) -> int:
    """Make the book and print the path of its first page."""
    from helpers.book.build import build_book

    with checks():
        if files.is_installed():
            raise ValueError(f"the book is made from a checkout: {CHECKOUT}")
        edition = {"for_students": True} if arguments.student else {}
        print(build_book(dataset=arguments.dataset, **edition))
    return 0


def course(arguments: argparse.Namespace) -> int:
    """Make the coursework and print the path of the students' zip."""
    from helpers.course.package import build_course

    with checks():
        if files.is_installed():
            raise ValueError(f"the coursework is made from a checkout: {CHECKOUT}")
        out = files.project_root() / "build" / "course"
        print(build_course(out))
    say(f"the nbgrader course, with solutions and gradebook: {out}")
    return 0


def compare(arguments: argparse.Namespace) -> int:
    """Print a run beside the published one of its chapter, or publish it."""
    from helpers.book.overviews import beside_published
    from helpers.book.overviews.readme_verdicts import update_readme
    from helpers.runs.published import published_folder

    with checks():
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
    changed = beside_published.changed_parameters(run, record)
    for name, (mine, theirs) in changed.items():
        print(f"  {name}: {mine} (published: {theirs})")
    header = ("metric", "here", "published", "SD", "")
    print_table(header, [tuple(row) for row in beside_published.difference_rows(found)])
    print(f"\n{beside_published.in_words(found)}\n{beside_published.read_as(changed)}".rstrip())
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
