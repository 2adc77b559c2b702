"""Contenders take turns in processes of their own, and the table says what their times say."""

import sys

import pandas as pd
import pytest
import torch

from tests.benchmarks import speed, tables
from tests.benchmarks.peers import turn_taking
from tests.benchmarks.rnalign import machine

CONTENDER = """
import sys, time
sys.path.insert(0, {folder!r})
from turn_taking import serve

def prepare(seconds):
    print("chatter that is no answer")
    return lambda: time.sleep(float(seconds))

serve(prepare)
"""


@pytest.fixture
def sleeper(tmp_path):
    """A contender that sleeps, by its name and seconds."""
    script = tmp_path / "sleeper.py"
    folder = str(speed.PEER_FOLDER)
    script.write_text(CONTENDER.format(folder=folder))

    def make(name, seconds):
        command = (sys.executable, "-S", str(script), str(seconds))
        return speed.Contender("sleep", name, command, gflop=1.0)

    return make


def test_each_takes_one_turn_a_round_and_chatter_is_no_answer(sleeper):
    some = [sleeper(speed.HERE, 0.01), sleeper("slow", 0.05)]
    turns = speed.take_turns(some, 2)
    assert turns["contender"].tolist() == [speed.HERE, "slow"] * 2
    assert (turns["seconds"] >= [0.01, 0.05] * 2).all()


def test_a_contender_that_ends_says_why(sleeper):
    broken = sleeper("broken", "nonsense")
    with pytest.raises(RuntimeError, match=r"(?s)broken \(sleep\) ended: .*nonsense"):
        speed.take_turns([broken], 1)


def test_ratio_and_share_are_of_the_same_round():
    """The second round met twice the load, which neither the ratio nor the share shows."""
    seconds = {"torch.mm": (1.0, 2.0), speed.HERE: (4.0, 8.0), "peer": (12.0, 24.0)}
    gflop = {"torch.mm": 100.0, speed.HERE: 200.0, "peer": float("nan")}
    turns = pd.DataFrame(
        {
            "task": "limit" if name == "torch.mm" else "task",
            "contender": name,
            "versions": "",
            "round": number,
            "gflop": gflop[name],
            "limit": "limit" if name == speed.HERE else "",
            "seconds": taken,
        }
        for name, both in seconds.items()
        for number, taken in enumerate(both)
    )
    table = speed.summarise(turns).set_index("contender")
    assert table.loc["peer", "ratio"] == 3.0 and table.loc[speed.HERE, "ratio"] == 1.0
    assert table.loc[speed.HERE, "share_of_mm"] == 0.5  # 200 / 4 of 100 / 1
    assert table.loc["torch.mm", "gflop_per_s"] == 66.7  # 100 in 1.5 s
    assert table.loc[speed.HERE, ["seconds_low", "seconds_high"]].tolist() == [5.0, 7.0]


def test_a_table_goes_into_the_book_with_its_machine(sleeper, tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("<!-- table: speed -->\n<!-- end: speed -->\n")
    monkeypatch.setattr(tables, "PUBLISHED", tmp_path)
    monkeypatch.setattr(tables, "PAGE", page)
    table = speed.summarise(speed.take_turns([sleeper(speed.HERE, 0.01)], 2))
    table = table.assign(**machine(torch.device("cpu")), versions="torch 2").assign(threads=1)
    for change in ({"threads": 7}, {"seconds": 9.0}, {}):  # the last replaces the one before it
        tables.publish("speed", table.assign(**change))
    said = page.read_text()
    rows = [line.split(" | ")[2:4] for line in said.splitlines() if "sleep" in line]
    assert [threads for threads, _ in rows] == ["7", "1"]
    assert all(seconds.startswith(f"{table['seconds'][0]:g} (") for _, seconds in rows)
    assert said.count(": median of 2 rounds; ") == 2


def test_an_epoch_costs_three_products_a_weight_but_one_in_the_first_layer(tmp_path):
    """Forward, gradient of weights, gradient of inputs; x itself has no gradient."""
    from tests.benchmarks.contenders import N_LATENT, WIDTHS

    first, second = WIDTHS
    products = 2 * 100 * first + 3 * (first * second + 2 * second * N_LATENT)
    products += 3 * (N_LATENT * second + second * first + first * 100)
    assert speed.gflop_per_epoch(1_000, 100) == pytest.approx(2 * 1_000 * products / 1e9)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("vae", ("samples.npy", "64", "float32")),
        ("plain_loop", ("samples.npy", "64")),
        ("products", ("32", "float32")),
        ("quantizer", ("latents.npy", "8", "64")),
        ("kbet", ("points.npy", "10")),
    ],
)
def test_every_contender_of_ours_can_take_its_turn(name, arguments, tmp_path):
    from tests.benchmarks.contenders import CONTENDERS

    speed.simulate(tmp_path, n_samples=128, n_features=40)
    given = (str(tmp_path / a) if a.endswith(".npy") else a for a in arguments)
    CONTENDERS[name](*given)()


def test_the_protocol_needs_nothing_but_the_standard_library():
    modules = set(sys.stdlib_module_names)
    with open(turn_taking.__file__, encoding="utf-8") as file:
        imported = [line.split()[1] for line in file if line.startswith(("import ", "from "))]
    assert {name.partition(".")[0] for name in imported} <= modules
