"""Usage and perplexity: bounds, known values, and the error of averaging over minibatches."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import entropy

from helpers.vqvae_subtyping.extractors.codebook_usage import code_shares, code_usage, perplexity


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    n_samples=st.integers(1, 40),
    n_positions=st.integers(1, 4),
    n_codes=st.integers(1, 8),
)
def test_perplexity_lies_between_one_and_the_codes_in_use(seed, n_samples, n_positions, n_codes):
    rng = np.random.default_rng(seed)
    codes = rng.integers(n_codes, size=(n_samples, n_positions))
    shares = code_shares(torch.as_tensor(codes), n_codes)
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(n_positions, dtype=torch.float64))
    result = perplexity(shares)
    for position in range(n_positions):
        counts = np.bincount(codes[:, position], minlength=n_codes)
        assert float(result[position]) == pytest.approx(np.exp(entropy(counts)))
        assert 1 - 1e-9 <= float(result[position]) <= (counts > 0).sum() + 1e-9
    usage = code_usage(torch.as_tensor(codes), n_codes)
    assert usage["used_least"] <= usage["used"] <= n_codes
    assert usage["distinct"] == len(np.unique(codes, axis=0))


def test_known_values():
    even = torch.arange(8)[:, None] % 4
    assert code_usage(even, 4) == pytest.approx(
        {"used": 4, "used_least": 4, "perplexity": 4, "distinct": 4}
    )
    collapsed = torch.zeros(8, 2, dtype=torch.long)
    assert code_usage(collapsed, 4) == {
        "used": 1, "used_least": 1, "perplexity": 1, "distinct": 1,
    }  # fmt: skip
    mixed = torch.cat([even, collapsed[:, :1]], dim=1)  # the mean over positions
    assert code_usage(mixed, 4) == pytest.approx(
        {"used": 2.5, "used_least": 1, "perplexity": 2.5, "distinct": 4}
    )


def test_a_mean_over_minibatches_says_too_little():
    """The planted error: 64 codes used alike look like 8 in minibatches of 8."""
    codes = torch.arange(64)[:, None]
    per_minibatch = [float(perplexity(code_shares(part, 64))) for part in codes.split(8)]
    assert np.mean(per_minibatch) == pytest.approx(8)
    assert code_usage(codes, 64)["perplexity"] == pytest.approx(64)
