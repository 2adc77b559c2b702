"""Files of the papers' own sizes through the `paper-*` loaders, and through their chapters.

    python -m tests.benchmarks.paper_sizes --folder /where/20/GB/fit [--chapters] [--publish]

Time, peak memory, sizes on disk. The files are simulated (see `paper_files`) and deleted
afterwards. `--chapters` runs each cohort's chapter instead of timing its loader, `--publish` puts
the table on the book's page of data; what is not measured this time keeps its published numbers.
"""

import argparse
import os
import re
import resource
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from helpers.coembedding.atac.paper_peaks import peaks_store
from helpers.cohorts.download import MIRROR_VARIABLE
from helpers.cohorts.registry import COHORTS, load_cohort
from helpers.cohorts.sources import cache_folder, fetch_group, load_sources
from helpers.files import read_json
from helpers.runs.execution import run_notebook
from helpers.runs.provenance import hardware, now
from tests.benchmarks import paper_files
from tests.benchmarks.measure import measure
from tests.benchmarks.tables import PUBLISHED, ROOT, markdown

PAGE = ROOT / "book" / "data.md"
COLUMNS = {
    "cohort": "Cohort", "download_mb": "Download, MB", "samples": "Samples",
    "features": "Features", "seconds": "Seconds, first load", "cpu_seconds": "of processor",
    "peak_memory_mb": "Peak memory, MiB", "cached_mb": "Kept in the cache, MB",
    "again_seconds": "Seconds, later loads", "device": "Device", "cores": "Cores",
    "when": "Measured",
}  # fmt: skip
CHAPTER_COLUMNS = {
    "cohort": "Cohort", "chapter": "Chapter", "samples": "Samples",
    "chapter_minutes": "Minutes", "chapter_cpu_minutes": "of processor",
    "chapter_memory_mb": "Peak memory, MiB", "chapter_device": "Device", "chapter_when": "Measured",
}  # fmt: skip
LIMIT_MB, LIMIT_SECONDS = 4096, 180  # of a loader, by the clock of an idle machine
CHAPTER_LIMIT_MB, CHAPTER_LIMIT_MINUTES = 8192, 45  # of a chapter, on two cores
CHAPTERS = {
    "paper-pancan": "01_pancan_vae",
    "paper-multiomics": "02_coembedding",
    "paper-subtyping": "03_vqvae_subtyping",
    "paper-rnalign": "04_rnalign",
}
# Beside the cohort. Chapter 4: as many minibatches as its 200 passes are over the 991 samples of
# ccle-tcga.
PARAMETERS = {"paper-rnalign": {"n_epochs": 15}}
WRITERS = {
    "paper-pancan": paper_files.write_pancan,
    "paper-rnalign": paper_files.write_rnalign,
    "paper-multiomics": paper_files.write_peaks_table,
}


def write_files(mirror: Path, shrink: int = 1, names: Iterable[str] = tuple(CHAPTERS)) -> None:
    """Every group that only the papers' cohorts `names` need, into a mirror."""
    needed = {group for name in names for group in COHORTS[name].groups}
    for group in needed & set(WRITERS):
        WRITERS[group](mirror, shrink)


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


def chapter_row(name: str, results: Path) -> dict[str, object]:
    """Run the cohort's chapter: minutes, and the peak memory of its kernel.

    With the notebook's own parameters but `PARAMETERS`; chapter 2 gets the peaks that the loader
    has kept on disk.
    """
    parameters = {"cohort": name, **PARAMETERS.get(name, {})}
    if name == "paper-multiomics":
        load_cohort(name)
        parameters["peaks_cohort"] = str(peaks_store())
    before, start = _child_seconds(), time.perf_counter()
    folder = run_notebook(CHAPTERS[name], parameters, results=results)
    minutes = (time.perf_counter() - start) / 60
    memory = read_json(folder / "run.json")["peak_memory_mb"]
    return {
        "cohort": name, "chapter": int(CHAPTERS[name][:2]), "chapter_minutes": round(minutes, 1),
        "chapter_cpu_minutes": round((_child_seconds() - before) / 60, 1),
        "chapter_memory_mb": round(memory),
        "chapter_within_limits": memory <= CHAPTER_LIMIT_MB and minutes <= CHAPTER_LIMIT_MINUTES,
        "chapter_device": hardware()["cpu"], "chapter_when": now(),
    }  # fmt: skip


def publish(found: dict[str, object]) -> None:
    """Put what was measured of a cohort into the table and onto the page; the rest stays."""
    PUBLISHED.mkdir(parents=True, exist_ok=True)
    path, now = PUBLISHED / "paper_sizes.csv", pd.DataFrame([found], dtype=object)
    if path.exists():
        now = merged(pd.read_csv(path, dtype=object), now)
    now.to_csv(path, index=False)
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def merged(published: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """What is published, with the cells that were measured now in place of the old ones."""
    columns = [*published, *(name for name in measured if name not in published)]
    old, new = (table.set_index("cohort") for table in (published, measured))
    return new.combine_first(old).reset_index()[columns]


def page_table() -> str:
    """The published measurements as Markdown: the loaders, and the chapters that were run."""
    table = pd.read_csv(PUBLISHED / "paper_sizes.csv", dtype=str)
    loaders = _markdown(table, COLUMNS)
    if "chapter" not in table or table["chapter"].isna().all():
        return loaders
    ran = table[table["chapter"].notna()].sort_values("chapter")
    return f"{loaders}\n\nTheir chapters:\n\n{_markdown(ran, CHAPTER_COLUMNS)}"


def _markdown(table: pd.DataFrame, columns: dict[str, str]) -> str:
    shown = table.reindex(columns=[*columns]).dropna(axis=1, how="all").fillna("–")
    for name in set(shown) & {"when", "chapter_when"}:
        shown[name] = shown[name].str[:10]
    return markdown(shown.rename(columns=columns))


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
    parser.add_argument("--chapters", action="store_true", help="run them, no loader")
    parser.add_argument("--publish", action="store_true", help="onto the book's page of data")
    given = parser.parse_args()
    names = given.only or list(CHAPTERS)
    with tempfile.TemporaryDirectory(dir=given.folder) as inner:
        mirror, cache = given.mirror or Path(inner) / "mirror", Path(inner) / "cache"
        if given.mirror is None:
            write_files(mirror, given.shrink, names)
        _copy_sources(names, cache)
        os.environ |= {MIRROR_VARIABLE: str(mirror), "HELPERS_DATA_CACHE": str(cache)}
        for name in names:
            found = chapter_row(name, Path(inner)) if given.chapters else row(name)
            print(pd.Series(found).to_string(), flush=True)
            if given.publish:
                publish(found)


def _copy_sources(names: list[str], cache: Path) -> None:
    """Give another cache the real files that cohorts and their chapters need beside their own."""
    specs = [COHORTS[name] for name in names]
    groups = {group for spec in specs for group in (*spec.groups, *spec.enrichment_groups)}
    sources = load_sources()
    for group in (group for group in groups if not group.startswith("paper-")):
        for source, path in zip(sources[group], fetch_group(group), strict=True):
            target = cache / "sources" / source.mirror_path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


if __name__ == "__main__":
    main()
