"""kBET of scib-metrics: `kbet.py POINTS.npy K`; the first half of the points is one batch."""

import numpy as np
import scib_metrics
from scib_metrics.nearest_neighbors import pynndescent
from turn_taking import serve


def prepare(path: str, k: str):
    """A function that finds the neighbours and tests them."""
    points = np.load(path)
    batches = np.repeat([0, 1], [len(points) // 2, len(points) - len(points) // 2])

    def turn() -> None:
        neighbours = pynndescent(points, n_neighbors=int(k), random_state=0)
        scib_metrics.kbet(neighbours, batches)

    return turn


if __name__ == "__main__":
    serve(prepare, "scib-metrics", "jax")
