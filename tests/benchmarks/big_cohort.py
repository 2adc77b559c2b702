"""A cohort larger than memory, from its file to a trained VAE: time of each step, peak memory.

    python -m tests.benchmarks.big_cohort --samples 200000 --genes 20000 --folder /where/20/GB/fit

The file is simulated in pieces and deleted afterwards. Training from disk is compared with training
on rows in memory, in turn in one process; both count rows a second.
"""

import argparse
import tempfile
import time
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import zarr

from helpers.runs.provenance import hardware, now, peak_memory_mb
from tests.benchmarks.measure import measure

LIMIT_MB = 3072
LEAST_RATE = 0.6  # of the rate in memory
_CHUNK_ROWS = 1000
_TYPES = [f"T{number:02d}" for number in range(20)]


def write_cohort(path: Path, n_samples: int, n_genes: int, seed: int = 0) -> None:
    """A `.zarr` of tumours, each type a profile with noise, a chunk of rows at a time."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(n_samples) % len(_TYPES)
    names = [f"S{number:06d}" for number in range(n_samples)]
    obs = {"patient": names, "cancer_type": np.array(_TYPES, object)[kinds]}
    obs |= {"batch": np.array(["one", "two"], object)[rng.integers(0, 2, n_samples)]}
    store = zarr.open_group(path, mode="w")
    store.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    anndata.io.write_elem(store, "obs", pd.DataFrame(obs, index=names))
    genes = pd.DataFrame(index=[f"GENE{number}" for number in range(n_genes)])
    anndata.io.write_elem(store, "var", genes)
    anndata.io.write_elem(store, "uns", {"unit": "log2(TPM+1)"})
    x = store.create_array(
        "X", shape=(n_samples, n_genes), chunks=(_CHUNK_ROWS, n_genes), dtype="float32",
        compressors=zarr.codecs.BloscCodec(cname="lz4", clevel=3, shuffle="shuffle"),
    )  # fmt: skip
    x.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
    # Eighths of a log unit: few digits, so that a file of 16 GB takes 4.
    profile = rng.integers(0, 80, (len(_TYPES), n_genes)).astype(np.float32) / 8
    for start in range(0, n_samples, _CHUNK_ROWS):
        rows = slice(start, min(start + _CHUNK_ROWS, n_samples))
        block = profile[kinds[rows]]
        block += rng.integers(0, 16, block.shape, dtype=np.uint8) / np.float32(8)
        x[rows] = block


def prepare_and_train(path: str, n_features: int, n_rows: int, n_epochs: int) -> dict[str, float]:
    """Load, preprocess, fit a PCA, train; seconds of each and rows a second of both trainings."""
    from helpers.cohorts.preprocess import Preprocessor
    from helpers.cohorts.registry import load_cohort
    from helpers.cohorts.splits import split_by_patient
    from helpers.pancan_vae.row_components import fit_components

    clock = _Clock()
    cohort = load_cohort(path)
    clock("load")
    train, _ = split_by_patient(cohort, 0.2)
    scaling = Preprocessor(n_features=n_features).fit(train)
    clock("fit")
    scaled = scaling.transform(cohort)
    rows = scaled.of(cohort.obs_names.isin(train.obs_names))
    clock("transform")
    fit_components(rows, 32)
    clock("pca")
    rate = _train(rows, n_epochs)
    clock("train")
    peak = peak_memory_mb()
    in_memory = np.asarray(rows.of(np.arange(min(n_rows, len(rows)))))
    return clock.seconds | {
        "rows_per_s": rate, "rows_per_s_in_memory": _train(in_memory, n_epochs),
        "peak_memory_mb": peak,
    }  # fmt: skip


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


def row(folder: Path | None, n_samples: int, n_genes: int, n_features: int) -> dict[str, object]:
    """Write the file, go through it in a process of its own, delete it."""
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        path, into = Path(inner) / "big.zarr", Path(inner) / "seconds.json"
        written = measure(write_cohort, path, n_samples, n_genes)
        on_disk = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        measured = measure(report, str(path), n_features, 20_000, 1, str(into))
        found = pd.read_json(into, typ="series").to_dict()
    ratio = found["rows_per_s"] / found["rows_per_s_in_memory"]
    return {
        "samples": n_samples, "genes": n_genes, "features": n_features,
        "matrix_mb": round(n_samples * n_genes * 4 / 1e6), "on_disk_mb": round(on_disk / 1e6),
        "write_seconds": written["seconds"], **found, "ratio": round(ratio, 2),
        "within_limits": found["peak_memory_mb"] <= LIMIT_MB and ratio >= LEAST_RATE,
        "device": hardware()["cpu"], "cores": measured["cores"], "when": now(),
    }  # fmt: skip


def main() -> None:
    """Measure one size and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=200_000)
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--features", type=int, default=5000, help="kept by the preprocessing")
    parser.add_argument("--folder", type=Path, default=None, help="where 20 GB fit")
    given = parser.parse_args()
    table = pd.DataFrame([row(given.folder, given.samples, given.genes, given.features)])
    print(table.T.to_string())


if __name__ == "__main__":
    main()
