"""Files of the papers' own sizes through the `paper-*` loaders: time, peak memory, sizes on disk.

    python -m tests.benchmarks.paper_sizes --folder /where/20/GB/fit [--publish]

The files are simulated (see `paper_files`) and deleted afterwards. `--publish` puts the table on
the book's page of data.
"""

import argparse
import os
import re
import resource
import shutil
import tempfile
from pathlib import Path

import pandas as pd

from helpers.cohorts.download import MIRROR_VARIABLE
from helpers.cohorts.registry import COHORTS, load_cohort
from helpers.cohorts.sources import cache_folder, fetch_group, load_sources
from helpers.runs.provenance import hardware, now
from tests.benchmarks import paper_files
from tests.benchmarks.measure import measure
from tests.benchmarks.tables import PUBLISHED, ROOT

PAGE = ROOT / "book" / "data.md"
COLUMNS = {
    "cohort": "Cohort", "download_mb": "Download, MB", "samples": "Samples",
    "features": "Features", "seconds": "Seconds, first load", "cpu_seconds": "of processor",
    "peak_memory_mb": "Peak memory, MiB", "cached_mb": "Kept in the cache, MB",
    "again_seconds": "Seconds, later loads", "device": "Device", "cores": "Cores",
    "when": "Measured",
}  # fmt: skip
LIMIT_MB, LIMIT_SECONDS = 4096, 180  # of a loader, by the clock of an idle machine
WRITERS = {
    "paper-pancan": paper_files.write_pancan,
    "paper-rnalign": paper_files.write_rnalign,
    "paper-multiomics": paper_files.write_peaks_table,
}


def write_files(mirror: Path, shrink: int = 1) -> None:
    """Every group that only the papers' cohorts need, into a mirror."""
    for write in WRITERS.values():
        write(mirror, shrink)


def load(name: str) -> None:
    """Load a cohort, whose files are there, for the first time."""
    load_cohort(name)


def row(name: str) -> dict[str, object]:
    """Fetch the cohort's files, then load it in a process of its own, twice."""
    groups = COHORTS[name].groups
    files = {group: fetch_group(group) for group in groups}
    own = [path for group in groups if group.startswith("paper-") for path in files[group]]
    before = _child_seconds()
    first = measure(load, name)
    cpu = _child_seconds() - before
    again = measure(load, name)
    (cached,) = (cache_folder() / "cohorts").glob(f"{name}-*.h5ad")
    cohort = load_cohort(name)
    return {
        "cohort": name, "download_mb": _megabytes(own),
        "samples": cohort.n_obs, "features": cohort.n_vars, "seconds": first["seconds"],
        "cpu_seconds": round(cpu, 1), "peak_memory_mb": first["peak_memory_mb"],
        "cached_mb": _megabytes([cached]), "again_seconds": again["seconds"],
        "again_memory_mb": again["peak_memory_mb"],
        "within_limits": first["peak_memory_mb"] <= LIMIT_MB and first["seconds"] <= LIMIT_SECONDS,
        "device": hardware()["cpu"], "cores": first["cores"], "when": now(),
    }  # fmt: skip


def page_table() -> str:
    """The published measurements as Markdown."""
    table = pd.read_csv(PUBLISHED / "paper_sizes.csv")[list(COLUMNS)].astype(str)
    lines = [COLUMNS.values(), ["---"] * len(COLUMNS), *table.to_numpy()]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def with_table(page: str) -> str:
    """The text of the page with the table between its two comments made anew."""
    start, end = "<!-- table: paper_sizes -->", "<!-- end: paper_sizes -->"
    new = f"{start}\n\n{page_table()}\n\n{end}"
    return re.sub(f"{start}.*?{end}", lambda _: new, page, flags=re.DOTALL)


def _child_seconds() -> float:
    """Processor seconds of this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _megabytes(paths: list[Path]) -> int:
    return round(sum(path.stat().st_size for path in paths) / 1e6)


def main() -> None:
    """Write the files, measure every cohort, print, delete."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=None, help="where 20 GB fit")
    parser.add_argument("--mirror", type=Path, default=None, help="files that were written before")
    parser.add_argument("--only", nargs="+", default=None, help="cohorts, instead of all")
    parser.add_argument("--shrink", type=int, default=1, help="so many times smaller")
    parser.add_argument("--publish", action="store_true", help="onto the book's page of data")
    given = parser.parse_args()
    names = [name for name, spec in COHORTS.items() if spec.tier == "paper"]
    with tempfile.TemporaryDirectory(dir=given.folder) as inner:
        mirror, cache = given.mirror or Path(inner) / "mirror", Path(inner) / "cache"
        if given.mirror is None:
            write_files(mirror, given.shrink)
        _copy_sources(names, cache)
        os.environ |= {MIRROR_VARIABLE: str(mirror), "HELPERS_DATA_CACHE": str(cache)}
        table = pd.DataFrame([row(name) for name in given.only or names])
    print(table.T.to_string())
    if given.publish:
        PUBLISHED.mkdir(parents=True, exist_ok=True)
        table.to_csv(PUBLISHED / "paper_sizes.csv", index=False)
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def _copy_sources(names: list[str], cache: Path) -> None:
    """Give another cache the real files that the papers' cohorts need beside their own."""
    groups = {group for name in names for group in COHORTS[name].groups}
    sources = load_sources()
    for group in (group for group in groups if not group.startswith("paper-")):
        for source, path in zip(sources[group], fetch_group(group), strict=True):
            target = cache / "sources" / source.mirror_path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


if __name__ == "__main__":
    main()
