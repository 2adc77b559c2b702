"""Chapter 2 says before its start what it cannot use."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.needs import check_needs
from helpers.coembedding.simulation import simulate_multiomics

USUAL = {"cohort": "demo-multiomics", "atac_cohort": "", "peaks_cohort": "", "histology_cohort": ""}
USUAL |= {"seed": 0, "n_latent": 32, "min_mean": 0.5, "test_fraction": 0.3}


def test_the_demo_is_let_through():
    check_needs(USUAL | {"histology_cohort": "demo-histology"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"cohort": "demo-pancan"}, r'demo-pancan lacks obsm\["atac"\]'),
        ({"atac_cohort": "demo-pancan"}, "'demo-multiomics' has ATAC already"),
        ({"peaks_cohort": "demo-pancan"}, r'peaks_cohort must have var\["chrom"\]'),
        ({"test_fraction": 0.05}, "test_fraction = 0.05 gives {'BREAST': 3"),
        ({"min_mean": 99.0}, "`min_mean` must leave a feature of RNA: got 99.0"),
        ({"n_latent": 249}, "`n_latent` must be at most .* for 250 features of RNA"),
        ({"histology_cohort": "demo-pancan"}, r"histology_cohort must .*uns\[\"regions\"\]"),
    ],
)
def test_cohorts_of_another_kind_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        check_needs(USUAL | given)


def test_a_handful_of_donors_with_both_is_refused(monkeypatch):
    donors = simulate_multiomics(0)
    paired = np.flatnonzero(donors.obs["has_rna"] & donors.obs["has_atac"])
    alone = np.flatnonzero(~(donors.obs["has_rna"] & donors.obs["has_atac"]))
    few = donors[[*paired[:25], *alone]].copy()
    few.uns["atac_var"] = pd.DataFrame(few.uns["atac_var"])
    assert isinstance(few, anndata.AnnData)
    monkeypatch.setattr("helpers.coembedding.needs.load_multiomics", lambda *_: few)
    with pytest.raises(ValueError, match="chapter 2 needs 5 held-out donors with both"):
        check_needs(USUAL)
