"""Scores of held-out samples: who votes, who is asked, and what is too little."""

import numpy as np
import pytest

from helpers.rnalign.metrics.delta_d import delta_d
from helpers.rnalign.metrics.held_out_alignment import countable_types, held_out_scores
from helpers.rnalign.metrics.kbet import kbet, kbet_by_type
from helpers.rnalign.metrics.pvca import pvca


def cohort(n=160, shift=6.0, seed=0):
    rng = np.random.default_rng(seed)
    kind, line = np.tile(["eye", "gut"], n // 2), np.repeat([False, True], n // 2)
    x = rng.normal(size=(n, 12))
    x[:, :4] += 3 * (kind == "gut")[:, None]
    x[:, 4:8] += shift * line[:, None]
    return x, line, kind, rng.random(n) < 0.25


def test_distances_are_among_held_out_samples_alone():
    x, line, kind, test = cohort()
    scores = held_out_scores({"input": x}, line, kind, test)
    expected = delta_d(x[test], line[test], kind[test])
    assert scores.loc["input", "delta_d"] == pytest.approx(expected["delta_d"].median())
    origin = pvca(x[test], line[test], kind[test])["origin"]
    assert scores.loc["input", "pvca"] == pytest.approx(origin.median())
    mixing = kbet_by_type(kbet(x[test], line[test], kind[test], seed=0))
    assert scores.loc["input", "delta_kbet"] == pytest.approx(mixing["delta"].median())
    assert scores.loc["input", "n_lines"] == (test & line).sum()


def test_a_fitted_sample_does_not_move_them_but_tumours_of_both_parts_vote():
    x, line, kind, test = cohort()
    moved = x.copy()
    moved[~test & line] += 50
    same = held_out_scores({"a": x, "b": moved}, line, kind, test)
    assert same.loc["a"].equals(same.loc["b"])
    wrong = kind.copy()
    wrong[~test & ~line] = "eye"  # all fitted tumours now vote for one type
    voted = held_out_scores({"a": x}, line, wrong, test)
    assert voted.loc["a", "match_mean"] == pytest.approx(0.5)


def test_aligned_is_better_than_input():
    x, line, kind, test = cohort()
    aligned = x.copy()
    aligned[line, 4:8] -= 6
    scores = held_out_scores({"input": x, "aligned": aligned}, line, kind, test)
    assert scores.loc["aligned", "delta_d"] < 0.3 < scores.loc["input", "delta_d"]
    for metric in ("pvca", "delta_kbet"):
        assert scores.loc["aligned", metric] < 0.3 < scores.loc["input", metric]
    assert scores.loc["aligned", "match"] >= scores.loc["input", "match"]


def test_types_too_small_for_a_neighbourhood_have_no_kbet():
    x, line, kind, _ = cohort()
    few = np.zeros(len(x), dtype=bool)
    for side in (line, ~line):
        for name in ("eye", "gut"):
            few[np.flatnonzero(side & (kind == name))[:3]] = True
    scores = held_out_scores({"input": x}, line, kind, few)
    assert np.isnan(scores.loc["input", "delta_kbet"]) and scores.loc["input", "pvca"] > 0


def test_too_few_held_out_samples_are_named():
    x, line, kind, test = cohort()
    assert countable_types(line, kind, test, ["gut", "eye"]) == ["gut", "eye"]
    assert countable_types(line, kind, test & ~(line & (kind == "gut")), ["gut", "eye"]) == ["eye"]
    with pytest.raises(ValueError, match="two held-out tumours and two held-out lines"):
        held_out_scores({"input": x}, line, kind, np.arange(160) == 0)
