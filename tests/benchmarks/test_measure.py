import os
import time

import numpy as np
import pytest

from tests.benchmarks.measure import measure


def test_time_and_memory_are_those_of_the_call():
    few, many = (measure(np.ones, 2**17 * n_mb) for n_mb in (1, 200))
    assert 150 < many["peak_memory_mb"] - few["peak_memory_mb"] < 300
    slow = measure(time.sleep, 0.3)
    assert 0.3 <= slow["seconds"] < 1.5
    assert slow["device"] == "cpu" and 1 <= slow["cores"] <= os.cpu_count()


def test_memory_held_here_does_not_count():
    held = np.ones(2**17 * 400)
    assert measure(time.sleep, 0.0)["peak_memory_mb"] < held.nbytes / 2**20


def test_a_failure_is_reported():
    with pytest.raises(RuntimeError, match=r"int failed: ValueError: invalid literal .* 'seven'"):
        measure(int, "seven")


def test_a_process_that_dies_is_reported():
    with pytest.raises(RuntimeError, match="ended with code 3"):
        measure(os._exit, 3)
