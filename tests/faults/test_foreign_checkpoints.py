"""Checkpoints that are cut, flipped, of another model or version, or hold code: refused in a line.

None changes the model that was to take them up, and none is written over.
"""

import os
import pickle

import pytest
import torch

from helpers.models.training import Training, fit
from helpers.models.vae import VAE

HOW = Training(2, 32, 1e-2, patience=9, device="cpu", checkpoint_every=1)


def new_model(n_latent=3):
    torch.manual_seed(3)
    return VAE(10, [8], n_latent, noise_sd=1.0, dropout=0.0)


def trained(model, path):
    x = torch.randn(80, 10, generator=torch.Generator().manual_seed(1))
    weights = {"reconstruction": 1.0, "kl": 1.0}
    return fit(model, x[:64], x[64:], weights=weights, training=HOW, seed=5, checkpoint=path)


class Opens:
    """What a pickle of a stranger may do."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.mkdir, (self.mark,)


def changed(path, **parts):
    state = torch.load(path)
    state |= parts
    torch.save({key: value for key, value in state.items() if value is not None}, path)


def cut(share):
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :: 7] = bytes(len(content[len(content) // 2 :: 7]))
    path.write_bytes(content)


FAULTS = {
    "empty": cut(0),
    "cut in half": cut(0.5),
    "cut at its end": cut(0.99),
    "overwritten": flipped,
    "a text": lambda path: path.write_text("<!doctype html>"),
    "another model": lambda path: (path.unlink(), trained(new_model(5), path)),
    "best weights of another": lambda path: changed(path, best=new_model(5).state_dict()),
    "no format": lambda path: changed(path, format=None),
    "a later format": lambda path: changed(path, format=99),
    "no random state": lambda path: changed(path, random=None),
    "an unknown part of the history": lambda path: changed(path, history={"epochs": 3}),
    "a list": lambda path: torch.save([1, 2], path),
    "a pickle": lambda path: path.write_bytes(pickle.dumps({"model": Opens(f"{path}.ran")})),
    "code among the weights": lambda path: torch.save({"model": Opens(f"{path}.ran")}, path),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_checkpoint_that_is_none_of_ours_is_refused_in_a_line(tmp_path, fault):
    path, model = tmp_path / "c.pt", new_model()
    trained(new_model(), path)
    FAULTS[fault](path)
    content = path.read_bytes()
    with pytest.raises(
        ValueError, match=r"must be a checkpoint of this model: .*c\.pt is not"
    ) as e:
        trained(model, path)
    message = str(e.value)
    assert "\n" not in message and len(message) < 600
    assert message.endswith("Delete the file to train from the start.")
    if "format" in fault:
        assert "written by another version" in message
    for name, value in new_model().state_dict().items():
        assert torch.equal(value, model.state_dict()[name]), f"{name} was changed"
    assert path.read_bytes() == content and not (tmp_path / "c.pt.ran").exists()
    path.unlink()
    assert trained(model, path).n_epochs == 2, "the line that mends it does"
