"""Two optimisers in turns: neither moves what belongs to the other, whatever the model."""

import copy
import math
from dataclasses import replace

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, mse_loss

from helpers.models.adversarial_turns import ShuffledMinibatches, Turns, train_in_turns
from helpers.models.training import Training, TrainingDiverged

WEIGHTS = {"kept": 1.0, "discriminator": -0.5}
TRAINING = Training(n_epochs=4, minibatch_size=16, learning_rate=0.01, weight_decay=1e-3)


class Forgetful(torch.nn.Module):
    """A noisy encoder that is to keep one column of its input and to forget another."""

    def __init__(self):
        super().__init__()
        self.encoder, self.discriminator = torch.nn.Linear(2, 2), torch.nn.Linear(2, 1)

    def encode(self, x):
        return self.encoder(x)

    def draw(self, z):
        return z + 0.1 * torch.randn_like(z)

    def guess_loss(self, z, y):
        return binary_cross_entropy_with_logits(self.discriminator(z).squeeze(-1), y)

    def loss_terms(self, x, y):
        z = self.draw(self.encode(x))
        return {"kept": mse_loss(z[:, 0], x[:, 0]), "discriminator": self.guess_loss(z, y)}

    def discriminator_losses(self, x, y):
        with torch.no_grad():
            z = self.encode(x)  # once for all of the judge's steps
        while True:
            yield self.guess_loss(self.draw(z), y)


@pytest.fixture
def data():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(65, 2, generator=generator)
    return x, (x[:, 1] > 0).float()


@pytest.fixture
def model():
    torch.manual_seed(0)
    return Forgetful()


def state(module):
    return copy.deepcopy(module.state_dict())


def same(before, after):
    return all(torch.equal(before[name], after[name]) for name in before)


def alternate(model, data, n_judge_steps, seed):
    """The same training as one plain loop; the terms of each epoch, averaged over samples."""
    torch.manual_seed(seed)
    judging = model.discriminator.parameters()
    judge = torch.optim.Adam(judging, TRAINING.learning_rate, fused=True)
    optimizer = torch.optim.Adam(
        model.encoder.parameters(), TRAINING.learning_rate, weight_decay=1e-3, fused=True
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, TRAINING.n_epochs)
    epochs = []
    for _ in range(TRAINING.n_epochs):
        n, kept, judged = 0, 0.0, 0.0
        for rows in torch.randperm(len(data[0])).split(TRAINING.minibatch_size):
            if len(rows) == 1:
                continue
            x, y = (part[rows] for part in data)
            z = model.encoder(x).detach()
            for _ in range(n_judge_steps):
                judge.zero_grad()
                model.guess_loss(model.draw(z), y).backward()
                judge.step()
            terms = model.loss_terms(x, y)
            optimizer.zero_grad()
            torch.stack([terms["kept"], -0.5 * terms["discriminator"]]).sum().backward()
            optimizer.step()
            n += len(rows)
            kept += terms["kept"].item() * len(rows)
            judged += terms["discriminator"].item() * len(rows)
        schedule.step()
        epochs.append((kept / n, judged / n))
    return epochs


@pytest.mark.parametrize("n_judge_steps", [1, 3])
def test_it_is_a_plain_alternating_loop_bit_for_bit(model, data, n_judge_steps):
    plain = copy.deepcopy(model)
    expected = alternate(plain, data, n_judge_steps, seed=7)
    history = train_in_turns(
        model,
        ShuffledMinibatches(data, 16),
        weights=WEIGHTS,
        training=TRAINING,
        seed=7,
        n_discriminator_steps=n_judge_steps,
    )
    assert same(plain.state_dict(), model.state_dict())
    found = {(row["epoch"], row["term"]): row["train"] for row in history.rows}
    for epoch, (kept, judged) in enumerate(expected, start=1):
        assert (found[epoch, "kept"], found[epoch, "discriminator"]) == (kept, judged)
        assert found[epoch, "total"] == kept - 0.5 * judged
    assert history.best_epoch == history.n_epochs == 4 and not model.training
    assert all(math.isnan(row["validation"]) for row in history.rows)


def fitted(model, data, seed):
    minibatches = ShuffledMinibatches(data, 16)
    train_in_turns(model, minibatches, weights=WEIGHTS, training=TRAINING, seed=seed)
    return state(model)


def test_a_seed_is_its_own_and_none_draws_on(model, data):
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    seeded = fitted(copy.deepcopy(model), data, seed=5)
    assert torch.rand(1) == expected, "random numbers of others go on as they were"
    torch.manual_seed(5)
    assert same(seeded, fitted(copy.deepcopy(model), data, seed=None))
    assert not same(seeded, fitted(copy.deepcopy(model), data, seed=6))


# Two steps


def test_the_discriminators_step_moves_nothing_else(model, data):
    turns = Turns(model, WEIGHTS, TRAINING)
    encoder, judge = state(model.encoder), state(model.discriminator)
    turns.discriminator_steps(data, 1)
    assert same(encoder, model.encoder.state_dict())
    assert not same(judge, model.discriminator.state_dict())
    turns.discriminator_steps(data, 0)


def test_the_autoencoders_step_moves_no_discriminator_and_leaves_it_no_gradient(model, data):
    turns, judge = Turns(model, WEIGHTS, TRAINING), state(model.discriminator)
    encoder = state(model.encoder)
    terms = turns.autoencoder_step(data)
    assert set(terms) == set(WEIGHTS) and not any(term.requires_grad for term in terms.values())
    assert same(judge, model.discriminator.state_dict())
    assert not same(encoder, model.encoder.state_dict())
    assert all(weight.grad is None for weight in model.discriminator.parameters())


def test_the_two_steps_pull_in_opposite_directions(model, data):
    only = {"kept": 0.0, "discriminator": -1.0}
    model.draw = lambda z: z
    for is_judge, sign in ((True, -1), (False, 1)):
        turns = Turns(model, only, TRAINING)
        before = next(model.discriminator_losses(*data)).item()
        if is_judge:
            turns.discriminator_steps(data, 1)
        else:
            turns.autoencoder_step(data)
        assert sign * (next(model.discriminator_losses(*data)).item() - before) > 0


def test_the_autoencoders_learning_rate_ends_at_0_and_the_judges_stays(model, data):
    turns = Turns(model, WEIGHTS, TRAINING)
    for _ in range(TRAINING.n_epochs):
        turns.epoch(ShuffledMinibatches(data, 16), 1)
    assert turns.optimizer.param_groups[0]["lr"] == pytest.approx(0)
    assert turns.judge.param_groups[0]["lr"] == TRAINING.learning_rate


def test_a_model_without_a_judge_takes_the_other_step_only(data):
    class Plain(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.encoder = torch.nn.Linear(2, 1)

        def loss_terms(self, x, y):
            return {"kept": mse_loss(self.encoder(x).squeeze(-1), y)}

    plain = Plain()
    minibatches = ShuffledMinibatches(data, 16)
    history = train_in_turns(plain, minibatches, weights={"kept": 1.0}, training=TRAINING, seed=0)
    values = [row["train"] for row in history.rows if row["term"] == "kept"]
    assert values[-1] < values[0]


def test_bfloat16_multiplies_in_both_steps_and_trains_as_float32(data, model):
    seen = set()
    note = lambda module, given, made: seen.add(made.dtype)  # noqa: E731
    exact, rounded = copy.deepcopy(model), copy.deepcopy(model)
    rounded.encoder.register_forward_hook(note)
    rounded.discriminator.register_forward_hook(note)
    minibatches = ShuffledMinibatches(data, 16)
    for one, precision in ((exact, "float32"), (rounded, "bfloat16")):
        how = replace(TRAINING, precision=precision)
        train_in_turns(one, minibatches, weights=WEIGHTS, training=how, seed=0)
    assert seen == {torch.bfloat16}
    assert {weight.dtype for weight in rounded.state_dict().values()} == {torch.float32}
    for name, weight in exact.state_dict().items():
        torch.testing.assert_close(rounded.state_dict()[name], weight, rtol=0.05, atol=0.05)
    assert not same(exact.state_dict(), rounded.state_dict())


# Errors


def test_a_term_that_is_not_finite_is_named(model, data):
    with pytest.raises(TrainingDiverged, match="`kept` became nan in epoch 1"):
        fitted(model, (data[0] * math.nan, data[1]), seed=0)


def test_weights_must_be_the_terms(model, data):
    with pytest.raises(ValueError, match="must name exactly the model's loss terms"):
        minibatches = ShuffledMinibatches(data, 16)
        train_in_turns(model, minibatches, weights={"kept": 1.0}, training=TRAINING, seed=0)


# Minibatches


def test_each_pass_has_every_row_once_in_a_new_order_without_a_last_one_alone():
    x = torch.arange(65)
    minibatches = ShuffledMinibatches((x, -x), 16)
    first, second = ([torch.cat(part) for part in zip(*minibatches, strict=True)] for _ in "ab")
    assert [len(part) for part, _ in minibatches] == [16, 16, 16, 16]
    assert len(set(first[0].tolist())) == 64
    assert torch.equal(first[0], -first[1]) and not torch.equal(first[0], second[0])
