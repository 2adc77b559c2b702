"""Training RNAlign at the size of the paper: `python -m tests.benchmarks.rnalign [--epochs N]`.

12,236 tumours and 1,249 lines, simulated, × 3,000 genes, 33 cancer types; the chapter's network and
one of the paper's size (it gives one to three layers and minibatches of 32 to 256, no widths).
`gradient` off, norm and log_norm take turns, epoch by epoch, with `torch.mm`, so that all meet the
same load; of each the fastest of N epochs counts. Core seconds (all cores of this process) hardly
depend on what else runs. The epochs are those of `fit`: on CUDA its step is a CUDA graph. Appends
to results/benchmarks/rnalign.csv; `--publish` puts the rows of this device into
book/published/benchmarks/rnalign.csv and book/benchmarks.md too.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch.utils.flop_counter import FlopCounterMode, mm_flop

from helpers.models.training import Trainer, Training, choose_device
from helpers.rnalign.argument_groups import Network
from helpers.rnalign.model import RNAlign
from helpers.runs.provenance import git_state, hardware, now, versions
from tests.benchmarks import celligner
from tests.benchmarks.measure import measure
from tests.benchmarks.tables import publish

NETWORKS = {
    "chapter": {"n_hidden": [128], "n_latent": 32, "minibatch_size": 256},
    "paper": {"n_hidden": [512, 256], "n_latent": 64, "minibatch_size": 128},
}
GRADIENTS = ("off", "norm", "log_norm")
WEIGHTS = {"reconstruction": 1.0, "kl": 0.1, "distance_correlation": 900.0}
GRADIENT_WEIGHT = 0.01  # of "norm": small, for it diverges
N_PAPER_EPOCHS = 1_000
MM_SIZE = {"cpu": 2048, "cuda": 8192}
TABLE = Path("results/benchmarks/rnalign.csv")


def addmm_in_place_flop(_: object, first: object, second: object, **options: object) -> int:
    """Operations of `addmm_`; torch's counter knows `addmm` alone."""
    return mm_flop(first, second, **options)


# torch's counter takes what has a `_get_raw` as it is: arguments are tensors, not shapes.
addmm_in_place_flop._get_raw = True
IN_PLACE = {torch.ops.aten.addmm_: addmm_in_place_flop}


def simulate(n_genes: int = celligner.N_GENES, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Standardised x (sample × gene) and labels (sample × label): type, tumour, line, purity."""
    x, is_line = celligner.simulate(n_genes, seed)
    x -= x.mean(axis=0)
    x /= x.std(axis=0)
    rng = np.random.default_rng(seed)
    kind = np.eye(celligner.N_TYPES)[rng.integers(0, celligner.N_TYPES, len(x))]
    purity = np.where(is_line, 1.0, rng.beta(4, 2, len(x)))
    labels = np.column_stack([kind, ~is_line, is_line, purity]).astype(np.float32)
    return torch.from_numpy(x), torch.from_numpy(labels)


def new_trainer(data, network: str, gradient: str, device: torch.device) -> Trainer:
    """What `fit` makes of `data` on `device`, ready for `run_epoch`."""
    settings = dict(NETWORKS[network])
    minibatch_size = settings.pop("minibatch_size")
    torch.manual_seed(0)
    layers = Network(
        **settings, dropout=0.2, noise_sd=1.0, sampling_sd=1.0, gradient=gradient,
        encoder_sees_labels=True,
    )  # fmt: skip
    model = RNAlign(data[0].shape[1], data[1].shape[1], layers).to(device)
    weights = WEIGHTS if gradient == "off" else WEIGHTS | {"label_gradient": GRADIENT_WEIGHT}
    training = Training(10**6, minibatch_size, 1e-4, weight_decay=1e-5, keep="last")
    on_device = tuple(part.to(device) for part in data)
    return Trainer(model, on_device, None, weights=weights, training=training)


def gflop_per_epoch(trainer: Trainer) -> float:
    """10⁹ multiplications and additions of the matrix products of an epoch, as they are executed.

    Forward, backward and what L_grad adds; an element-wise operation counts nothing. All products
    are linear in the rows, so one step tells. Trains that step.
    """
    rows = torch.arange(trainer.training.minibatch_size, device=trainer.device)
    trainer.model.train()
    trainer.step.start_epoch(trainer.weights_at(1), trainer.training.learning_rate)
    with FlopCounterMode(display=False, custom_mapping=IN_PLACE) as counter:
        trainer.step(rows)
    return counter.get_total_flops() / 1e9 * len(trainer.train) / len(rows)


def timed(function, device: torch.device) -> np.ndarray:
    """Seconds of one call: of the clock, and of all cores of this process (NaN on a GPU)."""
    _synchronize(device)
    clock, cores = time.perf_counter(), time.process_time()
    function()
    _synchronize(device)
    of_cores = time.process_time() - cores if device.type == "cpu" else np.nan
    return np.array([time.perf_counter() - clock, of_cores])


def _synchronize(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def time_in_turns(trainers: dict[str, Trainer], n_epochs: int) -> dict[str, np.ndarray]:
    """Fastest of `n_epochs` epochs of each, and of `torch.mm` between them under the key "mm"."""
    device = next(iter(trainers.values())).device
    square = torch.randn(MM_SIZE[device.type], MM_SIZE[device.type], device=device)
    best = dict.fromkeys((*trainers, "mm"), np.array([np.inf, np.inf]))
    for epoch in range(1, n_epochs + 1):
        for name, trainer in trainers.items():
            seconds = timed(lambda t=trainer, e=epoch: t.run_epoch(e), device)
            best[name] = np.minimum(best[name], seconds)
            for _ in range(5):
                best["mm"] = np.minimum(best["mm"], timed(lambda: square @ square, device))
    return best


def one_epoch(network: str, gradient: str, device: str) -> None:
    """Simulate and train one epoch, for `measure`."""
    new_trainer(simulate(), network, gradient, torch.device(device)).run_epoch(1)


def rows_of(network: str, data, n_epochs: int, device: torch.device) -> list[dict[str, object]]:
    """One row a gradient: times, ratio to "off", multiplications, share of `torch.mm`'s rate.

    `gpu_memory_mb`: at most, of all gradients together.
    """
    is_cuda = device.type == "cuda"
    trainers = {name: new_trainer(data, network, name, device) for name in GRADIENTS}
    gflop = {name: gflop_per_epoch(trainer) for name, trainer in trainers.items()}
    best = time_in_turns(trainers, n_epochs)
    gpu_memory = round(torch.cuda.max_memory_allocated(device) / 2**20) if is_cuda else np.nan
    mm_rate = 2 * MM_SIZE[device.type] ** 3 / 1e9 / best["mm"]
    return [
        {"network": network, "gradient": name, "gpu_memory_mb": gpu_memory,
         "seconds_per_epoch": round(best[name][0], 3),
         "core_seconds_per_epoch": round(best[name][1], 3),
         "minutes_per_1000_epochs": round(best[name][0] * N_PAPER_EPOCHS / 60, 1),
         "ratio_to_off": round(best[name][0] / best["off"][0], 2),
         "core_ratio_to_off": round(best[name][1] / best["off"][1], 2),
         "gflop_per_epoch": round(gflop[name], 1),
         "gflop_second_order": round(gflop[name] - gflop["off"], 1),
         "mm_gflop_per_s": round(mm_rate[0], 1),
         "mm_gflop_per_core_s": round(mm_rate[1], 1),
         "share_of_mm": round(gflop[name] / best[name][0] / mm_rate[0], 3),
         "share_of_mm_per_core": round(gflop[name] / best[name][1] / mm_rate[1], 3)}
        for name in GRADIENTS
    ]  # fmt: skip


def machine(device: torch.device) -> dict[str, object]:
    """Where, when, with what and from which commit; `dirty`: with changes not committed."""
    state, found = git_state(Path(__file__).resolve().parents[2]), versions()
    facts, is_cuda = hardware(), device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if is_cuda else facts["cpu"],
        "cores": facts["cores"], "threads": torch.get_num_threads(), "date": now(),
        "commit": (state["git_commit"] or "")[:12], "dirty": state["git_dirty"],
        "python": found["python"], "torch": found["torch"],
    }  # fmt: skip


def main() -> None:
    """Measure every network, print, and append to the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", type=int, default=3, help="timed epochs of each variant")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--publish", action="store_true", help="write the book's table too")
    given = parser.parse_args()
    device = choose_device(given.device)
    data, rows = simulate(), []
    for network in NETWORKS:
        peak = measure(one_epoch, network, "log_norm", str(device))["peak_memory_mb"]
        common = {"peak_memory_mb": peak, "n_epochs": given.epochs} | machine(device)
        rows += [row | common for row in rows_of(network, data, given.epochs, device)]
    table = pd.DataFrame(rows)
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLE, mode="a", header=not TABLE.exists(), index=False)
    print(table.T.to_string())
    if given.publish:
        publish("rnalign", table)


if __name__ == "__main__":
    main()
