"""Which genes are kept, and that they are standardised over whom they are fitted on."""

import numpy as np
import pytest

from helpers.rnalign.gene_selection import fit_scaling, standardise
from helpers.rnalign.samples import select_alignment


@pytest.fixture
def chosen(make_cohort):
    """12 tumours each of A and B, 6 lines of A and 2 of B × five genes."""
    rows = [(f"{kind}{i}", kind, "primary") for kind in "AB" for i in range(12)]
    rows += [(f"line {i}", kind, "cell line") for i, kind in enumerate("AAAAAABB")]
    return select_alignment(make_cohort(rows, purity=[0.5] * 24 + [1.0] * 8))


def test_standardised_genes_have_mean_0_and_sd_1_over_those_they_are_fitted_on(chosen):
    data = standardise(chosen, n_genes=2)
    assert data.x.shape == (chosen.n_obs, 2) and data.scored == ("A",)
    np.testing.assert_allclose(data.x.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(data.x.std(axis=0), 1, rtol=1e-5)
    part = chosen[: chosen.n_obs // 2].copy()
    other = standardise(chosen, n_genes=2, fitted_on=part)
    np.testing.assert_allclose(other.x[: part.n_obs].mean(axis=0), 0, atol=1e-5)
    assert np.abs(other.x.mean(axis=0)).max() > 1e-3


def test_the_genes_that_vary_most_are_kept(chosen):
    deviation = np.median(np.abs(chosen.X - np.median(chosen.X, axis=0)), axis=0)
    most = set(chosen.var_names[np.argsort(deviation)[-2:]])
    assert set(fit_scaling(chosen, 2).feature_names) == most


def test_batches_are_left_as_they_are(chosen):
    batched = chosen.copy()
    batched.obs["batch"] = ["x", "y"] * (chosen.n_obs // 2)
    batched.X[::2] += 3
    plain = batched.copy()
    del plain.obs["batch"]
    np.testing.assert_array_equal(standardise(batched, 3).x, standardise(plain, 3).x)
