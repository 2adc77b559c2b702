"""Sentences of the published searches follow their tables."""

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.search import sentences as words
from helpers.rnalign.search.finalists import FINALISTS
from helpers.runs.published import published_table


@pytest.fixture
def search():
    """Forty draws, the last failed; alignment carries over, the loss says the opposite."""
    n = 40
    good = np.linspace(2, 0.2, n)
    table = pd.DataFrame(
        {
            "loss.total": -good,
            "validation.misalignment": good,
            "test.misalignment": good,
            "validation_kept.misalignment": good / 2,
            "test_kept.misalignment": good / 2,
            "status": "finished",
        }
    )
    failed = pd.DataFrame({"status": ["failed"]})
    return pd.concat([table, failed], ignore_index=True)


def runs(**values):
    """Five seeds of finalists; relative ΔD is below 0 for the mean shift per type."""
    rng = np.random.default_rng(0)
    level = {"mean shift per type": 0.5, "MOBER by loss": 0.3, "RNAlign by loss": 0.4,
             "RNAlign by alignment": 0.8, "RNAlign with residual": 0.8} | values  # fmt: skip
    rows = []
    for label, quality in level.items():
        for seed in range(5):
            noise = 0.01 * rng.normal()
            gap = 1 - quality + noise
            rows.append({
                "label": label, "seed": seed,
                "test.delta_d_relative": -gap if label == "mean shift per type" else gap,
                "test.delta_kbet": gap, "test.match_mean": quality + noise,
                "test.r2_kept": quality + noise, "test.misalignment": 2 * gap, "truth.r2": quality,
            })  # fmt: skip
    return pd.DataFrame(rows)


def test_a_search_says_how_many_fail_how_rules_rank_and_what_they_choose(search):
    text = words.search_sentence(search, "rnalign_search")
    assert "of 41 draws from the paper's ranges 1 fail" in text and ">rnalign_search</a>" in text
    assert "(the paper's rule) -1.00 (-1.00 to -1.00)" in text
    assert "their misalignment 1.00 (1.00 to 1.00)" in text
    assert "among 20 draws has a misalignment there of 2.00 by loss, 1.12 by alignment" in text
    assert "among 41, 2.00 by loss, 0.20 by alignment and 0.10 by residual" in text


def test_finalists_are_told_from_the_best_rival_of_each_metric():
    text = words.finalists_sentence(runs(), "rnalign_finalists")
    assert "RNAlign by alignment is better than mean shift per type in relative ΔD" in text
    assert "RNAlign by loss is worse than mean shift per type in relative ΔD" in text
    other = words.finalists_sentence(runs(**{"MOBER by loss": 0.9}), "rnalign_finalists")
    assert "RNAlign by alignment is worse than MOBER by loss in relative ΔD" in other
    assert words.finalists_sentence(runs()[lambda t: t["label"] == "input"], "x") == ""


def test_the_table_has_a_row_a_finalist_in_the_order_of_the_sweep():
    table = words.finalists_table(runs(), more=("truth.r2", "truth.none"))
    assert [*table.index] == [*dict.fromkeys(runs()["label"])]
    assert [*table] == [
        "misalignment", "delta_d_relative", "delta_kbet", "match_mean", "r2_kept", "truth.r2",
    ]  # fmt: skip
    assert table.loc["MOBER by loss", "match_mean"].startswith("0.3 ± 0.0")
    assert set(words.RIVALS) <= set(FINALISTS)


# What the book's chapter says of them


PUBLISHED = {
    "search": "rnalign_search", "finalists": "rnalign_finalists", "ablation": "rnalign_ablation",
    "transformations": "rnalign_transformations", "ideas": "rnalign_ideas",
    "labels": "rnalign_labels", "deals": "rnalign_deals",
}  # fmt: skip


def published(**changed):
    search = pd.DataFrame(
        {
            "status": ["finished", "finished", "failed"],
            "loss.total": [1.0, 2.0, np.nan],
            "validation.misalignment": [0.9, 0.4, np.nan],
            "test.misalignment": [1.0, 0.5, np.nan],
        }
    )
    metrics = ("misalignment", "delta_d", "delta_d_relative", "delta_kbet", "match_mean", "r2_kept")
    sweep = pd.DataFrame(
        [
            {"label": label, "seed": seed} | {f"test.{m}": value + 0.1 * seed for m in metrics}
            for label, value in {"RNAlign": 1.0, "no purity": 3.0, "other": 1.0}.items()
            for seed in range(3)
        ]
    )
    moved = sweep.replace({"RNAlign": "origin and purity", "no purity": "none"})
    tuned = sweep.replace({"RNAlign": "RNAlign by loss", "no purity": "ComBat"})
    ideas = sweep.assign(idea=sweep["label"])
    ideas["validation_kept.misalignment"] = ideas["label"].map({"other": 0.1}).fillna(0.5)
    deals = sweep.replace({"RNAlign": "RNAlign, ours", "no purity": "ComBat"})
    labels = pd.DataFrame({"label": ["by alignment"] * 2, "label.match.rnalign": [0.8, 0.9]})
    ours = pd.DataFrame({"label": ["with residual"], "label.match.rnalign_ours": [0.7]})
    labels = pd.concat([labels, ours])
    tables = {
        "search": search, "finalists": tuned, "ablation": sweep, "transformations": moved,
        "ideas": ideas, "labels": labels, "deals": deals,
    }  # fmt: skip
    return tables | changed


def test_published_sweeps_are_told_from_their_tables():
    text = words.published_takeaways(published())
    assert "of 3 draws from the paper's ranges 1 fail" in text
    assert "has a misalignment there of 1.00 by loss and 0.50 by alignment" in text
    assert "RNAlign by loss is better than ComBat in relative ΔD" in text
    assert "worse than ComBat in match" in text
    assert "no purity 3.1 ± 0.1 (worse than the first)" in text
    assert "other 1.1 ± 0.1 (not to be told from the first)" in text
    assert "none 3.1 ± 0.1 (worse than the first)" in text
    assert "RNAlign 1.1 ± 0.1, no purity 3.1 ± 0.1 and other 1.1 ± 0.1" in text
    assert "Validation donors choose *other*, which is better than ComBat in relative ΔD" in text
    assert "the rival of lowest misalignment is ComBat, with 3.1 ± 0.1" in text
    assert "2 seeds): lines among their label: RNAlign 0.85 ± 0.071, ours 0.7" in text
    assert (
        "misalignment, 3 deals of them, who only trained models in the search): RNAlign, ours"
        in text
    )
    assert "best rival or control in each: better than ComBat in misalignment" in text
    for name in PUBLISHED.values():
        assert f">{name}</a>" in text, name


def test_a_sweep_without_its_reference_says_less():
    tables = published()
    other = tables["ablation"][tables["ablation"]["label"] != "RNAlign"]
    rivals = tables["finalists"][tables["finalists"]["label"] == "ComBat"]
    changed = published(
        ablation=other, finalists=rivals, ideas=tables["ideas"][:0], deals=rivals[:0]
    )
    text = words.published_takeaways(changed)
    for name in ("rnalign_ablation", "rnalign_finalists", "rnalign_ideas", "rnalign_deals"):
        assert name not in text


def test_the_published_tables_have_what_the_sentences_need():
    text = words.published_takeaways({k: published_table(v) for k, v in PUBLISHED.items()})
    assert text.count("\n") == len(PUBLISHED) - 1 and "nan" not in text
