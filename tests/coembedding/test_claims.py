"""Paper 2's claims: each verdict follows from the scores, and what was not run is said."""

import pandas as pd
import pytest

from helpers.coembedding.claims import chosen_coembedding, coembedding_claims
from helpers.coembedding.observed_claims import judge_claims, observe_coembedding
from helpers.evaluate.reproduction import verdict, verdict_table
from helpers.runs.published import published_table

BEST = "contrastive"
CLAIMS = coembedding_claims(BEST)

VALUES = {  # (cohort accuracy, Grassmann, Uno's C), as the paper would have it
    ("pca", "atac"): (0.85, 4.0, 0.55),
    ("pca", "rna"): (0.9, 3.6, 0.55),
    ("atac_vae", "atac"): (0.7, 4.2, 0.6),
    ("rna_vae", "rna"): (0.92, 3.4, 0.7),
    ("linear_vae", "rna"): (0.93, 3.35, 0.72),
    ("adversarial", "atac"): (0.88, 3.8, 0.71),
    ("adversarial", "rna"): (0.9, 3.5, 0.7),
    ("contrastive", "atac"): (0.9, 3.7, 0.7),
    ("contrastive", "rna"): (0.91, 3.5, 0.72),
    ("clinical", "rna"): (None, None, 0.715),
}
PAIRS = {  # FOSCTTM, within type, label accuracy, modality accuracy
    "single": (0.5, 0.5, 0.9, 1.0),
    "adversarial": (0.2, 0.25, 0.9, 0.6),
    "contrastive": (0.22, 0.26, 0.89, 0.65),
    "adversarial_paired": (0.03, 0.1, 0.9, 0.6),
    "contrastive_paired": (0.03, 0.1, 0.9, 0.6),
    "ridge": (0.04, 0.08, 0.85, 0.8),
    "shuffled": (0.51, 0.5, 0.1, 0.5),
}
MEASURED = {"genes": 0.0005, "peaks": 0.008, "go": 0, "regions": 0}
MEASURED |= {"slide_gene": 0.45, "slide_rebuilt": 0.788, "slide_survival": 0.52}
MEASURED |= {"slide_genes": 0.0009, "slide_profile": 0.03, "slide_rebuilt_profile": 0.03}
MEASURED |= {"slide_cohort": 0.8038}


def scores(**changed):
    values = {**VALUES, **{tuple(name.split("__")): row for name, row in changed.items()}}
    columns = ["cohort_accuracy", "grassmann", "uno_c"]
    rows = [
        {"model": model, "modality": modality, "seed": seed, **dict(zip(columns, row, strict=True))}
        for seed in (0, 1)
        for (model, modality), row in values.items()
        if row
    ]
    return pd.DataFrame(rows)


def pairs(**changed):
    columns = ["foscttm", "foscttm_within_type", "label_accuracy", "modality_accuracy"]
    rows = [
        {"model": model, "seed": seed, **dict(zip(columns, row, strict=True))}
        for seed in (0, 1)
        for model, row in (PAIRS | changed).items()
        if row
    ]
    return pd.DataFrame(rows)


def verdicts(score_table, pair_table, measured=MEASURED):
    found = observe_coembedding(CLAIMS, BEST, score_table, pair_table, measured)
    return {name: verdict(claim) for name, claim in found.items()}


def test_the_papers_own_numbers_reproduce_it():
    found = verdicts(scores(), pairs())
    assert set(found.values()) == {"reproduced"}


@pytest.mark.parametrize(
    ("changed", "claim", "expected"),
    [
        ({"rna_vae__rna": (0.895, 3.55, 0.58)}, "rna_accuracy", "partly"),
        ({"rna_vae__rna": (0.895, 3.55, 0.58)}, "rna_grassmann", "partly"),
        ({"rna_vae__rna": (0.8, 3.7, 0.54)}, "rna_survival", "not"),
        ({"linear_vae__rna": (0.915, 3.42, 0.6)}, "linear_accuracy", "partly"),
        ({"linear_vae__rna": (0.915, 3.42, 0.6)}, "linear_grassmann", "partly"),
        ({"linear_vae__rna": (0.915, 3.42, 0.6)}, "linear_survival", "not"),
        ({"atac_vae__atac": (0.9, 3.6, 0.5)}, "atac_accuracy", "not"),
        ({"atac_vae__atac": (0.9, 3.6, 0.5)}, "co_grassmann", "not"),
        ({"atac_vae__atac": (0.88, 3.6, 0.5)}, "co_atac_accuracy", "partly"),
        ({"pca__rna": (0.99, 3.6, 0.5)}, "co_pca_accuracy", "not"),
        ({"clinical__rna": (None, None, 0.74)}, "co_survival_contrastive", "partly"),
        ({"clinical__rna": (None, None, 0.74)}, "co_survival_adversarial", "partly"),
    ],
)
def test_each_claim_of_figure_2_can_fail(changed, claim, expected):
    assert verdicts(scores(**changed), pairs())[claim] == expected


@pytest.mark.parametrize(
    ("changed", "claim", "expected"),
    [
        ({"contrastive": (0.3, 0.31, 0.9, 0.7)}, "foscttm_contrastive", "partly"),
        ({"contrastive": (0.3, 0.31, 0.9, 0.7)}, "donor_contrastive", "partly"),
        ({"contrastive": (0.2, 0.3, 0.8, 0.7)}, "label_contrastive", "not"),
        ({"adversarial": (0.2, 0.3, 0.9, 0.9)}, "modality_adversarial", "not"),
        ({"contrastive_paired": (0.2, 0.3, 0.9, 0.9)}, "ridge", "not"),
        ({"shuffled": (0.3, 0.3, 0.1, 0.5)}, "shuffled", "not"),
    ],
)
def test_each_claim_of_the_pairs_can_fail(changed, claim, expected):
    assert verdicts(scores(), pairs(**changed))[claim] == expected


def test_a_better_model_that_was_not_named_changes_no_verdict():
    """The largest of several on test data flatters: each claim is about its own model."""
    lost = {"contrastive__atac": (0.6, 4.3, 0.5), "contrastive__rna": (0.7, 3.9, 0.5)}
    found = verdicts(scores(**lost), pairs(contrastive_paired=(0.3, 0.3, 0.9, 0.6)))
    for claim in ("co_atac_accuracy", "co_grassmann", "co_pca_accuracy", "ridge"):
        assert found[claim] == "not", claim
        assert BEST in CLAIMS[claim].tolerance
    assert found["co_survival_adversarial"] == "reproduced"
    assert found["co_survival_contrastive"] == "not"


def test_seeds_that_disagree_make_a_verdict_uncertain():
    table = scores()
    table.loc[table["model"].eq("rna_vae") & table["seed"].eq(1), "cohort_accuracy"] = 0.88
    assert verdicts(table, pairs())["rna_accuracy"] == "uncertain"


def test_validation_donors_name_the_best_co_embedding():
    keys = [f"validation.shortfall.{kind}" for kind in ("adversarial", "contrastive")]
    rows = [["as in the chapter", 0.1, 0.2], ["as in the chapter", 0.3, 0.1], ["other", 9, 0]]
    sweep = pd.DataFrame(rows, columns=["label", *keys])
    assert chosen_coembedding(sweep) == "contrastive"
    assert chosen_coembedding(sweep.assign(**{keys[1]: 1.0})) == "adversarial"
    for broken in (sweep[sweep["label"] == "other"], sweep[["label", keys[0]]]):
        with pytest.raises(ValueError, match="Publish it again"):
            chosen_coembedding(broken)
    assert chosen_coembedding(published_table("coembedding_models")) in {"adversarial", BEST}


def test_measured_claims_can_fail():
    found = verdicts(scores(), pairs(), {"slide_rebuilt": 0.7, "go": 2, "genes": [0.005, 0.006]})
    assert (found["slide_rebuilt"], found["go"], found["genes"]) == ("partly", "not", "partly")


def test_what_was_not_run_is_not_testable_and_says_why():
    fewer = scores(atac_vae__atac=None).drop(columns="uno_c")
    found = observe_coembedding(CLAIMS, BEST, fewer, pairs(contrastive_paired=None, shuffled=None))
    shown = verdict_table(list(found.values()))
    untested = shown[shown["verdict"] == "not testable here"]
    assert (untested["reason"].str.len() > 0).all()
    assert {"co_grassmann", "co_survival_adversarial", "ridge", "shuffled", "slide_gene"} <= {
        name for name, claim in found.items() if not claim.here
    }
    assert verdict(found["rna_accuracy"]) == "reproduced"


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"must name claims, .*got \['slides'\]"):
        observe_coembedding(CLAIMS, BEST, scores(), pairs(), {"slides": 1})


class Measured:
    def __init__(self, **observed):
        self.observed = observed


def test_verdicts_gather_what_every_result_has_seen():
    names = scores().assign(name="x")
    results = Measured(genes=[0.0005, 0.0005], go=[0, 0]), Measured(), Measured(peaks=[0.5])
    found = judge_claims(CLAIMS, BEST, names, pairs(), results)
    expected = verdicts(scores(), pairs(), {"genes": 0.0005, "go": 0, "peaks": 0.5})
    assert found.tables["reproduction"]["verdict"].tolist() == list(expected.values())
    counts = [found.metrics[f"reproduction.n_claims.{v}"] for v in ("reproduced", "partly", "not")]
    assert counts == [list(expected.values()).count(v) for v in ("reproduced", "partly", "not")]
    with pytest.raises(ValueError, match="must name claims"):
        judge_claims(CLAIMS, BEST, names, pairs(), [Measured(colour=[1])])
