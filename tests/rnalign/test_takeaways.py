"""Sentences say better, worse or cannot be told as the numbers do; without numbers, nothing."""

import re
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign import takeaways as words

METRICS = (
    "delta_d", "delta_d_relative", "pvca", "delta_kbet", "match_mean", "match_balanced", "r2_kept",
    "variance_kept",
)  # fmt: skip
RIVALS = (
    "input", "linear_projection", "celligner", "mean_shift", "mean_shift_per_type", "combat",
    "mober",
)  # fmt: skip
PARTS = ("rnalign_no_cor", "rnalign_no_grad", "rnalign_no_purity", "rnalign_no_type")


def scores(n_seeds=3, spread=0.01, **changed):
    """RNAlign at 1, everything else at 2, under every metric; `changed`: method → value."""
    values = (
        dict.fromkeys((*RIVALS, *PARTS, "constant_type", "shrunken", "shrunken_shift"), 2.0)
        | {"rnalign": 1.0}
        | changed
    )
    return pd.DataFrame(
        [
            {"method": name, "seed": seed}
            | dict.fromkeys(METRICS, value + spread * (seed + 1) * (name == "rnalign"))
            for seed in range(n_seeds)
            for name, value in values.items()
        ]
    )


def changes(n_seeds=3, **changed):
    values = {"both": 1.0, "origin": 2.0, "purity": 5.0, "none": 6.0} | changed
    table = pd.DataFrame([values] * n_seeds)
    return table.add(0.01 * np.arange(n_seeds), axis=0) * [1, 1, 1.01, 1]


LEAK = pd.Series(
    {
        "another type told, match with own": 0.12,
        "another type told, match with that": 0.98,
        "input": 0.4,
    }
)
EFFECT = pd.Series({"rnalign_no_grad": 0.0, "rnalign_inert_grad": 0.0, "rnalign": 0.4})


def whole(n_seeds=3, subtypes=None, effect=EFFECT, **changed):
    compared = SimpleNamespace(scores=scores(n_seeds, **changed), label_changes=changes(n_seeds))
    return words.takeaways(
        compared,
        SimpleNamespace(match=LEAK),
        SimpleNamespace(scores=pd.DataFrame() if subtypes is None else subtypes),
        effect if effect is None else SimpleNamespace(largest=effect),
    )


def test_lower_is_better_for_distances_and_higher_for_matches():
    table = scores()
    assert words.in_words(table, "delta_d", "rnalign", "celligner").startswith(
        "better than Celligner in ΔD (1.02 ± 0.01 against 2"
    )
    assert words.in_words(table, "match_mean", "rnalign", "input").startswith(
        "worse than the input in the match"
    )


def test_a_difference_within_its_spread_is_not_told():
    table = scores(spread=1.0, celligner=3.2)
    text = words.in_words(table, "delta_d", "rnalign", "celligner")
    assert text.startswith("not to be told from Celligner")


def test_one_seed_has_numbers_and_no_order():
    text = whole(n_seeds=1)
    assert "under three no order is told" in text
    assert not re.search("better|worse|not to be told", text)
    assert "at 1.01 in ΔD against 2 of" in text
    assert "no order" not in whole(n_seeds=3)


def test_every_sentence_of_a_full_run_is_there():
    subtypes = scores().assign(silhouette=lambda rows: rows["pvca"])
    text = whole(subtypes=subtypes)
    starts = re.findall(r"^- \*\*([^*]+)\*\*", text, flags=re.MULTILINE)
    assert starts == [
        "The paper's table.", "Parts", "Labels changed.", "How much is smoothing?",
        "What is left of a sample?", "Label or alignment?", "Subtypes", "Without types",
        "The gradient loss",
    ]  # fmt: skip
    assert "nan" not in text and "None" not in text


def test_what_was_not_run_is_left_out():
    table = scores()
    few = table[~table["method"].isin([*PARTS])]
    assert words.parts_worth(few) == "" and words.without_types(few) == ""
    assert words.subtypes_kept(pd.DataFrame(), pd.DataFrame()) == ""
    assert "gradient loss** of" not in whole(effect=None)


def test_values_that_are_missing_make_no_sentence():
    table = scores()
    table[[*METRICS]] = np.nan
    for sentence in (words.paper_table, words.parts_worth, words.smoothing, words.without_types):
        assert sentence(table) == ""
    assert words.labels_changed(changes() * np.nan) == ""


def test_the_rival_is_the_best_of_the_papers_three_and_no_other():
    text = words.paper_table(scores(celligner=1.5, mober=0.1))
    assert "better than Celligner in ΔD" in text and "MOBER" not in text
    assert "worse than the input in the match" in text  # highest is best there: all others at 2


def test_metrics_of_one_order_are_said_together():
    text = words.paper_table(scores(celligner=1.5))
    assert text.count("better than Celligner in ") == 1 and ") and PVCA (" in text
    single = words.paper_table(scores(celligner=1.5).query("seed == 0"))
    assert "in PVCA against 1.5 of Celligner" in single and "better" not in single


@pytest.mark.parametrize(
    ("purity", "order"), [(5.0, "is better than changing purity"), (1.0, "is worse than changing")]
)
def test_labels_changed_says_which_matters(purity, order):
    assert order in words.labels_changed(changes(purity=purity))


def test_smoothing_names_each_rival_with_its_order():
    text = words.smoothing(scores(mean_shift=0.5))
    assert "the mean shift 0.5 ± 0 (better than RNAlign)" in text
    assert "MOBER 2 ± 0 (worse than RNAlign)" in text


def test_the_label_is_found_out_in_percent():
    text = words.label_or_alignment(scores(), LEAK)
    assert "98% of lines find neighbours of the type they were told and 12% of their own" in text
    assert "Told one type for all, RNAlign is not to be told from the input" in text
    assert "Told the right type, RNAlign is worse than the mean shift per type" in text


def test_gradient_that_does_change_something_is_not_called_inert():
    assert "code changes nothing" in words.gradient_trains(EFFECT)
    assert "changes values by up to 0.2" in words.gradient_trains(EFFECT.replace(0.0, 0.2))


# What is kept


def test_what_is_kept_of_a_sample_is_said_beside_what_a_smoother_gains():
    said = words.retained(scores(rnalign=0.3, celligner=0.8, shrunken=0.4))
    assert "RNAlign keeps an r² of 0.32 ± 0.01 and 0.32 ± 0.01 of the variance" in said
    assert "Celligner 0.8 ± 0" in said and "shrunk by as much" in said
    assert "The mean shift per type, shrunk by as much, is" in said
    assert words.retained(scores().assign(r2_kept=np.nan)) == ""
