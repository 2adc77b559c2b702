"""What the model does not explain, given back."""

import numpy as np
import pytest

from helpers.rnalign.search.residual import Decoded, with_residual

RNG = np.random.default_rng(0)
X, ALIGNED, OWN = RNG.normal(size=(3, 6, 4)).astype(np.float32)


def test_none_is_what_is_decoded_and_all_is_the_sample_with_a_shift():
    decoded = Decoded(ALIGNED, OWN)
    assert np.array_equal(with_residual(X, decoded, 0), ALIGNED)
    np.testing.assert_allclose(with_residual(X, decoded, 1), X + (ALIGNED - OWN), atol=1e-6)
    half = with_residual(X, decoded, 0.5)
    np.testing.assert_allclose(half, ALIGNED + (X - OWN) / 2, atol=1e-6)
    assert half.dtype == X.dtype


def test_a_share_that_is_none_and_a_residual_that_is_not_there_are_refused():
    with pytest.raises(ValueError, match=r"between 0 and 1; got 1\.5"):
        with_residual(X, Decoded(ALIGNED, OWN), 1.5)
    with pytest.raises(ValueError, match="has no residual"):
        with_residual(X, Decoded(ALIGNED), 0.5)
