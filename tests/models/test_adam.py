"""Adam: torch's own to the bit, whatever state it takes up; and no compiler is imported."""

import copy
import subprocess
import sys

import pytest
import torch

from helpers.models.adam import FusedAdam

X = torch.randn(16, 6, generator=torch.Generator().manual_seed(1))


def network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.ReLU(), torch.nn.Linear(5, 6))


def torchs(model, weight_decay=0.0):
    return torch.optim.Adam(model.parameters(), 1e-2, weight_decay=weight_decay, fused=True)


def own(model, weight_decay=0.0):
    return FusedAdam(model.parameters(), 1e-2, weight_decay=weight_decay)


def steps(model, optimizer, n_steps):
    for _ in range(n_steps):
        optimizer.zero_grad()
        (model(X) - X).square().mean().backward()
        optimizer.step()


def same(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("rate", [1e-2, torch.tensor(1e-2)])
def test_steps_are_torchs_to_the_bit(weight_decay, rate):
    a, b = network(), network()
    for model, make in ((a, own), (b, torchs)):
        optimizer = make(model, weight_decay)
        steps(model, optimizer, 5)
        optimizer.param_groups[0]["lr"] = rate / 10  # as the trainer lowers it, or as a recording
        steps(model, optimizer, 5)
    assert same(a, b) and not same(a, network())


@pytest.mark.parametrize(("first", "second"), [(own, torchs), (torchs, own), (own, own)])
def test_either_takes_up_the_others_state(first, second, tmp_path):
    whole, parts = network(), network()
    steps(whole, torchs(whole), 7)
    before = first(parts)
    steps(parts, before, 4)
    torch.save(before.state_dict(), tmp_path / "state.pt")
    after = second(parts)
    steps(copy.deepcopy(parts), second(network()), 1)  # another one's state is its own
    after.load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))
    steps(parts, after, 3)
    assert same(whole, parts)
    assert {float(state["step"]) for state in after.state.values()} == {7.0}


def test_a_state_taken_up_in_mid_training_replaces_the_gathered_one():
    whole, again = network(), network()
    optimizer = own(again)
    steps(again, optimizer, 3)
    saved = copy.deepcopy((again.state_dict(), optimizer.state_dict()))
    steps(again, optimizer, 4)
    again.load_state_dict(saved[0])
    optimizer.load_state_dict(saved[1])
    steps(again, optimizer, 2)
    steps(whole, torchs(whole), 5)
    assert same(whole, again)


def test_weights_without_a_gradient_stay_and_are_counted_for_themselves():
    """The first layer has no gradient in every second step: its own count goes on from there."""
    a, b = network(), network()
    for model, make in ((a, own), (b, torchs)):
        optimizer = make(model)
        for number in range(6):
            optimizer.zero_grad()
            model(X).sum().backward()
            if number % 2:
                model[0].weight.grad = None
            optimizer.step()
        assert float(optimizer.state[model[0].weight]["step"]) == 3
        assert float(optimizer.state[model[2].weight]["step"]) == 6
    assert same(a, b)


def test_groups_have_their_own_rates():
    a, b = network(), network()
    for model, make in ((a, FusedAdam), (b, torch.optim.Adam)):
        groups = [
            {"params": [*model[0].parameters()], "lr": 0.1},
            {"params": [*model[2].parameters()]},
        ]
        steps(model, make(groups, 1e-2), 4)
    for p, q in zip(a.parameters(), b.parameters(), strict=True):
        torch.testing.assert_close(p, q)


def test_what_it_cannot_do_is_refused():
    model = network()
    with pytest.raises(ValueError, match="`set_to_none` must be True"):
        own(model).zero_grad(set_to_none=False)
    model[0].double()
    optimizer = own(model)
    for weight in model.parameters():
        weight.grad = torch.ones_like(weight)
    with pytest.raises(ValueError, match=r"of one type; got \['torch.float32', 'torch.float64'\]"):
        optimizer.step()


TRAININGS = """
import sys, torch
from helpers.models.adversarial_turns import ShuffledMinibatches, train_in_turns
from helpers.models.training import Training, fit
from helpers.models.vae import VAE
x, weights = torch.randn(20, 6), {"reconstruction": 1.0, "kl": 1.0}
how = Training(2, 8, 1e-3, device="cpu", checkpoint_every=1)
for n_epochs in (2, 3):
    how = Training(n_epochs, 8, 1e-3, device="cpu", checkpoint_every=1)
    fit(VAE(6, [4], 2, noise_sd=1.0, dropout=0.1), x, x, weights=weights, training=how, seed=0,
        checkpoint=sys.argv[1])
train_in_turns(VAE(6, [4], 2, noise_sd=1.0, dropout=0.1), ShuffledMinibatches((x,), 8),
               weights=weights, training=how, seed=0)
assert "torch._dynamo" not in sys.modules
"""


def test_training_imports_no_compiler(tmp_path):
    """Neither trainer, nor a checkpoint: 1.3 s in every process that trains."""
    command = [sys.executable, "-c", TRAININGS, str(tmp_path / "c.pt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_closure_is_asked_for_its_loss():
    model = network()
    optimizer = own(model)

    def closure():
        optimizer.zero_grad()
        loss = model(X).square().mean()
        loss.backward()
        return loss

    before = model[0].weight.detach().clone()
    assert optimizer.step(closure) > 0 and not torch.equal(before, model[0].weight)
