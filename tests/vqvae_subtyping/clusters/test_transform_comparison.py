"""k-means after each transform: every one, or the cohort's own alone."""

from dataclasses import replace

import numpy as np
from sklearn.metrics import adjusted_rand_score

from helpers.cohorts.expression_transform import ExpressionTransform
from helpers.vqvae_subtyping.clusterers.cluster import cluster
from helpers.vqvae_subtyping.clusters.transform_comparison import compare_transforms


def test_every_transform_is_scored_as_kmeans_on_it_would_be(profiles):
    table = compare_transforms(profiles, [0, 1], 5).table
    order = ["shifted_log", "rank_normal", "clip", "none"]
    assert table["transform"].tolist() == np.repeat(order, 2).tolist()
    values = ExpressionTransform("clip").fit_transform(profiles.patients)
    labels = cluster("kmeans", values, 5, 1)
    is_known = profiles.subtype != ""
    row = table.iloc[5]
    assert row["ari"] == adjusted_rand_score(profiles.subtype[is_known], labels[is_known])
    assert row["largest cluster"] == np.bincount(labels).max() / 200


def test_the_own_one_alone_where_the_others_make_no_sense(profiles):
    assert set(compare_transforms(profiles, [0], 3, every=False).table["transform"]) == {
        "shifted_log"
    }
    untransformed = compare_transforms(replace(profiles, transform="none"), [0], 3)
    assert untransformed.table["transform"].tolist() == ["none"]
    assert untransformed.summary.shape == (1, 8) and untransformed.metrics == {}
