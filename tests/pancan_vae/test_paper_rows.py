import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.feature_sets import CohortSets
from helpers.evaluate.fidelity import STATUSES
from helpers.pancan_vae.claims import Expected
from helpers.pancan_vae.paper_rows import TWELVE, count_paper_rows

SETS = CohortSets({"a": ["x"]}, {"task": ["a"]}, None, "")
NONE = CohortSets({}, {}, None, "")


def cohort(feature="gene", **uns):
    made = anndata.AnnData(np.zeros((1, 1)), pd.DataFrame(index=["a"]))
    made.uns |= {"feature": feature, "unit": "log2(TPM+1)"} | uns
    return made


def rows(feature="gene", types=TWELVE, sets=SETS, test_fraction=0.2, full=True, **uns):
    expected = Expected(("COAD", "READ"), "LAML", ("LUAD", "LUSC"), tuple(types), "paper")
    return count_paper_rows(cohort(feature, **uns), expected, sets, test_fraction, full)


@pytest.mark.parametrize(
    "found",
    [
        rows(),
        rows("microRNA", (*TWELVE, "READ", "LAML")),
        rows("microRNA", ("UCS", "GBM"), NONE, 0.3, full=False),
        rows(truth={}),
    ],
    ids=["paper", "microRNA", "least", "simulated"],
)
def test_every_row_has_a_status_and_none_deviates_unsaid(found):
    assert set(found.table["status"]) <= set(STATUSES)
    assert (found.table["here"].str.len() > 3).all()
    assert sum(found.metrics.values()) == len(found.table) == found.table["paper"].nunique()
    for status in STATUSES:
        n = int((found.table["status"] == status).sum())
        assert found.metrics[f"reproduction.n_rows.{status}"] == n
        assert f"{n} {status}" in found.reading


def status(found, row):
    return found.table.set_index("paper").loc[row, ["status", "here"]].tolist()


def test_a_status_follows_from_the_run():
    data, split = "RNA sequencing of twelve cancers", "MLP of two ReLU layers, softmax"
    split = f"{split}, cross-entropy, 80/20"
    assert status(rows(), data)[0] == "faithful" == status(rows(), split)[0]
    few = rows(types=("UCS", "GBM", "SARC"))
    kind, here = status(few, data)
    assert kind == "deviating" and here.startswith("2 of them (GBM, UCS); 3 types, gene;")
    assert status(rows("microRNA"), data)[0] == "deviating"
    assert status(rows(test_fraction=0.3), split)[1].startswith("70% train, 30% test")
    assert status(rows(test_fraction=0.3), split)[0] == "deviating"
    assert status(rows(), "LAML stands apart") == ["untestable", "not among this cohort's types"]
    assert status(rows(types=(*TWELVE, "LAML")), "LAML stands apart")[0] == "faithful"
    assert status(rows(full=False), "UMAP by cancer type")[0] == "missing"
    clusters = "hallmark genes across latent clusters"
    assert status(rows(), clusters)[0] == "faithful"
    assert status(rows("microRNA"), clusters)[0] == "deviating"
    assert status(rows(sets=NONE), clusters)[0] == "untestable"
