"""The trainer: exact resume, best weights, early stop, divergence, Ctrl-C, warm-up."""

from dataclasses import replace

import pytest
import torch

from helpers.models import training
from helpers.models.schedules import linear_warmup
from helpers.models.training import Trainer, Training, TrainingDiverged, choose_device, fit
from helpers.models.training_step import autocast
from helpers.models.vae import VAE

WEIGHTS = {"reconstruction": 1.0, "kl": 1.0}


def data(n=200, seed=0):
    generator = torch.Generator().manual_seed(seed)
    z = torch.randn(n, 2, generator=generator)
    return z @ torch.randn(2, 10, generator=generator) + 0.2 * torch.randn(
        n, 10, generator=generator
    )


def new_model():
    torch.manual_seed(3)
    return VAE(10, [16], 4, noise_sd=1.0, dropout=0.1)


PLAIN = Training(12, 32, 1e-2, patience=100, device="cpu")


def train(model, x=None, *, weights=WEIGHTS, seed=5, checkpoint=None, **changes):
    x, how = data() if x is None else x, replace(PLAIN, **changes)
    given = {"weights": weights, "seed": seed, "checkpoint": checkpoint}
    return fit(model, x[:150], x[150:], training=how, **given)


def same_weights(a, b):
    return all(torch.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=True))


def test_same_seed_same_weights_other_seed_others():
    a, b, c = new_model(), new_model(), new_model()
    train(a), train(b), train(c, seed=6)
    assert same_weights(a, b)
    assert not same_weights(a, c)


def test_resume_equals_an_uninterrupted_run_exactly(tmp_path):
    whole, parts = new_model(), new_model()
    straight = train(whole, n_epochs=20)
    train(parts, n_epochs=10, checkpoint=tmp_path / "c.pt", checkpoint_every=5)
    resumed_model = new_model()
    resumed = train(resumed_model, n_epochs=20, checkpoint=tmp_path / "c.pt", checkpoint_every=5)
    assert resumed.rows == straight.rows
    assert same_weights(whole, resumed_model)
    assert [p.name for p in tmp_path.iterdir()] == ["c.pt"]


def test_resume_goes_on_from_the_last_epoch_and_not_from_the_best(tmp_path):
    noise = torch.randn(200, 10, generator=torch.Generator().manual_seed(0))
    how = {"learning_rate": 3e-2, "checkpoint_every": 15}
    whole, resumed, path = new_model(), new_model(), tmp_path / "c.pt"
    straight = train(whole, noise, n_epochs=20, **how)
    train(new_model(), noise, n_epochs=15, checkpoint=path, **how)
    state = torch.load(path)
    assert any(not torch.equal(state["best"][name], now) for name, now in state["model"].items())
    assert train(resumed, noise, n_epochs=20, checkpoint=path, **how).rows == straight.rows
    assert same_weights(whole, resumed)


def test_a_model_that_looks_at_all_rows_after_each_epoch_trains_on_tensors():
    class Looks(VAE):
        def after_epoch(self, x):
            return {"rows": float(len(x))}

    torch.manual_seed(3)
    history = train(Looks(10, [16], 4, noise_sd=1.0, dropout=0.1), n_epochs=2)
    assert [row["value"] for row in history.measures] == [150.0, 150.0]


def test_damaged_checkpoint_is_named(tmp_path):
    path = tmp_path / "c.pt"
    path.write_bytes(b"half a file")
    with pytest.raises(ValueError, match=r"c\.pt.*Delete the file"):
        train(new_model(), checkpoint=path)


def test_caller_random_state_is_left_alone():
    torch.manual_seed(11)
    expected = torch.rand(3)
    model = new_model()
    torch.manual_seed(11)
    train(model)
    assert torch.equal(torch.rand(3), expected)


def test_best_weights_are_kept_and_eval_is_set():
    x = data()
    model = new_model()
    history = train(model, x, n_epochs=60, learning_rate=5e-2, patience=60)
    totals = {r["epoch"]: r["validation"] for r in history.rows if r["term"] == "total"}
    assert history.best_epoch == min(totals, key=totals.get)
    with torch.no_grad():
        now = sum(float(v) for v in model.loss_terms(x[150:]).values())
    assert now == pytest.approx(totals[history.best_epoch], rel=1e-5)
    assert not model.training


def test_early_stop_after_patience():
    noise = torch.randn(200, 10, generator=torch.Generator().manual_seed(0))
    history = train(new_model(), noise, n_epochs=400, patience=7)
    assert history.stopped == "early"
    assert history.n_epochs == history.best_epoch + 7


def test_warmup_rises_to_the_weight_and_no_epoch_before_its_end_is_best():
    warm = linear_warmup(2.0, 8)
    assert [warm(e) for e in (1, 4, 8, 50)] == [0.25, 1.0, 2.0, 2.0]
    history = train(
        new_model(), weights={"reconstruction": 1.0, "kl": warm}, n_epochs=30, patience=3
    )
    assert history.best_epoch >= 8
    assert linear_warmup(2.0, 0) == 2.0


def test_warmup_changes_what_is_trained():
    a, b = new_model(), new_model()
    train(a), train(b, weights={"reconstruction": 1.0, "kl": linear_warmup(1.0, 10)})
    assert not same_weights(a, b)


def test_history_reports_unweighted_terms():
    history = train(new_model(), weights={"reconstruction": 1.0, "kl": 0.0}, n_epochs=2)
    kl = [r["train"] for r in history.rows if r["term"] == "kl"]
    total = [r["validation"] for r in history.rows if r["term"] == "total"]
    reconstruction = [r["validation"] for r in history.rows if r["term"] == "reconstruction"]
    assert min(kl) > 0
    assert total == reconstruction


class Exploding(torch.nn.Module):
    """Its `kl` turns NaN in the third epoch."""

    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(()))
        self.calls = 0

    def loss_terms(self, x):
        self.calls += self.training
        kl = self.weight * (float("nan") if self.calls > 2 else 1.0)
        return {"reconstruction": (self.weight - x).square().mean(), "kl": kl}


def test_nan_names_term_and_epoch_and_keeps_the_best_weights():
    model = Exploding()
    with pytest.raises(TrainingDiverged, match=r"`kl` became nan in epoch 3.*learning_rate"):
        train(model, minibatch_size=500)
    assert torch.isfinite(model.weight)


class Interrupted(VAE):
    def loss_terms(self, x):
        self.calls = getattr(self, "calls", 0) + self.training
        if self.calls > 4:
            raise KeyboardInterrupt
        return super().loss_terms(x)


def test_ctrl_c_keeps_the_best_so_far():
    torch.manual_seed(3)
    model = Interrupted(10, [16], 4, noise_sd=1.0, dropout=0.0)
    history = train(model, minibatch_size=150)
    assert history.stopped == "interrupted"
    assert history.n_epochs == 4
    assert history.best_epoch > 0
    assert not model.training


@pytest.mark.parametrize("parts", [torch.empty(0, 10), (torch.ones(3, 10), torch.ones(2, 10)), ()])
def test_empty_or_unequal_parts_are_refused(parts):
    with pytest.raises(ValueError, match="`train` must hold tensors of one and the same length"):
        fit(
            new_model(),
            parts,
            data(),
            weights=WEIGHTS,
            seed=0,
            training=Training(
                n_epochs=1, minibatch_size=8, learning_rate=1e-3, patience=1, device="cpu"
            ),
        )


def test_device_is_taken_as_given_and_auto_is_something():
    assert choose_device("cpu").type == "cpu"
    assert choose_device("auto").type in {"cpu", "cuda", "mps"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_cuda_agrees_with_the_cpu():
    a, b = new_model(), new_model()
    on_cpu, on_gpu = train(a, n_epochs=1), train(b, n_epochs=1, device="cuda")
    assert on_gpu.rows[-1]["validation"] == pytest.approx(on_cpu.rows[-1]["validation"], rel=0.05)


def test_progress_only_when_watched(monkeypatch, capsys):
    train(new_model(), n_epochs=2)
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(training, "_is_watched", lambda: True)
    train(new_model(), n_epochs=2)
    assert "epoch 2/2" in capsys.readouterr().out


# Without a best epoch


def test_last_epoch_is_kept_when_asked():
    model = new_model()
    history = train(model, keep="last", n_epochs=5, learning_rate=10.0)
    assert history.best_epoch == history.n_epochs == 5
    straight = new_model()
    assert train(straight, n_epochs=5, learning_rate=10.0).best_epoch < 5
    assert not same_weights(model, straight)


def test_last_epoch_needs_no_validation_rows_and_says_so():
    x = data()
    best = Training(3, 32, 1e-3, device="cpu")
    last = replace(best, keep="last")
    history = fit(new_model(), x, None, weights=WEIGHTS, training=last, seed=0)
    assert all(row["validation"] != row["validation"] for row in history.rows)  # NaN
    with pytest.raises(ValueError, match="without `validation` no epoch is best"):
        fit(new_model(), x, None, weights=WEIGHTS, training=best, seed=0)
    with pytest.raises(ValueError, match='`keep` must be "best" or "last"'):
        replace(best, keep="first")


def test_learning_rate_drops_by_ten_after_the_named_epochs(tmp_path):
    x, model = data(), new_model()
    path = tmp_path / "c.pt"
    rates = {}
    for n_epochs in (2, 3, 5):
        fit(
            model,
            x[:150],
            x[150:],
            weights=WEIGHTS,
            seed=0,
            checkpoint=path,
            training=Training(
                n_epochs=n_epochs,
                minibatch_size=32,
                learning_rate=1e-3,
                patience=100,
                device="cpu",
                learning_rate_drops=(2, 4),
                checkpoint_every=1,
            ),
        )
        state = torch.load(path, weights_only=False)
        rates[n_epochs] = state["optimizer"]["param_groups"][0]["lr"]
    assert rates == pytest.approx({2: 1e-3, 3: 1e-4, 5: 1e-5})


# Precision


def products(seen):
    """A VAE that notes in which precision its layers multiply and its terms come out."""

    class Watched(VAE):
        def loss_terms(self, x):
            terms = super().loss_terms(x)
            hidden = self.encoder(x)
            seen.add(
                (self.training, hidden.dtype, terms["reconstruction"].dtype, terms["kl"].dtype)
            )
            return terms

    torch.manual_seed(3)
    return Watched(10, [16], 4, noise_sd=1.0, dropout=0.1)


def test_bfloat16_multiplies_in_training_alone_and_keeps_all_else_in_float32(tmp_path):
    whole, half = torch.float32, torch.bfloat16
    seen, path = set(), tmp_path / "c.pt"
    model = products(seen)
    train(model, n_epochs=2, precision="bfloat16", checkpoint=path, checkpoint_every=1)
    assert seen == {(True, half, whole, whole), (False, whole, whole, whole)}
    state = torch.load(path, weights_only=True)
    kept = [*state["model"].values(), *state["best"].values()]
    kept += [value for of in state["optimizer"]["state"].values() for value in of.values()]
    assert {value.dtype for value in kept} == {whole}
    seen.clear()
    train(products(seen), n_epochs=1)
    assert {kinds[1:] for kinds in seen} == {(whole, whole, whole)}


def test_bfloat16_trains_as_float32_within_its_rounding():
    """2⁻⁸ of a number: the last epoch's terms are those of float32 within a hundredth."""
    exact, rounded = new_model(), new_model()
    expected = train(exact, n_epochs=30, keep="last")
    found = train(rounded, n_epochs=30, keep="last", precision="bfloat16")
    assert not same_weights(exact, rounded)
    for row, wanted in zip(found.rows[-3:], expected.rows[-3:], strict=True):
        assert row["validation"] == pytest.approx(wanted["validation"], rel=0.01)


def test_bfloat16_resumes_exactly(tmp_path):
    whole, resumed = new_model(), new_model()
    train(whole, n_epochs=4, precision="bfloat16")
    for n_epochs in (2, 4):
        given = {"checkpoint": tmp_path / "c.pt", "checkpoint_every": 2}
        train(resumed, n_epochs=n_epochs, precision="bfloat16", **given)
    assert same_weights(whole, resumed)


def test_a_precision_is_one_of_two_and_a_device_without_it_warns():
    with pytest.raises(
        ValueError, match="`precision` must be one of float32, bfloat16; got 'half'"
    ):
        replace(PLAIN, precision="half")
    with pytest.warns(UserWarning, match="meta has no autocast: precision is float32"):
        autocast("bfloat16", torch.device("meta"))


def test_nothing_is_recorded_unless_asked_for(monkeypatch):
    asked, plain = [], training.new_step

    def new_step(model, optimizer, data, minibatch_size, capture):
        asked.append(capture)
        return plain(model, optimizer, data, minibatch_size, capture)

    monkeypatch.setattr(training, "new_step", new_step)
    train(new_model(), n_epochs=1)
    Trainer(new_model(), (data(),), None, weights=WEIGHTS, training=PLAIN)
    assert asked == ["off", "off"]
