"""Paper 2's rows: each status follows from the run, and every claim's place has a row."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.argument_groups import Network, Preparation
from helpers.coembedding.claims import coembedding_claims
from helpers.coembedding.paper_rows import PAPER_PEAKS, count_coembedding_rows
from helpers.cohorts.registry import load_cohort

PREPARATION = Preparation(0.2, min_mean=0.5, quantile=True, matching="paper", demographics=True)
PEAKS = anndata.AnnData(np.zeros((1, 1)))


def donors(kind="peak", n_columns=PAPER_PEAKS, **obs):
    facts = pd.DataFrame({"has_rna": [True], "has_atac": True, "batch": "a"}, index=["p"])
    made = anndata.AnnData(np.zeros((1, 2)), facts.assign(os_time=1, os_event=1, sex="F", **obs))
    made.var["chrom"], made.var["tss"] = "chr1", 1
    made.obsm["atac"] = np.zeros((1, n_columns), np.float32)
    made.uns = {"atac_feature": kind, "feature": "gene"}
    return made


def slides(*types):
    obs = pd.DataFrame({"cancer_type": list(types)}, index=[f"s{i}" for i in range(len(types))])
    return anndata.AnnData(np.zeros((len(types), 1)), obs)


def rows(cohort, peaks=PEAKS, of_slides=None, n_latent=512, patience=2, is_own=True, **changed):
    preparation = Preparation(**(vars(PREPARATION) | changed))
    run = Network(8, n_latent), patience, 5, is_own
    return count_coembedding_rows(cohort, peaks, of_slides, preparation, *run)


def status(found, paper):
    table = found.table.set_index("paper")
    return table.loc[next(name for name in table.index if name.startswith(paper)), "status"]


BARE = donors("component", 200)
BARE.obs = BARE.obs.drop(columns=["batch", "os_time", "os_event", "sex"])


@pytest.mark.parametrize(
    ("paper", "best", "least"),
    [
        ("quantile", "faithful", "deviating"),
        ("removeBatchEffect: library", "faithful", "untestable"),
        ("removeBatchEffect: demographics", "faithful", "untestable"),
        ("hierarchical ATAC VAE", "faithful", "untestable"),
        ("80/20", "deviating", "deviating"),
        ("baseline of 512", "faithful", "deviating"),
        ("ATAC VAE of windows", "faithful", "untestable"),
        ("training until two", "faithful", "untestable"),
        ("matches with the four", "faithful", "deviating"),
        ("survival: Cox", "deviating", "untestable"),
        ("GREAT", "deviating", "untestable"),
        ("RNA VAE retrained", "faithful", "untestable"),
        ("cancer type by the retrained", "faithful", "untestable"),
    ],
)
def test_a_status_follows_from_the_run(paper, best, least):
    assert status(rows(donors(), of_slides=slides("A", "B")), paper) == best
    assert status(rows(BARE, None, None, 32, 10, test_fraction=0.3), paper) == least


def test_what_is_switched_off_or_of_others_is_said():
    assert status(rows(donors(), demographics=False), "removeBatchEffect: demog") == "missing"
    assert status(rows(donors(), is_own=False), "hierarchical ATAC VAE") == "deviating"


def test_more_of_the_paper_is_faithful_where_its_data_are():
    whole = rows(donors(), of_slides=slides("A", "B")).counts
    least = rows(BARE, None, None, 32, 10, quantile=False).counts
    assert whole["faithful"] > least["faithful"] and whole["untestable"] < least["untestable"]
    assert least["missing"] == whole["missing"] + 1  # no quantile normalisation
    one = rows(donors(), of_slides=slides("A", "A"))
    assert status(one, "cancer type by the retrained") == "untestable"


def test_nothing_deviates_unsaid_on_the_demo_and_every_claim_has_its_place():
    cohort = load_cohort("demo-multiomics", 0)
    found = rows(cohort, cohort, load_cohort("demo-histology", 0), 32, 10).table
    said = found.loc[found["status"] != "faithful", "here"]
    assert (said.str.len() >= 10).all()
    places = set(found["where"])
    for claim in coembedding_claims("contrastive").values():
        if not claim.where.startswith("not "):
            assert claim.where in places, claim.where
