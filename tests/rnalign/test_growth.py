"""What metrics and rivals hold in memory grows with the samples, not with their square."""

import tracemalloc

import numpy as np
import pytest
from torch.utils.flop_counter import FlopCounterMode

from helpers.models.training import Training
from helpers.rnalign.argument_groups import MoberSettings
from helpers.rnalign.metrics.dependence import unbiased_distance_correlation
from helpers.rnalign.metrics.kbet import kbet
from helpers.rnalign.metrics.line_match import balanced_match, match_lines
from helpers.rnalign.metrics.pvca import pvca_overall
from helpers.rnalign.rivals.expression_clusters import _shared_neighbours
from helpers.rnalign.rivals.mober import fit_mober
from helpers.rnalign.rivals.mutual_neighbours import correct_by_mutual_neighbours

N_GENES = 24


def samples(n):
    """Half of them lines, of two types."""
    rng = np.random.default_rng(0)
    kinds, is_line = np.arange(n) % 2, np.arange(n) // 2 % 2 == 0
    return rng.normal(size=(n, N_GENES)) + kinds[:, None], is_line, np.where(kinds, "gut", "skin")


ANALYSES = {
    "kBET": kbet,
    "PVCA": pvca_overall,
    "match": match_lines,
    "balanced match": balanced_match,
    "distance correlation": lambda x, *_: unbiased_distance_correlation(x, x[:, :2]),
    "clusters' graph": lambda x, *_: _shared_neighbours(x),
    "mutual neighbours": lambda x, is_line, _: correct_by_mutual_neighbours(
        x[is_line], x[~is_line], np.arange(N_GENES)
    ),
}


@pytest.mark.parametrize("name", ANALYSES)
def test_twice_the_samples_take_about_twice_the_memory(name):
    peaks = []
    for n in (2000, 4000):
        given = samples(n)
        if not peaks:
            ANALYSES[name](*samples(200))  # what is imported and kept is not counted
        tracemalloc.start()
        ANALYSES[name](*given)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 2.7 * peaks[0]  # 4 if it were samples × samples


def test_an_epoch_of_mober_multiplies_twice_as_often_for_twice_the_samples():
    training = Training(1, 64, 1e-3, keep="last", device="cpu")
    settings = MoberSettings((8,), 4, kl_weight=1.0, adversary_weight=10.0, training=training)
    operations = []
    for n in (256, 512):
        x, is_line, _ = samples(n)
        with FlopCounterMode(display=False) as counter:
            fit_mober(x, is_line, settings, seed=0)
        operations.append(counter.get_total_flops())
    assert operations[1] == 2 * operations[0]
