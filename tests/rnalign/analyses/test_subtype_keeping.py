"""Table 3: subtypes in the place of types, from the chapter's alignment or from one of its own."""

import numpy as np
import pytest

from helpers.rnalign.analyses.subtype_keeping import (
    METHODS,
    align_subtyped,
    same_mix,
    score_subtypes,
)
from helpers.rnalign.metrics.subtypes import subtype_silhouettes


def test_scores_of_the_chapters_own_alignment(compared, samples, data):
    found = score_subtypes({3: compared.first.aligned}, samples, 5)
    assert found.scores["method"].tolist() == list(METHODS)
    silhouettes = subtype_silhouettes(
        compared.first.aligned["celligner"], *data.facts.origins, samples.obs["subtype"]
    )
    expected = silhouettes["silhouette"].mean()
    assert found.metrics["subtypes.silhouette.celligner"] == pytest.approx(expected)
    assert found.scores.set_index("method")["silhouette"]["celligner"] == pytest.approx(expected)
    assert set(found.tables) == {"subtypes"} and found.is_known.all()
    np.testing.assert_array_equal(found.is_line, data.facts.is_line)


def test_a_cohort_of_its_own_is_aligned_anew_for_every_seed(samples, plan):
    gut = samples[(samples.obs["cancer_type"] == "gut").to_numpy()].copy()
    alignments = align_subtyped(gut, plan, 30)
    assert set(alignments) == {3, 4}
    assert {x.shape for x in alignments[3].values()} == {(30, 30)}
    found = score_subtypes(alignments, gut, 5)
    assert len(found.scores) == 2 * len(METHODS)
    np.testing.assert_allclose(alignments[3]["input"].mean(axis=0), 0, atol=1e-5)


def test_without_subtypes_there_is_a_note(compared, samples):
    bare = samples.copy()
    del bare.obs["subtype"]
    found = score_subtypes({3: compared.first.aligned}, bare, 5)
    assert found.tables == {} and found.metrics == {} and found.scores.empty
    assert "No subtype is known" in found.summary["note"][0]
    assert not found.is_known.any()


def mix(obs):
    counts = obs.groupby(["is_line", "subtype"], observed=True).size().unstack(fill_value=0)
    return counts.div(counts.sum(axis=1), axis=0)


def test_tumours_are_drawn_until_their_subtypes_are_mixed_as_the_lines(samples):
    gut = samples[(samples.obs["cancer_type"] == "gut").to_numpy()].copy()
    names = np.where(np.arange(gut.n_obs) % 3 == 0, "rare", "common")
    is_line = gut.obs["is_line"].to_numpy(bool)
    gut.obs["subtype"] = np.where(is_line, names[::-1], names)
    gut.obs.loc[gut.obs_names[~is_line][:2], "subtype"] = ""
    drawn = same_mix(gut, 0)
    shares = mix(drawn.obs)
    assert abs(shares.loc[True] - shares.loc[False]).max() < 0.06
    assert drawn.obs["is_line"].sum() == is_line.sum() and drawn.n_obs < gut.n_obs - 2
    counts = drawn.obs[~drawn.obs["is_line"]]["subtype"].value_counts()
    had = gut.obs[~is_line]["subtype"].value_counts()
    assert any(counts[name] == had[name] for name in counts.index)  # no more could be had
    assert drawn.obs_names.tolist() == same_mix(gut, 0).obs_names.tolist()


def test_a_table_may_bear_another_name(compared, samples):
    found = score_subtypes({3: compared.first.aligned}, samples, 5, name="same_mix")
    assert set(found.tables) == {"same_mix"}
    assert "same_mix.silhouette.shrunken" in found.metrics
