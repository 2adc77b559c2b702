"""Agreement in unseen genes: a label gives it between types, and never within one."""

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.metrics.marker_agreement import (
    agreement_by_type,
    marker_agreement,
    marker_genes,
    variable_genes,
)

TYPES = ("eye", "gut", "skin")
N_TUMOURS, N_LINES = 60, 20


@pytest.fixture(scope="module")
def truth():
    """Three types whose samples differ within the type along one axis, in seen and unseen genes."""
    rng = np.random.default_rng(0)
    types = np.repeat(TYPES, N_TUMOURS + N_LINES)
    is_line = np.tile(np.arange(N_TUMOURS + N_LINES) >= N_TUMOURS, len(TYPES))
    axis = rng.normal(size=len(types))

    def genes(n):
        programs = pd.DataFrame(rng.normal(size=(3, n)), index=TYPES).loc[types].to_numpy()
        culture = np.outer(is_line, rng.normal(size=n) * 2)
        own = np.outer(axis, rng.normal(size=n)) + 0.5 * rng.normal(size=(len(types), n))
        return programs + own, culture

    (seen, culture), (unseen, culture_too) = genes(40), genes(25)
    return {
        "types": types, "is_line": is_line, "axis": axis, "aligned": seen,
        "input": seen + 3 * culture, "unseen": unseen + culture_too,
    }  # fmt: skip


def written(types, seed=1):
    """Samples × genes that say nothing but `types`."""
    rng = np.random.default_rng(seed)
    programs = pd.DataFrame(rng.normal(size=(3, 40)), index=TYPES)
    return programs.loc[types].to_numpy() + 0.3 * rng.normal(size=(len(types), 40))


def scores(x, truth):
    agreement = marker_agreement(x, truth["unseen"], truth["is_line"], truth["types"], k=15)
    return agreement_by_type(agreement)


def test_what_is_aligned_agrees_between_and_within_types(truth):
    found = scores(truth["aligned"], truth)
    assert found["between"] > 0.95 and found["within"] > 0.75


def test_a_shift_of_culture_costs_agreement(truth):
    assert (scores(truth["input"], truth) < scores(truth["aligned"], truth) - 0.05).all()


def test_a_method_that_only_writes_the_type_is_at_chance_within_it(truth):
    found = scores(written(truth["types"]), truth)
    assert found["between"] > 0.9
    assert found["within"] == pytest.approx(0.5, abs=0.08)


def test_a_method_that_writes_wrong_types_is_found_out_between_them(truth):
    types = truth["types"].copy()
    lines = np.flatnonzero(truth["is_line"])
    following = dict(zip(TYPES, (*TYPES[1:], TYPES[0]), strict=True))
    types[lines] = [following[name] for name in types[lines]]
    found = scores(written(types), truth)
    assert found["between"] < 0.35
    assert found["within"] == pytest.approx(0.5, abs=0.08)


def test_noise_is_at_chance_everywhere(truth):
    x = np.random.default_rng(3).normal(size=truth["aligned"].shape)
    np.testing.assert_allclose(scores(x, truth), 0.5, atol=0.08)


def test_only_tumours_that_may_vote_are_neighbours(truth):
    x, is_line = truth["aligned"].copy(), truth["is_line"]
    may_vote = ~is_line & (np.arange(len(is_line)) % 2 == 0)
    first = marker_agreement(x, truth["unseen"], is_line, truth["types"], k=15, may_vote=may_vote)
    x[~is_line & ~may_vote] = 99 * np.random.default_rng(0).normal(size=x.shape[1])
    again = marker_agreement(x, truth["unseen"], is_line, truth["types"], k=15, may_vote=may_vote)
    pd.testing.assert_frame_equal(first, again)
    assert first.index.tolist() == np.flatnonzero(is_line).tolist()
    with pytest.raises(ValueError, match="at most the 90 tumours that may vote; got 100"):
        marker_agreement(x, truth["unseen"], is_line, truth["types"], k=100, may_vote=may_vote)


def test_too_few_of_a_type_have_no_score_within_it(truth):
    rows = np.ones(len(truth["types"]), dtype=bool)
    rows[np.flatnonzero(truth["is_line"] & (truth["types"] == "eye"))[2:]] = False
    found = marker_agreement(
        truth["aligned"][rows], truth["unseen"][rows], truth["is_line"][rows],
        truth["types"][rows], k=15,
    )  # fmt: skip
    of_eye = found[found["cancer_type"] == "eye"]
    assert of_eye["within"].isna().all() and of_eye["between"].notna().all()


def test_markers_are_high_in_one_type_and_variable_genes_vary_within_one():
    rng = np.random.default_rng(0)
    types = np.repeat(["a", "b"], 50)
    x = rng.normal(size=(100, 10))
    x[types == "a", 0] += 5
    x[types == "b", 1] += 5
    x[types == "a", 2] -= 5  # low in a: high in b
    x[:, 3] *= 6
    assert np.flatnonzero(marker_genes(x, types, 1)).tolist() in ([0, 1], [0, 2])
    assert np.flatnonzero(marker_genes(x, types, 2))[:3].tolist() == [0, 1, 2]
    assert np.flatnonzero(variable_genes(x, types, 1)).tolist() == [3]
