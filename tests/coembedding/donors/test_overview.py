"""Donors are counted by what was measured of them."""

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.donors.overview import describe_donors


def test_each_donor_is_counted_once():
    obs = pd.DataFrame(
        {
            "cancer_type": ["A", "A", "B", "B", "B"],
            "has_rna": [True, True, True, False, False],
            "has_atac": [True, False, True, True, True],
        },
        index=[*"vwxyz"],
    )
    donors = anndata.AnnData(np.zeros((5, 1200), np.float32), obs)
    donors.obsm["atac"], donors.uns["atac_feature"] = np.zeros((5, 7)), "component"
    overview = describe_donors(donors)
    counts = overview.tables["cohort"]
    assert counts.loc["A"].to_dict() == {"ATAC only": 0, "RNA only": 1, "both": 1}
    assert counts.loc["B"].to_dict() == {"ATAC only": 2, "RNA only": 0, "both": 1}
    assert overview.sentence == "1,200 RNA features, 7 ATAC features (components)"
