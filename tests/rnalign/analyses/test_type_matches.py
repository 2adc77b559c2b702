"""Matches by type, and whether lines find the type that was told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.analyses.every_method import SeedAlignment, told_types
from helpers.rnalign.analyses.type_matches import label_leak, match_types
from helpers.rnalign.metrics.line_match import match_lines


def written(types, data, noise=0.1):
    """Samples × genes that say nothing but `types`."""
    rng = np.random.default_rng(0)
    programs = pd.DataFrame(rng.normal(size=(3, 12)), index=["eye", "gut", "skin"])
    return programs.loc[types].to_numpy() + noise * rng.normal(size=(len(data.x), 12))


def test_matches_are_those_of_each_method(compared, data):
    found = match_types(compared.first.aligned, data, ["input", "rnalign"], 5)
    table = found.by_type.set_index(["method", "cancer_type"])["matched"]
    lines = match_lines(compared.first.aligned["input"], *data.facts.origins, 5, data.scored)
    expected = lines.groupby("cancer_type")["matched"].mean()
    for name in data.scored:
        assert table["input", name] == pytest.approx(expected[name])
    assert found.called.to_numpy().sum() == data.facts.is_line.sum()
    assert found.metrics == {} and set(found.tables) == {"match_by_type", "called"}


def test_whom_others_find_is_asked_of_rnalign_even_where_it_is_not_compared(compared, data):
    perfect = {**compared.first.aligned, "rnalign": written(data.facts.cancer_type, data)}
    found = match_types(perfect, data, ["input"], 5)
    assert set(found.by_type["method"]) == {"input"}
    np.testing.assert_array_equal(np.diag(found.called), [10, 10, 10])


def test_a_decoder_that_writes_what_it_is_told_is_found_out(data):
    """A method that copies the label matches the told type always and the own one by chance."""
    told = told_types(data, 0)["permuted_type"]
    aligned = {
        "input": data.x,
        "rnalign": written(data.facts.cancer_type, data),
        "permuted_type": written(told, data),
    }
    metrics = label_leak(SeedAlignment(0, {}, aligned), data, 5).metrics
    is_line = data.facts.is_line
    assert metrics["leak.match.own"] == metrics["leak.match.permuted_told"] == 1
    by_luck = (told == data.facts.cancer_type)[is_line].mean()
    assert metrics["leak.match.permuted_true"] <= by_luck + 0.25


def test_without_ablations_no_model_that_knows_no_type_is_asked(compared, data):
    assert "no type known, match with own" in label_leak(compared.first, data, 5).match
    aligned = {k: v for k, v in compared.first.aligned.items() if k != "rnalign_no_type"}
    few = label_leak(replace(compared.first, aligned=aligned), data, 5)
    assert "no type known, match with own" not in few.match
    assert set(few.metrics) == {
        f"leak.match.{k}" for k in ("own", "permuted_true", "permuted_told")
    }
