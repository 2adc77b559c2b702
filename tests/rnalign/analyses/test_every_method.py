"""One table of every method and seed, and what its metrics are made of."""

import weakref
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.analyses import every_method
from helpers.rnalign.analyses.every_method import (
    compare_methods,
    told_types,
    whole_variance,
)
from helpers.rnalign.argument_groups import ablations
from helpers.rnalign.metrics.delta_d import delta_d
from helpers.rnalign.metrics.pvca import pvca_overall
from helpers.rnalign.model import fit_rnalign

RIVALS = {
    "input", "mean_shift", "mean_shift_per_type", "linear_projection", "mober", "combat",
    "celligner",
}  # fmt: skip
ABLATED = {
    "rnalign_inert_grad", "rnalign_no_grad", "rnalign_no_cor", "rnalign_no_purity",
    "rnalign_no_type",
}  # fmt: skip
CONTROLS = {"constant_type", "permuted_type", "z_only", "shrunken", "shrunken_shift"}


def test_every_method_has_a_row_for_every_seed_and_variants_for_the_first(compared):
    rows = compared.scores.groupby("seed")["method"].apply(set)
    assert rows[4] == RIVALS | CONTROLS | {"rnalign"} and rows[3] == rows[4] | ABLATED
    assert len(compared.scores) == 2 * len(rows[4]) + len(ABLATED)
    assert compared.first.seed == 3
    long = compared.per_type
    assert set(long["seed"]) == {3, 4} and set(long["cancer_type"]) == {"eye", "gut", "skin"}


def test_scores_are_those_of_the_metric_itself(compared, data):
    scores = compared.scores.set_index(["method", "seed"])["delta_d"]
    for method in ("input", "rnalign", "combat"):
        gaps = delta_d(compared.first.aligned[method], *data.facts.origins, data.scored)
        assert scores[method, 3] == pytest.approx(gaps["delta_d"].median())


def test_rnalign_of_a_seed_is_what_training_it_alone_gives(compared, data, plan):
    model = fit_rnalign(data.x, *data.facts, settings=plan.rnalign, seed=3)
    own = compared.first.aligned["rnalign"]
    np.testing.assert_array_equal(model.align(data.x, *data.facts), own)


def test_the_published_gradient_loss_trains_nothing(compared):
    aligned = compared.first.aligned
    np.testing.assert_array_equal(aligned["rnalign_inert_grad"], aligned["rnalign_no_grad"])


def test_a_residual_is_one_more_method_where_it_is_asked_for(data, plan):
    asked = replace(plan, seeds=(3,), residual_share=1.0)
    scores = compare_methods(data, asked, {}).scores.set_index("method")
    assert scores.loc["rnalign_residual", "r2_kept"] > scores.loc["rnalign", "r2_kept"]


def test_of_later_seeds_one_alignment_is_in_memory(data, plan, monkeypatch):
    """All of them are fifteen times the samples, and those of the first seed are kept."""
    made, alive = [], []

    def align(_self, x, *_, **__):
        alive.append(sum(array() is not None for array in made))
        aligned = x + np.float32(0.1) * len(made)
        made.append(weakref.ref(aligned))
        return aligned

    monkeypatch.setattr(every_method.TrainedRNAlign, "align", align)
    monkeypatch.setattr(every_method, "label_change_gaps", lambda *_: {"both": 0.0})
    compared = every_method.compare_methods(data, plan, ablations(plan.rnalign))
    n_kept = sum(array() is not None for array in made)
    assert n_kept == len(ABLATED) + 3, compared.first.seed
    assert len(made) == 2 * (n_kept + 2) - len(ABLATED)  # and one for each smoother, let go of
    assert max(alive) <= n_kept + 1


def test_metrics_are_means_and_sds_over_seeds_under_their_keys(compared):
    scores = compared.scores.set_index("method")
    found = compared.metrics
    for metric in ("delta_d", "match_mean", "match_balanced"):
        values = scores.loc["rnalign", metric]
        assert found[f"alignment.{metric}.rnalign"] == pytest.approx(values.mean())
        assert found[f"alignment.{metric}.rnalign_sd"] == pytest.approx(values.std())
    assert found["transformation.delta_d.none"] == pytest.approx(
        compared.label_changes["none"].mean()
    )
    assert not [key for key in found if key.endswith("_mean") and "match" not in key]


def test_decoding_with_both_labels_changed_is_the_alignment(compared):
    own = compared.scores[compared.scores["method"] == "rnalign"]["delta_d"]
    np.testing.assert_allclose(compared.label_changes["both"], own)
    table = compared.table_4
    assert set(table.index) == {"both", "origin", "purity", "none", "input"}
    assert table["mean"].is_monotonic_increasing
    assert table.loc["both", "std"] == pytest.approx(own.std(), abs=0.01)


def test_tables_are_those_of_the_chapter(compared):
    assert set(compared.tables) == {"scores", "scores_per_type", "transformations", "history"}
    history = compared.history
    assert {"reconstruction", "kl", "distance_correlation", "label_gradient"} <= set(
        history["term"]
    )
    assert history["epoch"].max() == 8
    assert list(compared.table_1.index) == list(compared.scores["method"].unique())
    rows = compared.rows(["rnalign", "input"])
    assert rows["method"].tolist() == ["rnalign"] * 2 + ["input"] * 2


def test_without_ablations_there_are_none(data, plan):
    from dataclasses import replace

    few = compare_methods(data, replace(plan, seeds=(3,)), {})
    assert set(few.scores["method"]) == RIVALS | CONTROLS | {"rnalign"}
    assert "alignment.delta_d.rnalign" in few.metrics
    assert not [name for name in few.metrics if name.endswith("_sd")]


def test_controls_tell_one_type_or_those_of_others(data):
    told = told_types(data, 5)
    own = pd.Series(data.facts.cancer_type)
    assert set(told["constant_type"]) == {own.mode()[0]}
    assert sorted(told["permuted_type"]) == sorted(own)
    assert (told["permuted_type"] != own).mean() > 0.4
    np.testing.assert_array_equal(told["permuted_type"], told_types(data, 5)["permuted_type"])


def test_variance_of_the_whole_cohort_is_pvcas(compared, data):
    table = whole_variance(compared.first.aligned, data, ("input", "combat")).tables["pvca_overall"]
    expected = pvca_overall(compared.first.aligned["combat"], *data.facts.origins, data.scored)
    pd.testing.assert_series_equal(table.loc["combat"], expected, check_names=False)
    assert table.loc["combat", "origin"] < table.loc["input", "origin"]


def test_a_smoother_keeps_as_much_variance_as_rnalign_and_aligns_nothing(compared):
    kept = compared.scores.groupby("method")[["variance_kept", "r2_kept", "delta_d_relative"]]
    kept = kept.mean()
    assert kept.loc["input", "r2_kept"] == pytest.approx(1)
    assert kept.loc["mean_shift_per_type", "r2_kept"] == pytest.approx(1)
    assert kept.loc["rnalign", "r2_kept"] < 0.9
    shares = kept["variance_kept"]
    assert shares["shrunken"] == pytest.approx(shares["rnalign"], rel=1e-4)
    assert shares["shrunken_shift"] == pytest.approx(shares["rnalign"], rel=1e-4)
    assert np.isnan(shares["z_only"])
    relative = kept["delta_d_relative"]
    assert relative["shrunken"] >= relative["input"]
