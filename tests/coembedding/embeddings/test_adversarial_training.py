"""Matched minibatches and the two steps in turns: neither moves what belongs to the other."""

import copy
import math

import numpy as np
import pytest
import torch

from helpers.coembedding.embeddings.adversarial_training import (
    MatchedMinibatches,
    Turns,
    train_in_turns,
    two_modalities,
)
from helpers.coembedding.embeddings.coembedding_model import Coembedding
from helpers.models.training import TrainingDiverged

WEIGHTS = {
    "rna_reconstruction": 1.0, "atac_reconstruction": 1.0, "rna_kl": 0.1, "atac_kl": 0.1,
    "cycle": 1.0, "match": 1.0, "pair": 1.0, "discriminator": -1.0,
}  # fmt: skip


def model():
    torch.manual_seed(0)
    return Coembedding(
        4, 3, 3, n_hidden=[8], n_latent=2, kind="adversarial", dropout=0.0, linear_skip=False,
        tell_label=True,
    )  # fmt: skip


def data(n_rna=30, n_atac=12, **changes):
    rng = np.random.default_rng(0)
    rna = rng.standard_normal((n_rna, 4))
    rna[:, 0] = np.arange(n_rna)  # a column that names the row
    atac = rng.standard_normal((n_atac, 3))
    atac[:, 0] = np.arange(n_atac)
    labels = [["a", "b", "c"][i % 3] for i in range(max(n_rna, n_atac))]
    given = {"rna_labels": labels[:n_rna], "atac_labels": labels[:n_atac]} | changes
    return two_modalities(given.pop("rna", rna), given.pop("atac", atac), **given)


def state(module):
    return copy.deepcopy(module.state_dict())


def same(before, after):
    return all(torch.equal(before[name], after[name]) for name in before)


# Two steps


def test_the_discriminators_step_touches_no_encoder_and_no_decoder():
    trained = model()
    turns = Turns(trained, WEIGHTS, n_epochs=5, learning_rate=0.01)
    batch = next(iter(MatchedMinibatches(data(), 12)))
    rna, atac, judge = state(trained.rna), state(trained.atac), state(trained.discriminator)
    turns.discriminator_step(batch)
    assert same(rna, trained.rna.state_dict()) and same(atac, trained.atac.state_dict())
    assert not same(judge, trained.discriminator.state_dict())


def test_the_autoencoders_step_touches_no_discriminator():
    trained = model()
    turns = Turns(trained, WEIGHTS, n_epochs=5, learning_rate=0.01)
    batch = next(iter(MatchedMinibatches(data(), 12)))
    rna, atac, judge = state(trained.rna), state(trained.atac), state(trained.discriminator)
    turns.autoencoder_step(batch)
    assert same(judge, trained.discriminator.state_dict())
    assert not same(rna, trained.rna.state_dict()) and not same(atac, trained.atac.state_dict())
    assert all(weight.grad is None for weight in trained.discriminator.parameters())


def test_the_two_steps_pull_in_opposite_directions():
    batch = next(iter(MatchedMinibatches(data(), 12)))
    only = dict.fromkeys(WEIGHTS, 0.0) | {"discriminator": -1.0}
    for step, sign in (("discriminator_step", -1), ("autoencoder_step", 1)):
        trained = model().eval()
        turns = Turns(trained, only, n_epochs=5, learning_rate=1e-3)
        before = trained.discriminator_loss(*batch).item()
        getattr(turns, step)(batch)
        assert sign * (trained.discriminator_loss(*batch).item() - before) > 0


def test_the_discriminator_takes_the_steps_it_is_given(monkeypatch):
    trained, steps = model(), []
    turns = Turns(trained, WEIGHTS, n_epochs=5, learning_rate=0.01)
    monkeypatch.setattr(turns, "discriminator_step", steps.append)
    turns.epoch(MatchedMinibatches(data(), 6), n_discriminator_steps=3)
    assert len(steps) == 2 * 3


def test_the_learning_rate_falls_to_nothing():
    turns = Turns(model(), WEIGHTS, n_epochs=4, learning_rate=0.01)
    for _ in range(4):
        turns.epoch(MatchedMinibatches(data(), 6), n_discriminator_steps=1)
    assert turns.optimizer.param_groups[0]["lr"] == pytest.approx(0, abs=1e-12)


# Minibatches


def test_an_epoch_is_every_atac_row_once_beside_rna_of_its_label():
    seen = [batch for _ in range(3) for batch in MatchedMinibatches(data(), 5)]
    rows = torch.cat([atac[:, 0] for _, atac, *_ in seen])
    assert sorted(rows.tolist()) == sorted(3 * list(range(12)))
    assert all(torch.equal(r, a) for _, _, r, a, *_ in seen)
    assert len(torch.cat([rna[:, 0] for rna, *_ in seen]).unique()) > 12


def test_matches_are_drawn_evenly_from_what_is_given():
    matches = [(row, rna) for row in range(12) for rna in (row, row + 12, 29)]
    minibatches = MatchedMinibatches(data(matches=matches[::-1]), 12)
    drawn = {row: [] for row in range(12)}
    for _ in range(200):
        for rna, atac, *_ in minibatches:
            for r, a in zip(rna[:, 0].tolist(), atac[:, 0].tolist(), strict=True):
                drawn[int(a)].append(int(r))
    for row, rows in drawn.items():
        assert set(rows) == {row, row + 12, 29}
        assert min(rows.count(value) for value in set(rows)) > 35


def test_pairs_stay_with_their_row_and_the_others_do_not_count():
    minibatches = MatchedMinibatches(data(pairs=[(3, 7), (5, 0)]), 12)
    ((_, atac, _, _, own, is_paired),) = list(minibatches)
    rows = zip(atac[:, 0], own[:, 0], is_paired, strict=True)
    found = {int(a): int(o) for a, o, is_one in rows if is_one}
    assert found == {3: 7, 5: 0}


def test_a_last_minibatch_of_one_is_left_out():
    assert [len(batch[0]) for batch in MatchedMinibatches(data(), 11)] == [11]


# Errors


def test_an_atac_sample_without_a_match_is_refused():
    labels = ["a", "b", "c"] * 3 + ["GBM"] * 3
    with pytest.raises(ValueError, match="3 have none, the first in row 9"):
        MatchedMinibatches(data(atac_labels=labels), 4)


def test_an_empty_modality_is_refused():
    with pytest.raises(ValueError, match="`atac` must have at least 2 samples; it has 0"):
        MatchedMinibatches(data(n_atac=0), 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rna": np.full((30, 4), np.nan)}, "`rna` must hold numbers only"),
        ({"atac": np.ones((11, 3))}, "`atac_labels` must have one entry per sample"),
        ({"atac": np.ones(12)}, "`atac_labels` must have one entry per sample"),
        ({"matches": [(0, 30)]}, "`matches` must hold .ATAC row, RNA row. within 12 and 30"),
        ({"pairs": [(-1, 0)]}, "`pairs` must hold"),
        ({"pairs": [(0, 1), (0, 2)]}, "each ATAC row once"),
    ],
)
def test_bad_input_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        data(**changes)


def test_divergence_names_the_term_and_the_epoch():
    settings = {"n_epochs": 3, "minibatch_size": 6, "learning_rate": 0.01, "seed": 0}
    broken = model()
    broken.atac.output.weight.data.fill_(math.inf)
    with pytest.raises(TrainingDiverged, match=r"`atac_reconstruction` became .* in epoch 1"):
        train_in_turns(broken, data(), weights=WEIGHTS, **settings)
