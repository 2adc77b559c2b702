"""Paper 4's rows: each status follows from the run, and every claim's place has a row."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.analyses.rnalign_rows import count_rnalign_rows
from helpers.rnalign.claims import rnalign_claims


def samples(name="ccle-tcga"):
    obs = pd.DataFrame({"cancer_type": ["A", "B"]}, index=["s", "t"])
    made = anndata.AnnData(np.zeros((2, 1)), obs)
    made.uns["name"] = name
    return made


def status(found, paper):
    table = found.table.set_index("paper")
    return table.loc[next(name for name in table.index if name.startswith(paper)), "status"]


@pytest.mark.parametrize(
    ("paper", "best", "least"),
    [
        ("12,236", "faithful", "deviating"),
        ("log2(TPM", "faithful", "deviating"),
        ("3,000 genes", "faithful", "deviating"),
        ("1,000 epochs", "faithful", "deviating"),
        ("without one part", "faithful", "missing"),
        ("breast subtypes", "deviating", "untestable"),
    ],
)
def test_a_status_follows_from_the_run(paper, best, least):
    whole = count_rnalign_rows(samples("paper-rnalign"), 3000, 1000, True, 9, "ccle-brca")
    assert status(whole, paper) == best
    assert status(count_rnalign_rows(samples(), 2000, 200, False, 0, ""), paper) == least


def test_every_claim_of_the_paper_has_its_place():
    found = count_rnalign_rows(samples(), 3000, 200, True, 9, "")
    places = " ".join(found.table["where"])
    for claim in rnalign_claims().values():
        if claim.where.startswith(("table", "figure")):
            for place in claim.where.split(", "):
                assert place.rstrip("abcde–") in places, claim.where
    assert (found.table.loc[found.table["status"] != "faithful", "here"].str.len() > 15).all()
