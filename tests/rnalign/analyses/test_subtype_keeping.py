"""Table 3: subtypes in the place of types, from the chapter's alignment or from one of its own."""

import numpy as np
import pytest

from helpers.rnalign.analyses.subtype_keeping import METHODS, align_subtyped, score_subtypes
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
