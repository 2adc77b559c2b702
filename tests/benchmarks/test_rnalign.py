"""The benchmark counts what it says, and its page shows what was measured."""

import pytest
import torch

from tests.benchmarks import rnalign
from tests.benchmarks.tables import COLUMNS, PAGE, with_tables

CPU = torch.device("cpu")


@pytest.fixture
def data(monkeypatch):
    monkeypatch.setitem(
        rnalign.NETWORKS, "small", {"n_hidden": [16], "n_latent": 4, "minibatch_size": 32}
    )
    monkeypatch.setitem(rnalign.MM_SIZE, "cpu", 64)
    generator = torch.Generator().manual_seed(0)
    return torch.randn(100, 50, generator=generator), torch.rand(100, 5, generator=generator)


def test_multiplications_without_l_grad_are_those_counted_by_hand(data):
    """Forward once; backward twice, less the gradients of x and labels, which nobody asks for."""
    sizes = [(55, 16), (16, 4), (16, 4), (9, 16)]  # the labels beside x, and beside z
    products = 3 * sum(n * m for n, m in sizes) - 55 * 16 - 5 * 16
    # L_cor: distances of 32 rows by their products, of z, led back, and of the labels.
    products += 32 * (2 * 4 + 5)
    # The last layer by `linear_residual`, a step of 32 rows: x W and Wᵀ W, used and led back.
    products += (2 * 50 * 16 * (32 + 16) + 2 * 32 * 16 * 16) / 32
    gflop = rnalign.gflop_per_epoch(rnalign.new_trainer(data, "small", "off", CPU))
    assert gflop == pytest.approx(2 * 100 * products / 1e9)


def test_l_grad_costs_multiplications_of_its_own(data):
    rows = {row["gradient"]: row for row in rnalign.rows_of("small", data, 1, CPU)}
    gflop = {
        name: rnalign.gflop_per_epoch(rnalign.new_trainer(data, "small", name, CPU))
        for name in rows
    }
    assert gflop["norm"] == gflop["log_norm"] > 1.1 * gflop["off"]
    assert rows["off"]["ratio_to_off"] == 1 and rows["off"]["gflop_second_order"] == 0
    assert all(row["seconds_per_epoch"] > 0 for row in rows.values())


def test_the_page_shows_the_published_numbers():
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- table: {name} -->" in page for name in COLUMNS)
    assert with_tables(page) == page
