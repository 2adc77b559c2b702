"""The step: recorded and replayed, it trains as kernel by kernel; on CUDA where there is one."""

from dataclasses import replace

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from helpers.models import training
from helpers.models import training_step as step_module
from helpers.models.schedules import cyclical_annealing
from helpers.models.training import Training, fit
from helpers.models.training_step import N_WARM_UP, CapturedStep, Step, new_step, suited_threads
from helpers.rnalign.argument_groups import GRADIENTS, Network
from helpers.rnalign.model import RNAlign
from tests.fixtures.tape import TapeRecorder, tensors

N, MINIBATCH = 150, 32  # four full minibatches and one of 22 an epoch
WEIGHTS = {
    "reconstruction": 1.0, "kl": cyclical_annealing(0.3, 6, 2), "distance_correlation": 5.0,
    "label_gradient": 0.5,
}  # fmt: skip
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")


def samples():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(N, 12, generator=generator)
    return x, (torch.rand(N, 3, generator=generator) < 0.4).float()


def network(dropout=0.2, gradient="log_norm"):
    return Network((16,), 4, dropout, 1.0, 1.0, gradient, encoder_sees_labels=True)


def new_model(cls=RNAlign, dropout=0.2):
    torch.manual_seed(3)
    return cls(12, 3, network(dropout))


def train(model, *, weights=WEIGHTS, checkpoint=None, capture="auto", **changes):
    how = Training(
        6, MINIBATCH, 1e-2, weight_decay=1e-3, learning_rate_drops=(3, 5), keep="last", device="cpu"
    )
    given = {"weights": weights, "seed": 5, "checkpoint": checkpoint, "capture": capture}
    return fit(model, samples(), None, training=replace(how, **changes), **given)


@pytest.fixture
def recorders(monkeypatch):
    """Steps are recorded on the CPU too; the recorders that were made."""
    made = []

    def new(model, optimizer, data, minibatch_size, capture):
        if capture == "off":
            return Step(model, optimizer, data)
        made.append(TapeRecorder(model, optimizer))
        return CapturedStep(model, optimizer, data, min(minibatch_size, len(data[0])), made[-1])

    monkeypatch.setattr(training, "new_step", new)
    return made


def same(a, b, **tolerance):
    tolerance = tolerance or {"rtol": 0, "atol": 0}
    for p, q in zip(a.state_dict().values(), b.state_dict().values(), strict=True):
        torch.testing.assert_close(p.cpu(), q.cpu(), **tolerance)


# Replayed on the CPU


def test_replays_equal_eager_steps(recorders):
    """Weights, learning rate, dropout, noise and rows differ from step to step, as in eager."""
    eager, replayed = new_model(), new_model()
    straight, history = train(eager, capture="off"), train(replayed)
    same(eager, replayed, rtol=1e-5, atol=1e-6)
    assert history.rows[-1]["train"] == pytest.approx(straight.rows[-1]["train"], rel=1e-5)
    (recorder,) = recorders
    assert recorder.n_warm_ups == N_WARM_UP
    assert recorder.n_replays == 6 * (N // MINIBATCH) - N_WARM_UP
    assert not any(group["capturable"] for group in recorder.optimizer.param_groups)


def test_a_recording_resumes(recorders, tmp_path):
    whole, parts, resumed = new_model(), new_model(), new_model()
    train(whole)
    train(parts, n_epochs=4, checkpoint=tmp_path / "c.pt", checkpoint_every=2, weights=WEIGHTS)
    train(resumed, checkpoint=tmp_path / "c.pt", checkpoint_every=2)
    same(whole, resumed, rtol=1e-5, atol=1e-6)
    assert len(recorders) == 3 and recorders[2].n_warm_ups == N_WARM_UP


def test_a_checkpoint_moves_between_recorded_and_eager(recorders, tmp_path):
    whole, resumed = new_model(), {}
    train(whole, capture="off")
    for first, second in (("off", "auto"), ("auto", "off")):
        path = tmp_path / f"{first}.pt"
        train(new_model(), n_epochs=4, checkpoint=path, checkpoint_every=2, capture=first)
        resumed[first] = new_model()
        train(resumed[first], checkpoint=path, capture=second)
        same(whole, resumed[first], rtol=1e-5, atol=1e-6)


def test_fewer_rows_than_a_minibatch_are_recorded_too(recorders):
    eager, replayed = new_model(), new_model()
    train(eager, minibatch_size=500, capture="off")
    train(replayed, minibatch_size=500)
    assert recorders[0].n_replays == 6 - N_WARM_UP
    same(eager, replayed, rtol=1e-5, atol=1e-6)


class Reads(RNAlign):
    """Hands a value to Python in every step, which a CUDA graph cannot repeat."""

    def loss_terms(self, x, y):
        terms = super().loss_terms(x, y)
        self.seen = terms["kl"].item()
        return terms


def test_a_step_that_cannot_be_recorded_warns_once_and_trains_the_same(recorders):
    eager, replayed = new_model(Reads), new_model(Reads)
    train(eager, capture="off")
    with pytest.warns(UserWarning, match="not permitted when stream is capturing") as caught:
        train(replayed)
    assert len([w for w in caught if "CUDA graph" in str(w.message)]) == 1
    assert recorders[0].n_replays == 0
    same(eager, replayed, rtol=1e-5, atol=1e-6)


def test_the_first_error_is_the_one_told():
    try:
        try:
            raise RuntimeError("a value was read")
        finally:
            raise RuntimeError("capture was invalidated")
    except RuntimeError as error:
        assert str(step_module._first(error)) == "a value was read"


# Kernel by kernel


def test_the_cpu_records_nothing_and_a_mistyped_capture_is_named():
    model = new_model()
    optimizer = torch.optim.Adam(model.parameters())
    for capture in ("auto", "off"):
        assert type(new_step(model, optimizer, samples(), MINIBATCH, capture)) is Step
    with pytest.raises(ValueError, match='`capture` must be "auto" or "off"; got \'on\''):
        train(model, capture="on")


def test_a_step_is_backward_and_adam_by_hand():
    """Same bits as the plain loop: what the step leaves out does not reach the weights."""
    by_hand, stepped = new_model(dropout=0.0).eval(), new_model(dropout=0.0).eval()
    weights = {name: 0.5 for name in WEIGHTS}
    rows = torch.arange(20)
    optimizers = [
        torch.optim.Adam(model.parameters(), lr=0.1, fused=True) for model in (by_hand, stepped)
    ]
    step = Step(stepped, optimizers[1], samples())
    step.start_epoch(weights, 0.1)
    for _ in range(3):
        terms = by_hand.loss_terms(*(part[rows] for part in samples()))
        optimizers[0].zero_grad()
        torch.stack([weights[name] * term for name, term in terms.items()]).sum().backward()
        optimizers[0].step()
        values = step(rows)
    assert dict(zip(step.names, values.tolist(), strict=True)) == {
        name: float(term.detach()) for name, term in terms.items()
    }
    same(by_hand, stepped)


def test_frozen_weights_stay():
    model = new_model()
    model.output.weight.requires_grad_(False)
    before = model.output.weight.clone()
    train(model, n_epochs=1)
    assert torch.equal(model.output.weight, before)


class HostOperations(TorchDispatchMode):
    """Operations that a CUDA graph refuses: they read a tensor on the host or hand over a value."""

    def __init__(self):
        super().__init__()
        self.found = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        result = operation(*args, **(kwargs or {}))
        devices = {tensor.device.type for tensor in tensors((args, kwargs, result))}
        if "cpu" in devices or any(word in str(operation) for word in ("scalar_dense", "nonzero")):
            self.found.append(str(operation))
        return result


@pytest.mark.parametrize("gradient", GRADIENTS)
def test_no_operation_of_a_step_needs_the_host(gradient):
    """On the device "meta", which like CUDA is not the host, but is everywhere."""
    with torch.device("meta"):
        model = RNAlign(12, 3, network(gradient=gradient))
        x, y, rows = torch.empty(N, 12), torch.empty(N, 3), torch.zeros(32, dtype=torch.long)
        names = [name for name in WEIGHTS if gradient != "off" or name != "label_gradient"]
        weights = {name: torch.zeros(()) for name in names}
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)  # Adam's kernels know no such device
    step = Step(model, optimizer, (x, y))
    step.start_epoch(weights, 0.1)
    with HostOperations() as host:
        step(rows)
    assert host.found == []


# On CUDA: these have not been run yet


@needs_cuda
def test_cuda_graph_equals_eager_steps():
    eager, captured = new_model(), new_model()
    straight = train(eager, device="cuda", capture="off")
    history = train(captured, device="cuda")
    assert history.rows[-1]["train"] == pytest.approx(straight.rows[-1]["train"], rel=1e-3)
    same(eager, captured, rtol=1e-3, atol=1e-4)


@needs_cuda
def test_cuda_graph_resumes(tmp_path):
    whole, resumed = new_model(), new_model()
    train(whole, device="cuda")
    train(new_model(), n_epochs=4, device="cuda", checkpoint=tmp_path / "c.pt", checkpoint_every=2)
    train(resumed, device="cuda", checkpoint=tmp_path / "c.pt")
    same(whole, resumed, rtol=1e-3, atol=1e-4)


@needs_cuda
def test_cuda_goes_on_after_a_recording_that_failed():
    eager, refused = new_model(Reads), new_model(Reads)
    train(eager, device="cuda", capture="off")
    with pytest.warns(UserWarning, match="could not be recorded as a CUDA graph"):
        train(refused, device="cuda")
    same(eager, refused, rtol=1e-3, atol=1e-4)


# Threads


@pytest.fixture
def two_threads():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("n_rows", "device", "expected"), [(256, "cpu", 1), (10**7, "cpu", 2), (256, "cuda", 2)]
)
def test_small_steps_on_the_cpu_take_one_thread(two_threads, n_rows, device, expected):
    with suited_threads(new_model(), n_rows, torch.device(device)):
        assert torch.get_num_threads() == expected
    assert torch.get_num_threads() == 2


def test_threads_are_given_back_after_an_error(two_threads):
    with (
        pytest.raises(KeyboardInterrupt),
        suited_threads(new_model(), 256, torch.device("cpu")),
    ):
        raise KeyboardInterrupt
    assert torch.get_num_threads() == 2


def test_training_is_on_one_thread_whatever_was_set_before(two_threads):
    seen = set()

    class Watched(RNAlign):
        def loss_terms(self, x, y):
            seen.add(torch.get_num_threads())
            return super().loss_terms(x, y)

    train(new_model(Watched), n_epochs=1)
    assert seen == {1} and torch.get_num_threads() == 2
