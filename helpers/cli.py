"""The command line, `python -m helpers`: run, compare, sweep, book and more.

An installed package has it as `cancer-latents` too, and its help says so.
Exit codes: 0 done; 1 it was started and failed; 2 it was refused before anything started; 130
interrupted. Errors are one line on stderr. What the commands do is in helpers/commands.py and
data_commands.py.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from helpers import commands, data_commands
from helpers.console import MODULE, Refused, program

EXAMPLES = """\
examples:
  python -m helpers cohorts                              what data there is, and what is here
  python -m helpers fetch                                download the book's real cohorts
  python -m helpers params 01_pancan_vae                 what can be set in a notebook
  python -m helpers run 01_pancan_vae                    run it on simulated tumours
  python -m helpers run 01_pancan_vae -p cohort tcga-mirna -p n_latent 64 -p seed 3
  python -m helpers run 01_pancan_vae -p cohort my_tumours.h5ad
  python -m helpers convert counts.tsv samples.csv my.h5ad   a cohort of two tables
  python -m helpers check my.h5ad                        what chapters can do with it, and why not
  python -m helpers compare                              your latest run beside the published one
  python -m helpers sweep notebooks/sweeps/pancan_latent.yaml
  python -m helpers book                                 every chapter, rendered, in build/
"""
RUN_HELP = """\
The run is made in results/<notebook>/<run id>/, whose path is printed at the end. A run that is
there already is not made again: same notebook, same code, same parameters, same data.
`cohort` is a name of `python -m helpers cohorts` or the path of your own .h5ad or .zarr.

examples:
  python -m helpers run 01_pancan_vae -p n_latent 64 -p seed 3
  python -m helpers run 01_pancan_vae -p cohort my_tumours.h5ad -p cancer_types "BRCA, LUAD"
"""
SWEEP_HELP = """\
A sweep file (the book's page on sweeps explains all it may say):

  notebook: 01_pancan_vae
  fixed: {cohort: tcga-mirna}
  grid: {n_latent: [2, 8, 32], kl_weight: [0.5, 1.0]}
  seeds: [0, 1, 2]

All runs are checked before the first starts; finished ones are skipped, so the same command resumes
after an interruption. The table ends in results/sweeps/<name of the file>.csv.

examples:
  python -m helpers sweep my_idea.yaml --dry-run                   the runs, and how long they take
  python -m helpers sweep my_idea.yaml --quick                     the version of seconds
  python -m helpers sweep my_idea.yaml --workers 4                 four runs beside each other
  python -m helpers sweep my_idea.yaml --scheduler tcp://10.0.0.5:8786     on a Dask cluster
"""
FETCH_HELP = """\
Files come from HELPERS_DATA_MIRROR (a folder or address holding the same files) if it is set, and
otherwise from the addresses in data/sources.toml; sizes and sha256 are verified.

examples:
  python -m helpers fetch                  the real cohorts of the book
  python -m helpers fetch tcga-mirna       one cohort
  python -m helpers fetch gene-sets        one group of data/sources.toml
"""
CONVERT_HELP = """\
Tables are text as R, pandas, Excel, Xena, cBioPortal, GEO, GTEx or featureCounts write it: CSV, TSV
or GCT 1.2, packed or not. Counts become log2(CPM+1), linear values log2(x+1), logarithms stay. What
was understood is said, and kept in the file.

examples:
  python -m helpers convert counts.tsv.gz samples.csv my.h5ad
"""

CHECK_HELP = """\
Says what was understood of a file (samples, types, unit, genes, clinical columns), what each
chapter can and cannot make of it and why, and what to write to mend it. Nothing is run.

examples:
  python -m helpers check my.h5ad
  python -m helpers check my_rna.h5ad -p atac_cohort my_atac.h5ad
  python -m helpers check my.h5ad -p cancer_type BRCA -p n_clusters 4
"""
TEMPLATE_HELP = """\
A few simulated samples with every column that a chapter must or may have: open it, look at it, put
your own values in their place.

examples:
  python -m helpers template 04_rnalign my.h5ad
"""


class _Parser(argparse.ArgumentParser):
    """Argument parser whose errors are one line too."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}. See {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out the command in `argv` (default: the process's) and return its exit code."""
    arguments = _parser().parse_args(argv)
    commands.get_ready()
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)  # clean up, then go
    try:
        return arguments.command(arguments)
    except Refused as error:
        return _complain(error, 2)
    except (RuntimeError, OSError) as error:
        return _complain(error, 1)
    except KeyboardInterrupt:
        return _complain("interrupted. The same command starts again where it can", 130)
    finally:
        signal.signal(signal.SIGTERM, previous)


def _parser() -> argparse.ArgumentParser:
    called = program()
    parser = _Parser(
        prog=called,
        description="Run the notebooks, get their data, make the book.",
        epilog=EXAMPLES.replace(MODULE, called),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    names = parser.add_subparsers(title="commands", metavar="<command>", required=True)

    def add(name: str, command: Callable[[Any], int], what: str, epilog: str = "") -> _Parser:
        sub = names.add_parser(
            name,
            help=what,
            description=f"{what[0].upper()}{what[1:]}.",
            epilog=epilog.replace(MODULE, called),
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        sub.set_defaults(command=command)
        return sub

    _add_data_commands(add)
    params = add("params", commands.params, "list the parameters of a notebook")
    params.add_argument("notebook", help="its name in notebooks/, or a path")
    _add_run_arguments(add("run", commands.run, "run a notebook into its own folder", RUN_HELP))
    _add_compare_arguments(add("compare", commands.compare, "set a run beside the published one"))
    _add_sweep_arguments(
        add("sweep", commands.sweep, "run a notebook with many parameters", SWEEP_HELP)
    )
    copy = add("notebooks", commands.notebooks, "copy the notebooks to open them in JupyterLab")
    copy.add_argument("folder", nargs="?", default="notebooks", help="where to (notebooks/)")
    _add_book_arguments(add("book", commands.book, "run every chapter and render the book"))
    add("course", commands.course, "make the students' notebooks and the zip that they get")
    return parser


def _add_data_commands(add: Callable[..., _Parser]) -> None:
    fetch = add("fetch", data_commands.fetch, "download and verify data", FETCH_HELP)
    fetch.add_argument("targets", nargs="*", metavar="cohort", help="cohort or group of files")
    add("cohorts", data_commands.cohorts, "list the cohorts and whether their data is here")
    convert = add("convert", data_commands.convert, "make a cohort of two tables", CONVERT_HELP)
    convert.add_argument("values", help="genes × samples or samples × genes")
    convert.add_argument("samples", help="a row a sample: patient, cancer_type, …")
    convert.add_argument("out", help="the .h5ad to write")
    check = add("check", data_commands.check, "say what chapters can do with a file", CHECK_HELP)
    check.add_argument("cohort", help="path of a .h5ad or .zarr, or a registered cohort")
    _add_parameter(check)
    template = add(
        "template", data_commands.template, "write a small valid file for a chapter", TEMPLATE_HELP
    )
    template.add_argument("notebook", help="the chapter, such as 04_rnalign")
    template.add_argument("out", help="the .h5ad to write")


def _add_run_arguments(run: argparse.ArgumentParser) -> None:
    run.add_argument("notebook", help="its name in notebooks/, or a path")
    _add_parameter(run)
    run.add_argument("--force", action="store_true", help="run again even if it is there")


def _add_parameter(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "-p",
        "--parameter",
        nargs=2,
        action="append",
        default=[],
        metavar=("NAME", "VALUE"),
        help="set a parameter; may be given often (`params` lists them)",
    )


def _add_book_arguments(book: argparse.ArgumentParser) -> None:
    book.add_argument(
        "--dataset",
        choices=("auto", "demo", "real"),
        default="auto",
        help="real tumours, simulated ones, or (auto) real where they can be fetched",
    )
    book.add_argument("--student", action="store_true", help="the edition without solutions")


def _add_compare_arguments(compare: argparse.ArgumentParser) -> None:
    compare.add_argument(
        "run", nargs="?", help="folder or id of a run in results/ (default: the latest)"
    )
    compare.add_argument(
        "--publish", action="store_true", help="publish the run instead, for others to compare with"
    )


def _add_sweep_arguments(sweep: argparse.ArgumentParser) -> None:
    sweep.add_argument("file", help="the sweep, a YAML file")
    sweep.add_argument("--dry-run", action="store_true", help="print the runs and start nothing")
    sweep.add_argument("--quick", action="store_true", help="the version of seconds, for tests")
    sweep.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="runs at once on this machine; 0: one after the other, without Dask "
        "(default: what there are cores, memory and GPUs for)",
    )
    sweep.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="use the Dask cluster at tcp://…, whose machines share this project's folder",
    )
    sweep.add_argument("--dashboard", action="store_true", help="open Dask's, on this machine")
    sweep.add_argument(
        "--publish", action="store_true", help="then copy the table to book/published/"
    )


def _complain(problem: Exception | str, code: int) -> int:
    print("error:", " ".join(str(problem).split()), file=sys.stderr)
    return code
