"""Peaks wider than memory: `python -m tests.benchmarks.wide_peaks [--samples 200 400 800] …`.

562,709 simulated peaks on 23 chromosomes are written to disk and one pass of the window VAE of the
paper's size (5,000 peaks, 512 hidden, 512 latent) trains on 80 % of the samples and validates on
the rest. To be met: 800 samples within 4 GB on 2 cores, and memory flat as samples grow: the
matrix takes 450 MB per 200 samples, what the pass holds of it is one window. Each step runs in a
process of its own. Appends a row per size to results/benchmarks/wide_peaks.csv.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.coembedding.atac.genome import CHROMOSOME_SIZES
from helpers.coembedding.atac.peak_windows import CHUNK, PeakWindows, write_peaks
from helpers.runs.provenance import hardware, now
from tests.benchmarks.measure import measure

N_PEAKS = 562_709
N_PROGRAMS = 20
LIMIT_MB = 4_000
TABLE = Path("results/benchmarks/wide_peaks.csv")


def peaks(n_peaks: int = N_PEAKS) -> pd.DataFrame:
    """Evenly spread peaks of 501 bp, on chr1 to chr22 and chrX by their sizes."""
    sizes = {name: size for name, size in CHROMOSOME_SIZES.items() if name != "chrY"}
    share = np.cumsum(list(sizes.values())) / sum(sizes.values())
    counts = np.diff(np.rint(share * n_peaks).astype(int), prepend=0)
    tables = [
        pd.DataFrame({"chrom": name, "start": np.linspace(0, size - 600, n).astype(int)})
        for (name, size), n in zip(sizes.items(), counts, strict=True)
    ]
    table = pd.concat(tables, ignore_index=True)
    table["end"] = table["start"] + 501
    return table.set_axis(table.index.astype(str))


def blocks(n_samples: int, n_peaks: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Samples × 5,000 peaks after another: shared programs and noise, float32."""
    rng = np.random.default_rng(seed)
    activity = rng.standard_normal((n_samples, N_PROGRAMS), dtype=np.float32)
    for start in range(0, n_peaks, CHUNK[1]):
        n = min(CHUNK[1], n_peaks - start)
        loadings = rng.standard_normal((N_PROGRAMS, n), dtype=np.float32) / N_PROGRAMS**0.5
        noise = rng.standard_normal((n_samples, n), dtype=np.float32)
        yield activity @ loadings + noise


def write(path: str, n_samples: int, n_peaks: int) -> None:
    """Simulate and write a store."""
    obs = pd.DataFrame(index=[f"S{number:04d}" for number in range(n_samples)])
    write_peaks(blocks(n_samples, n_peaks), path, obs, peaks(n_peaks))


def train(path: str, n_hidden: int) -> None:
    """Standardise on the training samples and train one pass of the window VAE."""
    import torch

    from helpers.coembedding.atac.peak_vae import WindowVAE
    from helpers.coembedding.atac.window_training import fit_window_vae
    from helpers.models.training import Training

    windows = PeakWindows(path)
    n_train = int(0.8 * windows.n_samples)
    windows.standardise(np.arange(n_train))
    torch.manual_seed(0)
    fit_window_vae(
        WindowVAE(windows.window, n_hidden=n_hidden, n_latent=n_hidden),
        train=windows.of(np.arange(n_train)),
        validation=windows.of(np.arange(n_train, windows.n_samples), still=True),
        weights={"reconstruction": 1.0, "kl": 1.0},
        training=Training(1, 128, 1e-3, device="cpu"),
        seed=0,
    )


def row(folder: Path, n_samples: int, n_peaks: int, n_hidden: int) -> dict[str, object]:
    """Write and train at one size; the store is deleted afterwards."""
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        path = str(Path(inner) / "peaks.zarr")
        written = measure(write, path, n_samples, n_peaks)
        on_disk = sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())
        trained = measure(train, path, n_hidden)
    return {
        "n_samples": n_samples, "n_peaks": n_peaks, "n_hidden": n_hidden,
        "matrix_mb": round(n_samples * n_peaks * 4 / 1e6), "on_disk_mb": round(on_disk / 1e6),
        "write_seconds": written["seconds"], "write_memory_mb": written["peak_memory_mb"],
        "seconds_per_pass": trained["seconds"], "peak_memory_mb": trained["peak_memory_mb"],
        "within_limit": trained["peak_memory_mb"] <= LIMIT_MB,
        "device": hardware()["cpu"], "cores": trained["cores"], "when": now(),
    }  # fmt: skip


def main() -> None:
    """Measure every size, print, and append to the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, nargs="+", default=[200, 400, 800])
    parser.add_argument("--peaks", type=int, default=N_PEAKS)
    parser.add_argument("--hidden", type=int, default=512, help="width and latent of the VAE")
    parser.add_argument("--folder", type=Path, default=None, help="where stores of 2 GB fit")
    given = parser.parse_args()
    table = pd.DataFrame([row(given.folder, n, given.peaks, given.hidden) for n in given.samples])
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLE, mode="a", header=not TABLE.exists(), index=False)
    print(table.T.to_string())


if __name__ == "__main__":
    main()
