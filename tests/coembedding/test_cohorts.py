"""The registered cohorts of chapter 2: what they say is there is there, from the cache too."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.cohorts import COHORTS
from helpers.coembedding.donors.modalities import check_multiomics
from helpers.cohorts.sources import load_sources

SPECS = {spec.name: spec for spec in COHORTS}


def test_names_groups_and_tiers():
    known = load_sources()
    for spec in COHORTS:
        assert bool(spec.groups) == (spec.tier != "demo")
        assert set(spec.groups) | set(spec.enrichment_groups) <= set(known)


@pytest.mark.parametrize("name", ["demo-multiomics", "demo-histology"])
def test_demo_cohorts_have_their_columns_and_name(name):
    cohort = SPECS[name].load(0)
    assert set(SPECS[name].columns) <= set(cohort.obs)
    assert cohort.uns["name"] == name


@pytest.mark.real
@pytest.mark.parametrize("name", ["tcga-atac-rna", "tcga-brca-atac", "tcga-brca-histology"])
def test_real_cohorts_have_their_columns_and_name(real_data, name):
    cohort = SPECS[name].load(0)
    assert set(SPECS[name].columns) <= set(cohort.obs)
    assert cohort.uns["name"] == name and cohort.obs_names.is_unique
    assert all(isinstance(note, str) for note in cohort.uns["notes"])


@pytest.mark.real
def test_a_cohort_from_the_cache_is_the_same(real_data):
    first, again = (SPECS["tcga-atac-rna"].load() for _ in range(2))
    check_multiomics(again)
    assert isinstance(again, anndata.AnnData)
    np.testing.assert_array_equal(first.obsm["atac"], again.obsm["atac"])
    pd.testing.assert_frame_equal(first.obs, again.obs)
    assert again.obs["has_rna"].dtype == bool
    assert len(again.uns["atac_var"]) == 200
