"""A CUDA graph on the CPU: the operations of a function, recorded and repeated in place.

Like a graph it keeps the tensors that the operations read and wrote, so that a replay sees only
what was written into them since, and refuses to hand a value to Python. Unlike one it has to run
the function to see its operations; a caller puts back what that changed.
"""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def tensors(tree):
    return [leaf for leaf in tree_leaves(tree) if isinstance(leaf, torch.Tensor)]


class Tape(TorchDispatchMode):
    def __init__(self):
        super().__init__()
        self.operations = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        if "_local_scalar_dense" in str(operation):
            raise RuntimeError("operation not permitted when stream is capturing")
        kwargs = kwargs or {}
        result = operation(*args, **kwargs)
        self.operations.append((operation, args, kwargs, result))
        return result

    def replay(self):
        for operation, args, kwargs, result in self.operations:
            read = {tensor.untyped_storage().data_ptr() for tensor in tensors((args, kwargs))}
            again = operation(*args, **kwargs)
            for old, new in zip(tensors(result), tensors(again), strict=True):
                if old.untyped_storage().data_ptr() not in read:  # neither a view nor in place
                    old.copy_(new)


class TapeRecorder:
    """A `helpers.models.step.Recorder` for the CPU; counts what it was asked for."""

    def __init__(self, model, optimizer):
        self.model, self.optimizer = model, optimizer
        self.n_warm_ups = self.n_replays = 0

    def warm_up(self, function):
        assert not self._is_capturable()
        self.n_warm_ups += 1
        return function()

    def record(self, function):
        if not self._is_capturable():
            raise RuntimeError("capturing step() but param_groups' capturable is False")
        held = self._state()
        before = [tensor.clone() for tensor in held]
        random = torch.get_rng_state()
        try:
            with Tape() as tape:
                values = function()
        finally:
            torch.set_rng_state(random)
            with torch.no_grad():
                for tensor, value in zip(held, before, strict=True):
                    tensor.copy_(value)

        def replay():
            self.n_replays += 1
            with torch.no_grad():
                tape.replay()
            return values

        return replay

    def _is_capturable(self):
        """As CUDA has it: Adam refuses to be captured without, and warns outside with it."""
        return all(group["capturable"] for group in self.optimizer.param_groups)

    def _state(self):
        return [*self.model.state_dict().values(), *tensors(self.optimizer.state_dict()["state"])]
