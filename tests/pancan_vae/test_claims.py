from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.evaluate.reproduction import claim_table, verdict
from helpers.pancan_vae.claims import (
    Evidence,
    Expected,
    expected_types,
    judge_claims,
    pancan_claims,
)
from helpers.pancan_vae.classifiers.mistakes import find_mistakes
from helpers.pancan_vae.classifiers.space_comparison import compare_classifiers, score_sealed_fold
from helpers.pancan_vae.enrichment.every_fold import FoldHallmarks
from helpers.pancan_vae.enrichment.hallmarks import HallmarkEnrichment
from helpers.pancan_vae.latent_space.type_geometry import measure_geometry
from helpers.pancan_vae.prognosis import Prognosis

PAPER = Expected(("COAD", "READ"), "LAML", ("LUAD", "LUSC"), tuple("abcdefghij"), "paper")


def test_tolerances_in_words_are_what_the_predicates_say():
    claims = pancan_claims(PAPER)
    steps = {
        "tissue": (0.8, 0.6, 0.59),
        "near": (0.8, 0.4, 0.2),
        "apart": (0.51, 0.5, 0.25),
        "accuracy": (0.9, 0.8, 0.79),
        "mixed": (1, 3, 4),
        "hallmarks": (5, 3, 2),
        "pca": (0, -0.01, -0.02),
    }
    for name, values in steps.items():
        verdicts = [verdict(claims[name].observe(value)) for value in values]
        assert verdicts == ["reproduced", "partly", "not"], name
        if f"paper_{name}" in claims:
            same = claims[f"paper_{name}"]
            assert [verdict(same.observe(value)) for value in values] == verdicts
    near_chance = [verdict(claims["shuffled"].observe(value)) for value in (0.1, 0.16)]
    assert near_chance == ["reproduced", "not"]


def test_claims_about_absent_types_say_so_and_the_table_holds_no_result():
    claims = pancan_claims(PAPER)
    own = {f"paper_{name}" for name in ("tissue", "apart", "accuracy", "hallmarks", "pca")}
    reasoned = {n for n, c in claims.items() if c.reason}
    assert reasoned == {"near", "apart", "mixed", "hallmarks"} | own
    table = claim_table(list(claims.values()))
    assert list(table) == ["claim", "where", "paper", "tolerance"]
    assert len(table) == 13


def test_a_simulation_names_what_it_planted_and_real_data_what_the_paper_does(small_pancan):
    planted = expected_types(small_pancan)
    assert planted.near == planted.mixed == ("TWIN_A", "TWIN_B")
    assert (planted.apart, planted.reference, len(planted.types)) == ("BLOOD", "truth", 8)
    obs = pd.DataFrame({"cancer_type": ["READ", "BRCA"]}, index=["a", "b"])
    real = anndata.AnnData(np.zeros((2, 1)), obs=obs)
    named = expected_types(real)
    assert (named.apart, named.types, named.reference) == ("LAML", ("BRCA", "READ"), "paper")


@pytest.fixture(scope="module")
def evidence(runs):
    tasks = {"axes": pd.DataFrame({"n_dimensions": [2, 0, 1, 3, 0]})}
    return Evidence(
        measure_geometry(runs, "BLOOD"), compare_classifiers(runs), score_sealed_fold(runs[0]),
        find_mistakes(runs), HallmarkEnrichment({}, None, tasks), None, Prognosis(pd.DataFrame()),
    )  # fmt: skip


def test_claims_are_judged_by_what_was_found(evidence, small_pancan):
    expected = expected_types(small_pancan)
    result = judge_claims(pancan_claims(expected), expected, evidence)
    rows = result.verdicts.set_index("where")
    assert "truth" in result.verdicts and len(rows) == 13
    assert result.verdicts["n"].tolist() == [2, 0, 2, 2, 0, 2, 0, 1, 1, 0, 2, 0, 2]
    hallmarks = rows.loc["figure 4"].iloc[0]
    assert hallmarks["here"] == "3" and hallmarks["verdict"] == "partly"
    accuracy = np.mean(evidence.classifiers.values("accuracy", "vae"))
    assert result.verdicts["here"][5].startswith(f"{accuracy:.3g}")
    counts = result.metrics
    assert counts["reproduction.n_claims.not_testable_here"] == 13 - 8
    assert sum(counts.values()) == 13 and set(result.tables) == {"reproduction"}


def test_what_a_cohort_lacks_is_not_testable(evidence):
    without = Evidence(**{**vars(evidence), "hallmarks": HallmarkEnrichment({}, None, {})})
    result = judge_claims(pancan_claims(PAPER), PAPER, without)
    untested = result.verdicts[result.verdicts["verdict"] == "not testable here"]
    assert untested["n"].tolist() == [0] * 8 and (untested["reason"] != "").all()
    assert result.metrics["reproduction.n_claims.not_testable_here"] == 8
    assert sum(result.metrics.values()) == 13


def test_hallmark_claims_have_a_value_a_fold_for_either_model(evidence, small_pancan):
    rows = [
        {"space": space, "seed": seed, "tests": 9, "found": 1, "found_fixed": 1, "tasks": n}
        for space, values in {"axes": (5, 5), "paper": (5, 2)}.items()
        for seed, n in enumerate(values)
    ]
    folds = replace(evidence, every_fold=FoldHallmarks(pd.DataFrame(rows), 5))
    expected = expected_types(small_pancan)
    found = judge_claims(pancan_claims(expected), expected, folds).verdicts
    found = found[found["where"] == "figure 4"]
    assert found["n"].tolist() == [2, 2]
    assert found["verdict"].tolist() == ["reproduced", "uncertain"]
