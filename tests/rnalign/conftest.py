"""Small simulated tumours and cell lines, shared by the tests of the alignment metrics."""

import importlib
import sys
from unittest.mock import MagicMock, patch

import numpy as np
import pytest

TYPES = ("brain", "eye", "kidney")


@pytest.fixture
def paired():
    """Factory: (x, is_line, cancer_type) with a culture shift of all lines; 0 is aligned."""

    def make(shift=0.0, n_tumours=(40, 30, 20), n_lines=(20, 15, 25), n_genes=40, seed=0):
        rng = np.random.default_rng(seed)
        cancer_type = np.repeat(TYPES * 2, [*n_tumours, *n_lines])
        is_line = np.arange(len(cancer_type)) >= sum(n_tumours)
        programs = dict(zip(TYPES, rng.normal(size=(3, n_genes)), strict=True))
        culture = rng.normal(size=n_genes)
        x = np.stack([programs[name] for name in cancer_type]) + 6
        x = x + shift * np.outer(is_line, culture) + 0.7 * rng.normal(size=x.shape)
        return x.astype(np.float32), is_line, cancer_type

    return make


@pytest.fixture
def cohort(make_cohort):
    """12 tumours of A, 11 of B, 10 of C (no line), 3 of D; 6, 2, 0 and 7 lines; extras of A."""
    rows = [
        (f"{kind}{i}", kind, "primary")
        for kind, n in {"A": 12, "B": 11, "C": 10, "D": 3}.items()
        for i in range(n)
    ]
    rows += [("A0", "A", "primary"), ("A1", "A", "normal"), ("A2", "A", "recurrent")]
    n_tumours = len(rows)
    rows += [
        (f"line {kind}{i // 2}", kind, "cell line")
        for kind, n in {"A": 6, "B": 2, "D": 7}.items()
        for i in range(n)
    ]
    purity = np.where(np.arange(len(rows)) < n_tumours, 0.5, 1.0)
    return make_cohort(rows, purity=purity)


@pytest.fixture(scope="session")
def dcor():
    """The package to compare with, as plain Python.

    It asks numba to compile all it has when it is imported: 40 s of CPU, threads for every core,
    and once the end of the test process. Small cases need none of it.
    """
    numba = MagicMock()
    numba.njit = numba.guvectorize = lambda *signature, **options: lambda function: function
    with patch.dict(sys.modules, {"numba": numba, "numba.types": numba.types}):
        return importlib.import_module("dcor")
