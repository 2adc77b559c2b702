"""The label question: genes that are hidden, labels that are wrong, types that are inferred."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.analyses import told_types
from helpers.rnalign.analyses.label_question import (
    LabelQuestion,
    ask_label_question,
    score_methods,
)
from helpers.rnalign.analyses.told_types import (
    ToldAlignments,
    TunedApart,
    align_told,
    hide_genes,
    infer_types,
    wrong_types,
)
from helpers.rnalign.argument_groups import ablations
from helpers.rnalign.rivals.mean_shift import MeanShift
from helpers.rnalign.search.candidates import Candidate
from helpers.rnalign.search.finalists import Finalist


@pytest.fixture(scope="module")
def asked(data, plan):
    return ask_label_question(data, plan, n_seeds=2)


def test_every_method_is_scored_for_every_seed(asked, plan):
    table = asked.tables["label_question"]
    assert set(table["seed"]) == set(plan.seeds)
    assert {"input", "celligner", "rnalign", "rnalign_inferred", "rnalign_no_type"} <= set(
        table["method"]
    )
    assert table.groupby("method").size().eq(2).all()
    scores = table[["match", "between", "within", "mislabelled"]]
    assert (
        scores.notna().all(axis=None)
        and scores.ge(0).all(axis=None)
        and scores.le(1).all(axis=None)
    )
    assert "label.between.rnalign" in asked.metrics and "label.inferred.z" in asked.metrics
    assert len(asked.summary) == table["method"].nunique()


def test_hidden_genes_are_seen_by_no_method_and_chosen_without_those_that_vote(data):
    hidden = hide_genes(data, 3)
    n_genes = hidden.x.shape[1] + hidden.unseen.shape[1]
    assert n_genes == data.x.shape[1] and len(hidden.scale) == hidden.x.shape[1]
    columns = {column.tobytes() for column in np.ascontiguousarray(data.x.T)}
    both = [np.ascontiguousarray(part.T) for part in (hidden.x, hidden.unseen)]
    assert {column.tobytes() for part in both for column in part} == columns
    assert not (hidden.may_vote & data.facts.is_line).any()
    # Other values of tumours that vote, and of lines, change nothing in the choice.
    others = hidden.may_vote | data.facts.is_line
    noise = np.random.default_rng(0).normal(size=data.x.shape).astype(np.float32)
    x = np.where(others[:, None], 50 * noise, data.x)
    again = hide_genes(replace(data, x=x), 3)
    kept = ~others
    np.testing.assert_array_equal(again.unseen[kept], hidden.unseen[kept])


def test_a_fifth_of_the_lines_is_given_another_type(data):
    told = wrong_types(data.facts, 0)
    is_line = data.facts.is_line
    assert told.is_wrong.sum() == round(0.2 * is_line.sum()) and not told.is_wrong[~is_line].any()
    assert (told.wrong[told.is_wrong] != told.own[told.is_wrong]).all()
    assert (told.own == data.facts.cancer_type).all()


def test_types_are_inferred_from_tumours_alone(data):
    programs = pd.DataFrame(np.eye(3) * 4, index=data.scored)
    x = programs.loc[data.facts.cancer_type].to_numpy()
    x = x + np.random.default_rng(0).normal(0, 0.3, x.shape)
    facts = data.facts._replace(cancer_type=wrong_types(data.facts, 0).wrong)
    np.testing.assert_array_equal(infer_types(x, facts), data.facts.cancer_type)


def test_labels_of_lines_teach_nothing_where_lines_outnumber_tumours(data):
    """Every line is called another type: a classifier that saw the lines would learn that."""
    is_few = np.zeros(len(data.x), bool)
    for name in data.scored:
        is_few[np.flatnonzero((data.facts.cancer_type == name) & ~data.facts.is_line)[:4]] = True
    facts = data.facts.at(is_few | data.facts.is_line)
    programs = pd.DataFrame(np.eye(3) * 4, index=data.scored)
    x = programs.loc[facts.cancer_type].to_numpy()
    x = x + np.random.default_rng(0).normal(0, 0.3, x.shape)
    next_one = dict(zip(data.scored, [*data.scored[1:], data.scored[0]], strict=True))
    others = pd.Series(facts.cancer_type).map(next_one).to_numpy()
    misled = facts._replace(cancer_type=np.where(facts.is_line, others, facts.cancer_type))
    np.testing.assert_array_equal(infer_types(x, misled), facts.cancer_type)


def written(types, seed=0):
    rng = np.random.default_rng(seed)
    programs = pd.DataFrame(rng.normal(size=(3, 12)), index=["eye", "gut", "skin"])
    return programs.loc[types].to_numpy() + 0.1 * rng.normal(size=(len(types), 12))


def test_a_method_that_writes_labels_finds_no_true_type_of_a_wrong_one(data):
    hidden, told = hide_genes(data, 0), wrong_types(data.facts, 0)
    found = ToldAlignments({"writer": written(told.own)}, {"writer": written(told.wrong)}, {})
    scores = score_methods(found, hidden, data, told, 5, 0).iloc[0]
    assert scores["match"] == 1 and scores["mislabelled"] == 0
    untold = ToldAlignments({"untold": written(told.own)}, {"untold": written(told.own)}, {})
    assert score_methods(untold, hidden, data, told, 5, 0)["mislabelled"].iloc[0] == 1


def test_methods_that_are_told_no_type_never_see_wrong_labels(data, plan):
    hidden, told = hide_genes(data, 0), wrong_types(data.facts, 0)
    found = align_told(hidden, data, told, plan, 0)
    told_types = {"rnalign", "constant_type", "mean_shift_per_type", "shrunken_shift"}
    for name in set(found.aligned) - told_types:
        assert found.aligned[name] is found.wrong[name], name
    for name in told_types - {"constant_type"}:
        assert not np.array_equal(found.aligned[name], found.wrong[name])
    shift = MeanShift(per_type=True).fit(hidden.x, data.facts.is_line, told.wrong)
    expected = shift.transform(hidden.x, data.facts.is_line, told.wrong)
    np.testing.assert_array_equal(found.wrong["mean_shift_per_type"], expected)


def test_one_type_for_all_is_decoded_alike_whatever_the_own_type(data, plan):
    hidden, told = hide_genes(data, 0), wrong_types(data.facts, 0)
    found = align_told(hidden, data, told, plan, 0)
    commonest = pd.Series(told.own).mode()[0]
    for aligned, types in ((found.aligned, told.own), (found.wrong, told.wrong)):
        same = np.abs(aligned["constant_type"] - aligned["rnalign"]).max(axis=1) < 1e-6
        np.testing.assert_array_equal(same, types == commonest)


def test_inferred_types_are_those_of_the_classifier(data, plan, monkeypatch):
    called = np.full(len(data.x), data.scored[1])
    monkeypatch.setattr(told_types, "infer_types", lambda x, facts: called)
    hidden, told = hide_genes(data, 0), wrong_types(data.facts, 0)
    found = align_told(hidden, data, told, plan, 0)
    assert found.called["shifted_input"] is called
    assert not np.array_equal(found.aligned["rnalign_inferred"], found.aligned["rnalign"])


def test_the_untold_model_may_have_settings_of_its_own(data, plan):
    hidden, told = hide_genes(data, 0), wrong_types(data.facts, 0)
    other = ablations(replace(plan.rnalign, training=replace(plan.rnalign.training, n_epochs=2)))
    found = [
        align_told(hidden, data, told, plan, 0, TunedApart(untold)).aligned
        for untold in (None, other["rnalign_no_type"])
    ]
    np.testing.assert_array_equal(found[0]["rnalign"], found[1]["rnalign"])
    assert not np.array_equal(found[0]["rnalign_no_type"], found[1]["rnalign_no_type"])


def test_ours_is_asked_as_the_search_would_fit_it(data, plan):
    """A candidate without a model of its own shows what is done around it, exactly."""
    hidden, told = hide_genes(data, 0), wrong_types(data.facts, 0)
    shift = Finalist(Candidate("mean_shift", told_types=True), 0.0)
    found = align_told(hidden, data, told, plan, 0, TunedApart(ours=shift))
    for given in (found.aligned, found.wrong):
        np.testing.assert_array_equal(given["rnalign_ours"], given["mean_shift_per_type"])
    inferred = found.aligned["rnalign_ours_inferred"]
    assert inferred is found.wrong["rnalign_ours_inferred"]
    assert not np.array_equal(inferred, found.wrong["rnalign_ours"])


def test_ours_gives_back_its_share_of_the_residual(data, plan):
    hidden, told = hide_genes(data, 0), wrong_types(data.facts, 0)
    ways = [Finalist(Candidate("rnalign", rnalign=plan.rnalign), share) for share in (0.0, 1.0)]
    none, whole = (
        align_told(hidden, data, told, plan, 0, TunedApart(ours=way)).aligned for way in ways
    )
    np.testing.assert_allclose(none["rnalign_ours"], none["rnalign"], atol=1e-5)
    spread = [found["rnalign_ours"].var(axis=0).mean() for found in (none, whole)]
    assert spread[1] > spread[0]


def test_the_advice_follows_the_numbers_and_says_when_seeds_are_few():
    def question(n_seeds, within):
        rows = [
            {"method": name, "seed": seed, "match": 0.5, "between": b, "within": w,
             "mislabelled": m}
            for seed in range(n_seeds)
            for name, b, w, m in (
                ("input", 0.7, 0.9, 0.5), ("rnalign", 0.9, within, 0.1),
                ("rnalign_inferred", 0.8, 0.6, 0.7), ("rnalign_no_type", 0.8, 0.7, 0.6),
            )
        ]  # fmt: skip
        return LabelQuestion(pd.DataFrame(rows), pd.DataFrame({"z": [0.5]}))

    said = question(3, 0.5).advice
    assert "told the label for the type" in said and "inferred types where labels" in said
    assert "told no type to rank lines" in said and "best of all methods: input 0.90" in said
    assert "told the label to rank lines" in question(3, 0.8).advice
    assert "2 seeds, which tell no order" in question(2, 0.5).advice and "no order" not in said
