"""The same samples before and after, from one seed."""

import numpy as np

from helpers.rnalign.analyses import projection


def test_both_are_projected_alike_and_rows_can_be_chosen(monkeypatch):
    asked = []

    def umap_layout(x, seed, n_epochs):
        asked.append((seed, n_epochs))
        return x[:, :2]

    monkeypatch.setattr(projection, "umap_layout", umap_layout)
    aligned = {"input": np.arange(12.0).reshape(4, 3), "rnalign": np.ones((4, 3)), "z_only": None}
    rows = np.array([True, False, True, True])
    before, after = projection.project_before_after(aligned, 7, rows)
    np.testing.assert_array_equal(before, [[0, 1], [6, 7], [9, 10]])
    np.testing.assert_array_equal(after, np.ones((3, 2)))
    assert projection.project_before_after(aligned, 7, n_epochs=9)[0].shape == (4, 2)
    assert asked == [(7, None)] * 2 + [(7, 9)] * 2
