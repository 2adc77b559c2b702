"""Weights of loss terms that change over the epochs (counted from 1): warm-up and annealing."""

from collections.abc import Callable

Weight = float | Callable[[int], float]


def linear_warmup(weight: float, n_epochs: int) -> Weight:
    """A weight that rises linearly, `weight / n_epochs` in epoch 1 to `weight` in `n_epochs`."""
    if n_epochs <= 0:
        return weight
    return lambda epoch: weight * min(1.0, epoch / n_epochs)


def cyclical_annealing(weight: float, n_epochs: int, n_cycles: int) -> Weight:
    """A weight that rises from near 0 to `weight` in the first half of each of `n_cycles` cycles.

    Fu et al. (2019), "Cyclical annealing schedule", with R = 0.5. `n_cycles` 0: constant. The last
    cycle ends with `n_epochs`, so training ends at the full weight.
    """
    if n_cycles <= 0:
        return weight
    length = n_epochs / n_cycles
    return lambda epoch: weight * min(1.0, 2 * (((epoch - 1) % length) + 1) / length)
