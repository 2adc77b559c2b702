"""A small planted cohort: types on both sides, stroma in the tumours, culture in the lines."""

from types import SimpleNamespace

import numpy as np
import pytest

N_GENES, N_TYPES = 120, 4


@pytest.fixture
def make_planted():
    """A function that plants x = type + noise + culture (lines) or + stroma·(1 − purity)."""

    def make(n_tumours=60, n_lines=20, noise=0.3, seed=0):
        rng = np.random.default_rng(seed)
        n_each = n_tumours + n_lines
        number = np.repeat(np.arange(N_TYPES), n_each)
        is_line = np.tile(np.arange(n_each) >= n_tumours, N_TYPES)
        purity = np.where(is_line, 1.0, rng.uniform(0.2, 0.95, len(number)))
        types = rng.normal(0, 1.5, (N_TYPES, N_GENES))
        culture = np.where(rng.random(N_GENES) < 0.4, rng.normal(0, 2, N_GENES), 0)
        stroma = np.where(rng.random(N_GENES) < 0.3, rng.uniform(3, 6, N_GENES), 0)
        cancer = types[number] + rng.normal(0, noise, (len(number), N_GENES)) + 5
        x = cancer + np.outer(1 - purity, stroma) + np.outer(is_line, culture)
        return SimpleNamespace(
            x=x,
            is_line=is_line,
            cancer_type=np.array([f"type {n}" for n in number]),
            purity=purity,
            cancer=cancer,
            in_culture=cancer + culture,
            stroma=stroma,
            culture=culture,
        )

    return make


@pytest.fixture
def planted(make_planted):
    """The planted cohort of seed 0: 240 tumours and 80 lines of 4 types × 120 genes."""
    return make_planted()


@pytest.fixture
def line_match():
    """A function: share of lines whose nearest tumour by correlation has their type."""

    def share(x, data):
        correlation = np.corrcoef(x)[np.ix_(data.is_line, ~data.is_line)]
        nearest = data.cancer_type[~data.is_line][correlation.argmax(axis=1)]
        return float((nearest == data.cancer_type[data.is_line]).mean())

    return share


@pytest.fixture
def origin_gap():
    """A function: mean over types of the distance between the means of tumours and lines."""

    def gap(x, data):
        means = [
            [
                x[(data.cancer_type == t) & side].mean(axis=0)
                for side in (data.is_line, ~data.is_line)
            ]
            for t in np.unique(data.cancer_type)
        ]
        return float(np.mean([np.linalg.norm(line - tumour) for line, tumour in means]))

    return gap
