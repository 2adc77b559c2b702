"""Which latent dimensions are used: the first sign of posterior collapse."""

from numpy.typing import ArrayLike

from helpers.evaluate.arrays import as_matrix


def active_units(mean: ArrayLike, threshold: float = 0.01) -> int:
    """Number of latent dimensions whose posterior mean varies over samples; 0 is full collapse.

    Var_x(E_q[z | x]) > threshold (Burda, Grosse & Salakhutdinov 2016), population variance.
    """
    return int((as_matrix(mean, "mean").var(axis=0) > threshold).sum())
