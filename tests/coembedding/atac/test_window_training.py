"""Training on windows that are read one at a time: passes, padding, early stop, read-out."""

import math
from dataclasses import replace

import pytest
import torch

from helpers.coembedding.atac.peak_vae import WindowVAE
from helpers.coembedding.atac.window_training import decode_windows, embed_windows, fit_window_vae
from helpers.models.training import Training, TrainingDiverged

WEIGHTS = {"reconstruction": 1.0, "kl": 0.05}


class Peaks:
    """A matrix given window by window; counts its passes."""

    def __init__(self, x, width=20):
        self.x, self.width, self.passes = x, width, 0

    def __iter__(self):
        self.passes += 1
        for number, start in enumerate(range(0, self.x.shape[1], self.width)):
            x = self.x[:, start : start + self.width]
            yield number, x


@pytest.fixture(scope="module")
def peaks():
    generator = torch.Generator().manual_seed(0)
    factors = torch.randn(90, 2, generator=generator)
    one = torch.randn(2, 20, generator=generator)
    return factors @ torch.cat([one, one, one[:, :10]], dim=1)  # windows alike, the last half wide


def model():
    torch.manual_seed(0)
    return WindowVAE(20, 16, 4)


def fitted(peaks, trained=None, **changes):
    trained = trained or model()
    train, validation = changes.pop("train", Peaks(peaks[:70])), Peaks(peaks[70:])
    training = replace(
        Training(30, minibatch_size=32, learning_rate=1e-2, patience=30, device="cpu"), **changes
    )
    settings = {"weights": WEIGHTS, "training": training, "seed": 0}
    return trained, fit_window_vae(trained, train, validation, **settings)


def test_windows_are_learned(peaks):
    trained, history = fitted(peaks)
    found = torch.cat(list(decode_windows(trained, embed_windows(trained, Peaks(peaks[70:])))), 1)
    residual = found[:, :50] - peaks[70:]
    assert float(residual.var() / peaks[70:].var()) < 0.3
    assert not trained.training and history.best_epoch > 5


def test_an_epoch_is_one_pass(peaks):
    train = Peaks(peaks[:70])
    fitted(peaks, train=train, n_epochs=4)
    assert train.passes == 4


def test_training_stops_after_two_epochs_without_improvement_and_keeps_the_best(peaks):
    trained, history = fitted(peaks, learning_rate=0.0, patience=2)
    assert history.stopped == "early"
    assert history.n_epochs == history.best_epoch + 2
    same, _ = fitted(peaks, learning_rate=0.0, patience=2, n_epochs=history.best_epoch)
    for name, value in trained.state_dict().items():
        torch.testing.assert_close(value, same.state_dict()[name])


def test_a_narrow_window_is_filled_up_with_what_is_no_peak(peaks):
    trained, _ = fitted(peaks, n_epochs=1)
    explicit = torch.cat([peaks[:, 40:], torch.zeros(90, 10)], dim=1)
    given = [(0, explicit, torch.arange(20) < 10)]
    torch.testing.assert_close(
        embed_windows(trained, given), embed_windows(trained, [(0, peaks[:, 40:])])
    )


def test_padding_does_not_count_in_the_loss(peaks):
    noise = torch.cat([peaks[:, :10], 1e3 * torch.ones(90, 10)], dim=1)
    hidden = [(0, noise, torch.arange(20) < 10)]
    _, history = fitted(peaks, train=hidden, n_epochs=1, learning_rate=0.0)
    (reconstruction,) = [r for r in history.rows if r["term"] == "reconstruction"]
    assert reconstruction["train"] < 100


def test_embeddings_come_in_the_order_of_the_genome(peaks):
    trained, _ = fitted(peaks, n_epochs=1)
    straight = embed_windows(trained, Peaks(peaks))
    assert straight.shape == (90, 3, 4)
    torch.testing.assert_close(embed_windows(trained, list(Peaks(peaks))[::-1]), straight)


def test_a_seed_fixes_training(peaks):
    (one, _), (two, _) = (fitted(peaks, n_epochs=2) for _ in range(2))
    torch.testing.assert_close(
        embed_windows(one, Peaks(peaks)), embed_windows(two, Peaks(peaks)), rtol=0, atol=0
    )


# Errors


def test_a_window_wider_than_the_model_is_refused(peaks):
    with pytest.raises(ValueError, match="at most `n_peaks` = 20 peaks; window 0 has 25"):
        fitted(peaks, train=Peaks(peaks[:70], width=25))


def test_an_iterator_that_is_used_up_is_refused(peaks):
    with pytest.raises(ValueError, match="give an object with `__iter__`"):
        fitted(peaks, train=iter(Peaks(peaks[:70])), n_epochs=2)


def test_missing_and_repeated_windows_are_refused(peaks):
    x = peaks[:, :20]
    with pytest.raises(ValueError, match="window 1 came twice"):
        embed_windows(model(), [(1, x), (1, x)])
    with pytest.raises(ValueError, match=r"numbered 0, 1, …; got \[1, 2\]"):
        embed_windows(model(), [(1, x), (2, x)])


def test_divergence_names_the_term_and_the_epoch(peaks):
    broken = peaks[:70].clone()
    broken[0, 0] = math.nan
    with pytest.raises(TrainingDiverged, match="`reconstruction` became nan in epoch 1"):
        fitted(peaks, train=Peaks(broken))
