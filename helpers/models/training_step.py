"""One training step: forward, backward and Adam, kernel by kernel or as one CUDA graph.

A step of RNAlign, whose L_grad is differentiated twice, is a few hundred small kernels, and a GPU
waits longer for each of them to be started than it computes. A CUDA graph is recorded once and
started as a whole: its kernels, their order and the memory they use are then fixed, so everything
that changes from step to step or from epoch to epoch is written into tensors that stay in place.
`torch.compile` is no alternative: it refuses losses whose gradient is itself differentiated.

`CudaRecorder` has not been run on a GPU yet, and a wrong recording would be silent: so nothing is
recorded unless `capture="auto"` asks for it. The tests of it are skipped where there is no GPU, and
those that run everywhere replay a recording of the same step on the CPU.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from helpers.models.losses import weighted_sum

CAPTURES = ("auto", "off")
PRECISIONS = ("float32", "bfloat16")
SMALL_STEP = 3e8  # floating-point operations of a forward pass; see `suited_threads`
N_WARM_UP = 3  # steps before a recording: libraries choose their kernels and Adam makes its moments
Values = Float[Tensor, " term"]
Rows = Int[Tensor, " sample"]


@contextmanager
def suited_threads(model: nn.Module, minibatch_size: int, device: torch.device) -> Iterator[None]:
    """One CPU thread while steps are small; the number of before for large ones, and afterwards.

    Handing out work costs what it saves. Time of RNAlign's step with two threads over that with
    one, on two cores, threads waiting passively as in a headless run: 1.5 for 530 genes (0.08
    GFLOP in a forward pass, 2 · weights · rows), 1.1 for 1,000 (0.14), 0.9 for 2,000 (0.27), 0.8
    for 3,000 (0.40) and 5,000 (0.67). Threads that wait spinning gain at every size on idle cores
    (0.6) and lose a hundredfold on busy ones. Set for each training anew, because others set
    torch's threads too: numba does, so UMAP.
    """
    before = torch.get_num_threads()
    n_weights = sum(weight.numel() for weight in model.parameters())
    if device.type == "cpu" and 2 * n_weights * minibatch_size < SMALL_STEP:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def check_precision(precision: str) -> None:
    """Return if it is one.

    Raises:
        ValueError: another one.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"`precision` must be one of {', '.join(PRECISIONS)}; got {precision!r}.")


def autocast(precision: str, device: torch.device) -> AbstractContextManager:
    """What a forward pass runs in, again and again, so that it multiplies in `precision`.

    A weight that is used twice is turned into it twice: what torch would keep of a use without a
    gradient has none in the next either.
    """
    if precision == "float32":
        return nullcontext()
    if not torch.amp.is_autocast_available(device.type):
        warnings.warn(f"{device} has no autocast: precision is float32 there.", stacklevel=2)
        return nullcontext()
    return torch.autocast(device.type, getattr(torch, precision), cache_enabled=False)


def without_autocast(device: torch.device) -> AbstractContextManager:
    """What runs in float32 within `autocast`, such as a gradient that is written down by hand."""
    if not torch.amp.is_autocast_available(device.type):
        return nullcontext()
    return torch.autocast(device.type, enabled=False)


class Step:
    """The step kernel by kernel: `step(rows)` trains `model` on those rows of `data`."""

    def __init__(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, data: Sequence[Tensor]
    ) -> None:
        self.model, self.optimizer, self.data = model, optimizer, tuple(data)
        self.names: tuple[str, ...] = ()  # of the loss terms, in the order of their values
        self.weights: Mapping[str, float | Tensor] = {}
        self.autocast: AbstractContextManager = nullcontext()
        self.trained = [weight for weight in model.parameters() if weight.requires_grad]

    def start_epoch(self, weights: Mapping[str, float], learning_rate: float) -> None:
        """Set the weight of every loss term and Adam's learning rate from here on."""
        self.weights = weights
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate

    def __call__(self, rows: Rows) -> Values:
        """One step; the unweighted loss terms before it, which stay on the device."""
        with self.autocast:
            terms = self.model.loss_terms(*(part.index_select(0, rows) for part in self.data))
        self.names = tuple(terms)
        self.optimizer.zero_grad(set_to_none=True)
        # `inputs`: no gradient of the labels, which L_grad made a leaf as well.
        weighted_sum(terms, self.weights).backward(inputs=self.trained)
        self.optimizer.step()
        return torch.stack([term.detach() for term in terms.values()])


class Recorder(Protocol):
    """What turns the kernels that a function starts into something to be started as a whole."""

    def warm_up(self, function: Callable[[], Values]) -> Values:
        """Run `function` in the way that a recording needs before it."""

    def record(self, function: Callable[[], Values]) -> Callable[[], Values]:
        """Record without running; the result repeats the kernels on what the tensors then hold.

        Raises:
            RuntimeError: the function does something that cannot be repeated so.
        """


class CapturedStep(Step):
    """The step recorded once for minibatches of `n_rows` and then replayed.

    The first `N_WARM_UP` full minibatches are ordinary steps, and so are all of another size (the
    last one of an epoch). If recording fails, all of them are, after one warning. What `loss_terms`
    decides in Python, other than by `n_rows`, it decides at the recording for good.
    """

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data: Sequence[Tensor],
        n_rows: int,
        recorder: Recorder,
    ) -> None:
        super().__init__(model, optimizer, data)
        device = self.data[0].device
        self.recorder: Recorder | None = recorder
        self.n_warm_up = N_WARM_UP
        self.rows = torch.zeros(n_rows, dtype=torch.long, device=device)
        self.learning_rate = torch.zeros((), device=device)
        self.replay: Callable[[], Values] | None = None

    def start_epoch(self, weights: Mapping[str, float], learning_rate: float) -> None:
        """As `Step`, into the tensors that the recorded kernels read."""
        if not self.weights:
            self.weights = {name: torch.zeros_like(self.learning_rate) for name in weights}
        for name, weight in weights.items():
            self.weights[name].fill_(weight)
        self.learning_rate.fill_(learning_rate)
        for group in self.optimizer.param_groups:  # a checkpoint brings its own
            group["lr"] = self.learning_rate

    def __call__(self, rows: Rows) -> Values:
        """One step; its values hold until the next."""
        if self.recorder is None or len(rows) != len(self.rows):
            return super().__call__(rows)
        if self.n_warm_up > 0:
            self.n_warm_up -= 1
            return self.recorder.warm_up(lambda: Step.__call__(self, rows))
        self.rows.copy_(rows)
        if self.replay is None:
            self._record()
        return self.replay() if self.replay else super().__call__(rows)

    def _record(self) -> None:
        self._set_capturable(True)  # Adam refuses to be recorded without, and warns with it else
        try:
            self.replay = self.recorder.record(lambda: Step.__call__(self, self.rows))
        except RuntimeError as error:
            self.recorder = None
            warnings.warn(
                "the training step could not be recorded as a CUDA graph, so it runs kernel by "
                f'kernel, which is slower ({_first(error)}). `capture="off"` does so unasked.',
                stacklevel=2,
            )
        finally:
            self._set_capturable(False)

    def _set_capturable(self, is_capturable: bool) -> None:
        for group in self.optimizer.param_groups:
            group["capturable"] = is_capturable


def _first(error: BaseException) -> BaseException:
    """The error that started it: ending a broken recording raises another one."""
    while error.__context__ is not None:
        error = error.__context__
    return error


class CudaRecorder:
    """Records CUDA graphs on a stream of its own; not run on a GPU yet (see the module)."""

    def __init__(self, device: torch.device) -> None:
        self.device, self.stream = device, torch.cuda.Stream(device)

    def warm_up(self, function: Callable[[], Values]) -> Values:
        """Run `function` on the stream of the recording, in order with the current one."""
        current = torch.cuda.current_stream(self.device)
        self.stream.wait_stream(current)
        with torch.cuda.stream(self.stream):
            values = function()
        current.wait_stream(self.stream)
        return values

    def record(self, function: Callable[[], Values]) -> Callable[[], Values]:
        """See `Recorder`; random numbers go on from the device's generator at every replay."""
        generator = torch.cuda.default_generators[self.device.index]
        state = generator.clone_state()
        graph = torch.cuda.CUDAGraph()
        try:
            # The outer `stream`: a recording that breaks off does not leave its own.
            with torch.cuda.stream(self.stream), torch.cuda.graph(graph, stream=self.stream):
                values = function()
        except BaseException:
            generator.graphsafe_set_state(state)  # the one in use believes it is still recorded
            raise

        def replay() -> Values:
            graph.replay()
            return values

        return replay


def new_step(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    data: Sequence[Tensor],
    minibatch_size: int,
    capture: str,
) -> Step:
    """The step for `data` on their device. `capture`: "auto" records it on CUDA, "off" never.

    Raises:
        ValueError: another `capture`.
    """
    if capture not in CAPTURES:
        raise ValueError(f'`capture` must be "auto" or "off"; got {capture!r}.')
    device = data[0].device
    if capture == "off" or device.type != "cuda":
        return Step(model, optimizer, data)
    n_rows = min(minibatch_size, len(data[0]))
    return CapturedStep(model, optimizer, data, n_rows, CudaRecorder(device))
