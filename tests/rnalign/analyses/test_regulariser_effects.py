"""Whether z knows the labels, and whether the gradient loss trains."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.rnalign.analyses.regulariser_effects import gradient_effect, label_dependence


def test_dependence_is_dcors_on_all_samples(dcor, compared, data):
    found = label_dependence(compared.first, data)
    assert list(found.summary.index) == ["rnalign", "rnalign_no_cor"]
    model, facts = compared.first.fitted["rnalign"], data.facts
    y = model.conditions.encode(facts.cancer_type, facts.is_line, facts.purity).numpy()
    z = model.latent(data.x, *facts)
    expected = dcor.u_distance_correlation_sqr(y.astype(float), z.astype(float))
    assert found.metrics["dependence.unbiased_dcor2.rnalign"] == pytest.approx(expected, abs=1e-8)
    assert ((found.summary["p"] > 0) & (found.summary["p"] <= 1)).all()
    assert found.tables == {}


def test_a_model_that_was_not_trained_is_left_out(compared, data):
    fitted = {"rnalign": compared.first.fitted["rnalign"]}
    found = label_dependence(replace(compared.first, fitted=fitted), data)
    assert set(found.metrics) == {"dependence.unbiased_dcor2.rnalign"}


def test_the_inert_gradient_trains_nothing_and_the_real_one_does(compared):
    metrics = gradient_effect(compared.first.aligned).metrics
    assert metrics["gradient.largest_change.inert"] == 0
    assert metrics["gradient.largest_change.trained"] > 1e-4


def test_the_largest_change_is_over_samples_and_genes():
    still = np.zeros((3, 2))
    moved = still.copy()
    moved[1, 1] = -2.5
    aligned = {"rnalign_no_grad": still, "rnalign_inert_grad": still + 0.5, "rnalign": moved}
    assert gradient_effect(aligned).largest.tolist() == [0, 0.5, 2.5]
