import numpy as np
import pytest
from scipy.spatial.distance import cdist

from helpers.rnalign.metrics.origin import as_origins, distances


def test_types_with_both_sides_are_scored(paired):
    x, is_line, cancer_type = paired(n_lines=(20, 1, 25))
    samples = as_origins(x, is_line, cancer_type)
    assert samples.types == ["brain", "kidney"]
    assert as_origins(x, is_line, cancer_type, min_each=1).types == ["brain", "eye", "kidney"]
    assert samples.x.dtype == float
    rows = samples.rows("kidney", is_line=True)
    assert is_line[rows].all() and set(cancer_type[rows]) == {"kidney"} and len(rows) == 25


def test_what_cannot_be_scored_is_named(paired):
    x, is_line, cancer_type = paired(n_lines=(20, 1, 25))
    with pytest.raises(ValueError, match="'eye' has 30 tumours and 1 lines"):
        as_origins(x, is_line, cancer_type, types=["brain", "eye"])
    with pytest.raises(ValueError, match="'lung' has 0 tumours and 0 lines"):
        as_origins(x, is_line, cancer_type, types=["lung"])
    with pytest.raises(ValueError, match="samples are tumours"):
        as_origins(x, np.zeros_like(is_line), cancer_type)
    with pytest.raises(ValueError, match="samples are cell lines"):
        as_origins(x, np.ones_like(is_line), cancer_type)
    with pytest.raises(ValueError, match="No cancer type has 2 tumours and 2 lines"):
        as_origins(x, is_line, np.where(is_line, "line", "tumour"))
    with pytest.raises(ValueError, match="`is_line` must have one label per sample"):
        as_origins(x, is_line[:-1], cancer_type)
    x[3, 4] = np.nan
    with pytest.raises(ValueError, match="must be finite; 1 of"):
        as_origins(x, is_line, cancer_type)


def test_distances_equal_scipy_far_from_the_origin(paired):
    x = paired()[0].astype(float) + 1000
    np.testing.assert_allclose(distances(x), cdist(x, x), atol=1e-6)
