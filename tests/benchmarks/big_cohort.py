"""A cohort larger than memory, from its file to a trained VAE: time of each step, peak memory.

    python -m tests.benchmarks.big_cohort --folder /where/40/GB/fit [--chapter] [--publish]

The file is simulated in pieces and deleted afterwards. Training from disk is compared with training
on rows in memory, in turn in one process; both count rows a second, and the system is told to
forget the files before each step that is to read them from disk. `--chapter` also runs chapter 1 on
the file, `--publish` puts the table on the book's page of data.
"""

import argparse
import os
import re
import tempfile
import time
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import zarr

from helpers.cohorts.gene_sets import load_gene_sets
from helpers.cohorts.sources import DataUnavailable
from helpers.files import read_json
from helpers.runs.execution import run_notebook
from helpers.runs.provenance import hardware, now, peak_memory_mb
from tests.benchmarks.measure import measure
from tests.benchmarks.paper_sizes import PAGE
from tests.benchmarks.tables import PUBLISHED

LIMIT_MB = 3072
LEAST_RATE = 0.6  # of the rate in memory
CHAPTER_LIMIT_MB = 4096
CHAPTER = {"n_seeds": 1, "n_epochs": 5, "kl_warmup": 5, "full": False}
ROWS = {
    "matrix_mb": "Matrix in memory, MB", "on_disk_mb": "On disk, MB", "features": "Features kept",
    "load_s": "Reading and checking, s",
    "fit_s": "Filter, rank by spread, machine's shift, scale, s",
    "quantiles_s": "The same after quantile normalisation, s",
    "transform_s": "Scaled rows written, s", "pca_s": "32 principal components, s",
    "rows_per_s": "Training, rows a second, from disk",
    "rows_per_s_cached": "… from the system's file cache",
    "rows_per_s_in_memory": "… from memory",
    "peak_memory_mb": "Peak memory of these steps, MiB",
    "chapter_minutes": "Chapter 1, minutes", "chapter_memory_mb": "Chapter 1, peak memory, MiB",
    "device": "Device", "cores": "Cores", "when": "Measured",
}  # fmt: skip
_CHUNK_ROWS = 1000
_N_PROGRAMS = 10
_TYPES = [f"T{number:02d}" for number in range(20)]


def write_cohort(path: Path, n_samples: int, n_genes: int, seed: int = 0) -> None:
    """A `.zarr` of tumours, written a chunk of rows at a time.

    Types differ in all genes a little, patients in ten programs, of which the first one shortens
    lives; Hallmark's genes are among the genes where that file is there.
    """
    rng = np.random.default_rng(seed)
    kinds = np.arange(n_samples) % len(_TYPES)
    activity = rng.normal(size=(n_samples, _N_PROGRAMS)).astype(np.float32)
    store = zarr.open_group(path, mode="w")
    store.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    anndata.io.write_elem(store, "obs", _patients(kinds, activity[:, 0], rng))
    anndata.io.write_elem(store, "var", pd.DataFrame(index=_gene_names(n_genes, rng)))
    anndata.io.write_elem(store, "uns", {"unit": "log2(TPM+1)", "feature": "gene"})
    x = store.create_array(
        "X", shape=(n_samples, n_genes), chunks=(_CHUNK_ROWS, n_genes), dtype="float32",
        compressors=zarr.codecs.BloscCodec(cname="lz4", clevel=3, shuffle="shuffle"),
    )  # fmt: skip
    x.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    profile = rng.uniform(1, 9, n_genes) + rng.normal(0, 0.5, (len(_TYPES), n_genes))
    loadings = rng.normal(0, 0.2, (_N_PROGRAMS, n_genes)).astype(np.float32)
    for start in range(0, n_samples, _CHUNK_ROWS):
        rows = slice(start, min(start + _CHUNK_ROWS, n_samples))
        block = profile.astype(np.float32)[kinds[rows]] + activity[rows] @ loadings
        block += rng.integers(0, 16, block.shape, dtype=np.uint8) / np.float32(8)
        # Eighths of a log unit: few digits, so that a file of 16 GB takes 6.
        x[rows] = np.maximum(np.rint(8 * block) / 8, 0)


def _patients(kinds: np.ndarray, risk: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """obs of one sample a patient, four fifths of whom are followed until they die."""
    n = len(kinds)
    names = [f"S{number:06d}" for number in range(n)]
    columns = {"patient": names, "cancer_type": np.array(_TYPES, object)[kinds]}
    columns |= {"batch": np.array(["one", "two"], object)[rng.integers(0, 2, n)]}
    columns |= {"sex": np.array(["female", "male"], object)[rng.integers(0, 2, n)]}
    columns |= {"age": rng.normal(60, 10, n).round(), "os_event": rng.random(n) < 0.8}
    columns |= {"os_time": np.ceil(1500 * rng.exponential(size=n) * np.exp(-risk / 2))}
    return pd.DataFrame(columns, index=names).astype({"os_event": int})


def _gene_names(n_genes: int, rng: np.random.Generator) -> np.ndarray:
    """The genes of Hallmark sets, as far as these can be had, and made-up names."""
    try:
        found = sorted({gene for genes in load_gene_sets("hallmark").values() for gene in genes})
    except DataUnavailable:
        found = []
    names = [*found[:n_genes], *(f"GENE{number}" for number in range(n_genes))][:n_genes]
    return rng.permutation(names)


def prepare_and_train(path: str, n_features: int, n_rows: int, n_epochs: int) -> dict[str, float]:
    """Load, preprocess, fit a PCA, train; seconds of each and rows a second of the trainings."""
    from helpers.cohorts.preprocess import Preprocessor
    from helpers.cohorts.registry import load_cohort
    from helpers.cohorts.splits import split_by_patient
    from helpers.pancan_vae.row_components import fit_components

    forget(*(file for file in Path(path).rglob("*") if file.is_file()))
    clock = _Clock()
    cohort = load_cohort(path)
    clock("load")
    train, _ = split_by_patient(cohort, 0.2)
    scaling = Preprocessor(n_features=n_features).fit(train)
    clock("fit")
    Preprocessor(n_features=n_features, quantile=True).fit(train)
    clock("quantiles")
    scaled = scaling.transform(cohort)
    rows = scaled.of(cohort.obs_names.isin(train.obs_names))
    clock("transform")
    fit_components(rows, 32)
    clock("pca")
    forget(rows._file.fileno())
    rates = {"rows_per_s": _train(rows, n_epochs), "rows_per_s_cached": _train(rows, n_epochs)}
    peak = peak_memory_mb()
    in_memory = np.asarray(rows.of(np.arange(min(n_rows, len(rows)))))
    rates |= {"rows_per_s_in_memory": _train(in_memory, n_epochs)}
    return clock.seconds | rates | {"peak_memory_mb": peak}


def forget(*files: Path | int) -> None:
    """Let the system drop what it keeps of files in memory, so that reading them is from disk.

    `files`: paths or open files' numbers. Linux only; elsewhere nothing is dropped.
    """
    for file in files if hasattr(os, "posix_fadvise") else ():
        number = os.open(file, os.O_RDONLY) if isinstance(file, Path) else file
        os.fsync(number)  # what is not written yet would stay
        os.posix_fadvise(number, 0, 0, os.POSIX_FADV_DONTNEED)
        if number != file:
            os.close(number)


def run_chapter(path: Path, results: Path) -> dict[str, float]:
    """Chapter 1 on the file, by `CHAPTER`'s settings: minutes, and peak memory of its kernel."""
    forget(*(file for file in path.rglob("*") if file.is_file()))
    start = time.perf_counter()
    folder = run_notebook("01_pancan_vae", {"cohort": str(path), **CHAPTER}, results=results)
    minutes = (time.perf_counter() - start) / 60
    memory = read_json(folder / "run.json")["peak_memory_mb"]
    return {"chapter_minutes": round(minutes, 1), "chapter_memory_mb": round(memory)}


class _Clock:
    """Seconds since the last call, by name."""

    def __init__(self) -> None:
        self.seconds, self._last = {}, time.perf_counter()

    def __call__(self, name: str) -> None:
        now = time.perf_counter()
        self.seconds[f"{name}_s"], self._last = round(now - self._last, 1), now


def _train(rows: object, n_epochs: int) -> float:
    """Rows a second of the chapter's VAE."""
    import torch

    from helpers.models.training import Training, fit
    from helpers.models.vae import VAE

    torch.manual_seed(0)
    model = VAE(rows.shape[1], (256,), 32, noise_sd=1.0, dropout=0.0, linear_skip=True)
    data = torch.from_numpy(rows) if isinstance(rows, np.ndarray) else rows
    training = Training(n_epochs, 128, 1e-3, keep="last", device="cpu")
    start = time.perf_counter()
    fit(model, data, None, weights={"reconstruction": 1.0, "kl": 0.25}, training=training, seed=0)
    return round(n_epochs * len(rows) / (time.perf_counter() - start))


def report(path: str, n_features: int, n_rows: int, n_epochs: int, into: str) -> None:
    """`prepare_and_train`, written where another process can read it."""
    pd.Series(prepare_and_train(path, n_features, n_rows, n_epochs)).to_json(into)


def row(folder: Path | None, size: tuple[int, int, int], with_chapter: bool) -> dict[str, object]:
    """Write the file, go through it in a process of its own, delete it.

    `size`: samples, genes, and genes that are kept.
    """
    n_samples, n_genes, n_features = size
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        path, into = Path(inner) / "big.zarr", Path(inner) / "seconds.json"
        written = measure(write_cohort, path, n_samples, n_genes)
        on_disk = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        measured = measure(report, str(path), n_features, 20_000, 1, str(into))
        found = pd.read_json(into, typ="series").to_dict()
        whole = ("peak_memory_mb", *(name for name in found if name.startswith("rows")))
        found |= {name: round(found[name]) for name in whole}
        chapter = run_chapter(path, Path(inner)) if with_chapter else {}
    ratio = found["rows_per_s"] / found["rows_per_s_in_memory"]
    is_small = found["peak_memory_mb"] <= LIMIT_MB
    is_small &= chapter.get("chapter_memory_mb", 0) <= CHAPTER_LIMIT_MB
    return {
        "samples": n_samples, "genes": n_genes, "features": n_features,
        "matrix_mb": round(n_samples * n_genes * 4 / 1e6), "on_disk_mb": round(on_disk / 1e6),
        "write_seconds": written["seconds"], **found, "ratio": round(ratio, 2), **chapter,
        "within_limits": is_small and ratio >= LEAST_RATE,
        "device": hardware()["cpu"], "cores": measured["cores"], "when": now(),
    }  # fmt: skip


def page_table() -> str:
    """The published measurements as Markdown, a column a cohort."""
    path = PUBLISHED / "big_cohort.csv"
    if not path.exists():
        return "*Not measured yet.*"
    table = pd.read_csv(path, dtype=str)
    shown = [(text, table[name]) for name, text in ROWS.items() if name in table]
    sizes = [f"{int(n):,} × {int(p):,}" for n, p in table[["samples", "genes"]].to_numpy()]
    lines = [["Samples × genes", *sizes], ["---"] * (1 + len(sizes))]
    lines += [[text, *values] for text, values in shown]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def with_table(page: str) -> str:
    """The text of the page with the table between its two comments made anew."""
    start, end = "<!-- table: big_cohort -->", "<!-- end: big_cohort -->"
    new = f"{start}\n\n{page_table()}\n\n{end}"
    return re.sub(f"{start}.*?{end}", lambda _: new, page, flags=re.DOTALL)


def main() -> None:
    """Measure one size and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--features", type=int, default=5000, help="kept by the preprocessing")
    parser.add_argument("--folder", type=Path, default=None, help="where 40 GB fit")
    parser.add_argument("--chapter", action="store_true", help="also run chapter 1 on it")
    parser.add_argument("--publish", action="store_true", help="onto the book's page of data")
    given = parser.parse_args()
    size = given.samples, given.genes, given.features
    table = pd.DataFrame([row(given.folder, size, given.chapter)])
    print(table.T.to_string())
    if given.publish:
        PUBLISHED.mkdir(parents=True, exist_ok=True)
        table.to_csv(PUBLISHED / "big_cohort.csv", index=False)
        PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
