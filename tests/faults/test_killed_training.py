"""kill -9 at any moment of a training: the same command goes on, and ends bit for bit the same."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers.models.training import Training, fit
from helpers.models.vae import VAE
from helpers.vqvae_subtyping.argument_groups import Codebook
from helpers.vqvae_subtyping.extractors.vqvae import VQVAE

pytestmark = pytest.mark.kernel

ROOT = Path(__file__).resolve().parents[2]
HOW = Training(6, 16, 1e-2, patience=100, device="cpu", checkpoint_every=1)
TERMS = {
    "vae": {"reconstruction": 1.0, "kl": 1.0},
    "vqvae": {"reconstruction": 1.0, "commitment": 0.25},
}
MOMENTS = ("in the middle of epoch 1", "in the middle of epoch 4", "while it is written", "after")
KILLED = """
import os, signal, sys
from pathlib import Path
from tests.faults import test_killed_training as told
from helpers.models import checkpoints, training

kind, moment, path = sys.argv[1], sys.argv[2], Path(sys.argv[3])
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
model = told.new_model(kind)
if moment.startswith("in the middle"):
    n_steps, terms, seen = 6 * int(moment[-1]) - 3, model.loss_terms, []
    def loss_terms(x):
        seen.append(model.training)
        return die() if sum(seen) == n_steps else terms(x)
    model.loss_terms = loss_terms
else:
    save, written = training.save_checkpoint, []
    def save_half(path, *state):
        written.append(path)
        if len(written) < 3:
            return save(path, *state)
        if moment == "after":
            save(path, *state), die()
        whole = checkpoints.torch.save
        def half(state, part):
            whole(state, part)
            os.truncate(part, os.path.getsize(part) // 2)
            die()
        checkpoints.torch.save = half
        save(path, *state)
    training.save_checkpoint = save_half
told.trained(model, kind, path)
"""


def new_model(kind):
    torch.manual_seed(3)
    if kind == "vae":
        return VAE(10, [16], 4, noise_sd=1.0, dropout=0.1)
    return VQVAE(10, [16], 4, form="multi", codebook=Codebook(4, 2, 0.9), noise_sd=1.0, dropout=0.1)


def trained(model, kind, checkpoint=None):
    x = torch.randn(112, 10, generator=torch.Generator().manual_seed(1))
    given = {"weights": TERMS[kind], "training": HOW, "seed": 5, "checkpoint": checkpoint}
    return fit(model, x[:96], x[96:], **given)


@pytest.fixture(scope="module", params=[*TERMS])
def uninterrupted(request):
    model = new_model(request.param)
    return request.param, model, trained(model, request.param)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_training_ends_bit_for_bit_as_one_that_was_not(uninterrupted, moment, tmp_path):
    kind, whole, history = uninterrupted
    path = tmp_path / "training.pt"
    command = [sys.executable, "-c", KILLED, kind, moment, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    n_left = {"in the middle of epoch 1": 0, "while it is written": 2}.get(moment, 3)
    if n_left:
        assert len({row["epoch"] for row in torch.load(path)["history"]["rows"]}) == n_left
    else:
        assert not path.exists()
    resumed = new_model(kind)
    again = trained(resumed, kind, path)
    assert (again.rows, again.measures) == (history.rows, history.measures)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
