"""This project beside its peers and the machine's limit: `python -m tests.benchmarks.speed`.

Every contender is a process of its own, a peer in an environment of its own with its published
package. In each round each takes one turn, so that all meet the same load; a row of the table is
the median over rounds, with the spread, and the median over rounds of its ratio to this project's.
Writes results/benchmarks/speed.csv; `--publish` puts the rows of this device into
book/published/benchmarks/speed.csv and book/benchmarks.md too.

Tasks: an epoch of a VAE of 5000-512-256-32 on 10,000 samples with minibatches of 128 and 512
(pythae's VAE with these layers, scvi-tools' SCVI with two of 512, the plain DataLoader loop);
chapter 3's quantiser (vector-quantize-pytorch); chapter 4's kBET (scib-metrics).
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode

from helpers.models.losses import weighted_sum
from helpers.models.training import choose_device
from tests.benchmarks.contenders import N_PRODUCTS, WEIGHTS, new_vae
from tests.benchmarks.peer_environments import ROOT, peer_python
from tests.benchmarks.rnalign import MM_SIZE, machine
from tests.benchmarks.tables import publish

PEER_FOLDER = Path(__file__).parent / "peers"
N_SAMPLES, N_FEATURES = 10_000, 5_000
MINIBATCHES = (128, 512)
N_POSITIONS, N_CODES, CODE_DIM = 16, 64, 8
N_POINTS, N_DIMENSIONS, N_NEIGHBOURS = 8_000, 64, 50
HERE = "this project"
TABLE = ROOT / "results" / "benchmarks" / "speed.csv"


@dataclass(frozen=True)
class Contender:
    """`task`: what is timed; `name`: who does it; `command`: the process that takes the turns.

    `limit`: who else's turns hold the matrix products of this precision, for the share of
    `torch.mm`'s rate; `gflop` that one turn takes, NaN where it was not counted.
    """

    task: str
    name: str
    command: tuple[str, ...]
    gflop: float = float("nan")
    limit: str = ""


def simulate(folder: Path, n_samples: int, n_features: int, seed: int = 0) -> None:
    """Counts of a few programs, the same samples standardised, latents and points, as .npy."""
    rng = np.random.default_rng(seed)
    programs = rng.normal(size=(n_samples, 20)) @ rng.normal(size=(20, n_features)) * 0.2
    counts = rng.poisson(np.exp(programs + rng.normal(1, 1, n_features))).astype(np.float32)
    x = np.log1p(counts)
    x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-6)
    np.save(folder / "counts.npy", counts)
    np.save(folder / "samples.npy", x.astype(np.float32))
    latents = rng.normal(size=(n_samples, N_POSITIONS, CODE_DIM))
    np.save(folder / "latents.npy", latents.astype(np.float32))
    points = rng.normal(size=(min(N_POINTS, n_samples), N_DIMENSIONS))
    points[: len(points) // 2, 0] += 1.0
    np.save(folder / "points.npy", points.astype(np.float32))


def gflop_per_epoch(n_samples: int, n_features: int) -> float:
    """10⁹ multiplications and additions of the matrix products of an epoch: forward, backward."""
    model = new_vae(n_features)
    rows = torch.randn(64, n_features)
    with FlopCounterMode(display=False) as counter:
        weighted_sum(model.loss_terms(rows), WEIGHTS).backward()
    return counter.get_total_flops() / 1e9 * n_samples / len(rows)


def contenders(folder: Path, n_samples: int, n_features: int) -> list[Contender]:
    """All of them, those of one task beside each other, this project's first."""
    found = []
    for precision in ("float32", "bfloat16"):
        size = MM_SIZE[choose_device().type]
        found.append(
            Contender(
                f"products in {precision}",
                "torch.mm",
                _ours("products", size, precision),
                2 * size**3 * N_PRODUCTS / 1e9,
            )
        )
    for size in MINIBATCHES:
        found += _vae_contenders(folder, size, gflop_per_epoch(n_samples, n_features))
    latents, points = folder / "latents.npy", folder / "points.npy"
    quantizing, testing = "vector quantisation", "kBET"
    found += [
        Contender(quantizing, HERE, _ours("quantizer", latents, N_CODES, 256)),
        _peer(quantizing, "vector-quantize-pytorch", "quantizer.py", latents, N_CODES, 256),
        Contender(testing, HERE, _ours("kbet", points, N_NEIGHBOURS)),
        _peer(testing, "scib-metrics", "kbet.py", points, N_NEIGHBOURS),
    ]
    return found


def _vae_contenders(folder: Path, size: int, gflop: float) -> list[Contender]:
    task = f"VAE, minibatch {size}"
    x, counts, single = folder / "samples.npy", folder / "counts.npy", "products in float32"
    return [
        Contender(task, HERE, _ours("vae", x, size, "float32"), gflop, single),
        Contender(
            task,
            f"{HERE}, bfloat16",
            _ours("vae", x, size, "bfloat16"),
            gflop,
            "products in bfloat16",
        ),
        Contender(task, "DataLoader loop", _ours("plain_loop", x, size), gflop, single),
        _peer(task, "pythae", "pythae_vae.py", x, size, folder, gflop=gflop, limit=single),
        _peer(task, "scvi-tools", "scvi_model.py", counts, size, folder),
    ]


def _ours(*arguments: object) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.benchmarks.contenders", *map(str, arguments))


def _peer(
    task: str, package: str, script: str, *arguments: object, gflop: float = float("nan"),
    limit: str = "",
) -> Contender:  # fmt: skip
    command = (str(peer_python(package)), str(PEER_FOLDER / script), *map(str, arguments))
    return Contender(task, package, command, gflop, limit)


class Process:
    """A contender's process, ready for its turns."""

    def __init__(self, contender: Contender) -> None:
        """Start it and wait until it is ready.

        Raises: RuntimeError with the end of what it said when it does not get there.
        """
        self.contender = contender
        self.said = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            contender.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.said,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} if _is_ours(contender) else None,
        )
        self.versions = self._answer()["versions"]

    def take_turn(self) -> dict[str, float]:
        """Seconds of one turn, of the clock and of the cores."""
        self.process.stdin.write("turn\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End it."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=60)
        self.said.close()

    def _answer(self) -> dict:
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.process.wait()
        self.said.seek(0)
        end = "\n".join(self.said.read().strip().splitlines()[-5:])
        raise RuntimeError(f"{self.contender.name} ({self.contender.task}) ended: {end}")


def _is_ours(contender: Contender) -> bool:
    return contender.command[0] == sys.executable


def take_turns(some: Sequence[Contender], n_rounds: int) -> pd.DataFrame:
    """One row a contender and round: task, name, versions, seconds, core_seconds."""
    processes = []
    try:
        for contender in some:
            processes.append(Process(contender))
            print(f"ready: {contender.task}, {contender.name}", file=sys.stderr, flush=True)
        rows = [
            {
                "task": process.contender.task,
                "contender": process.contender.name,
                "versions": ", ".join(f"{k} {v}" for k, v in process.versions.items()),
                "round": number,
                "gflop": process.contender.gflop,
                "limit": process.contender.limit,
                **process.take_turn(),
            }
            for number in range(n_rounds)
            for process in processes
        ]
    finally:
        for process in processes:
            process.close()
    return pd.DataFrame(rows)


def summarise(turns: pd.DataFrame) -> pd.DataFrame:
    """A row a task and contender: median and quartiles of seconds, ratio, share of `torch.mm`.

    ratio: seconds over this project's (float32) in the same round, median over rounds: above 1 is
    slower. share_of_mm: GFLOP a second over what `torch.mm` reached in the same round, median.
    """
    times = turns.pivot_table(index="round", columns=["task", "contender"], values="seconds")
    order = turns.drop_duplicates(["task", "contender"])
    rates = {
        row.task: row.gflop / times[row.task, row.contender]
        for row in order.itertuples()
        if row.contender == "torch.mm"
    }
    rows = []
    for row in order.itertuples():
        seconds = times[row.task, row.contender]
        ours = times.get((row.task, HERE))
        share = row.gflop / seconds / rates[row.limit] if row.limit else None
        rate = row.gflop / seconds.median()
        rows.append(
            {
                "task": row.task,
                "contender": row.contender,
                "seconds": round(seconds.median(), 3),
                "seconds_low": round(seconds.quantile(0.25), 3),
                "seconds_high": round(seconds.quantile(0.75), 3),
                "ratio": np.nan if ours is None else round((seconds / ours).median(), 2),
                "gflop_per_s": round(rate, 1),
                "share_of_mm": np.nan if share is None else round(share.median(), 2),
                "n_rounds": len(seconds),
                "versions": row.versions,
            }
        )
    return pd.DataFrame(rows)


def main() -> None:
    """Measure, print, keep; with `--publish` in the book."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="turns of each contender")
    parser.add_argument("--publish", action="store_true", help="write the book's table too")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulate(folder, N_SAMPLES, N_FEATURES)
        turns = take_turns(contenders(folder, N_SAMPLES, N_FEATURES), given.rounds)
    device = choose_device()
    table = summarise(turns).assign(**machine(device))
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLE, mode="a", header=not TABLE.exists(), index=False)
    print(table.to_string())
    if given.publish:
        publish("speed", table)


if __name__ == "__main__":
    main()
