"""Every rival on one simulated cohort: same rows and genes, told what it may be told."""

import numpy as np
import pytest

from helpers.models.training import Training
from helpers.rnalign.argument_groups import MoberSettings
from helpers.rnalign.metrics.delta_d import delta_d
from helpers.rnalign.rivals import comparison
from helpers.rnalign.rivals.comparison import align_held_out, align_rivals

MOBER = MoberSettings(
    (16,), 8, kl_weight=1.0, adversary_weight=10.0,
    training=Training(15, 64, 1e-3, keep="last", device="cpu"),
)  # fmt: skip
EVERYONE = [
    "input", "mean_shift", "mean_shift_per_type", "linear_projection", "mober", "combat",
    "celligner",
]  # fmt: skip


@pytest.fixture(scope="module")
def cohort():
    rng = np.random.default_rng(0)
    kind, line = np.tile(["eye", "gut"], 120), np.repeat([False, True], [140, 100])
    x = rng.normal(size=(240, 30)) + 3 * rng.normal(size=30) * line[:, None]
    x += np.where(kind == "gut", 2.0, -2.0)[:, None] * rng.normal(size=30)
    purity = np.where(line, 1.0, rng.uniform(0.3, 0.9, 240))
    facts = {"is_line": line, "cancer_type": kind, "purity": purity}
    return ((x - x.mean(axis=0)) / x.std(axis=0)).astype(np.float32), facts


def test_all_seven_keep_rows_and_genes_and_the_shifts_bring_origins_together(cohort):
    x, facts = cohort
    aligned = align_rivals(x, **facts, scale=np.full(30, 2.0), seed=0, mober=MOBER)
    assert list(aligned) == EVERYONE
    assert {values.shape for values in aligned.values()} == {x.shape}
    gaps = {
        name: delta_d(values, facts["is_line"], facts["cancer_type"])["delta_d"].median()
        for name, values in aligned.items()
    }
    for name in ("mean_shift", "mean_shift_per_type", "combat", "celligner", "mober"):
        assert gaps[name] < 0.5 * gaps["input"], name


def test_another_seed_repeats_no_method_that_draws_no_random_numbers(cohort, monkeypatch):
    x, facts = cohort
    settings = {"scale": np.full(30, 2.0), "mober": MOBER}
    first, again = (align_rivals(x, **facts, seed=seed, **settings) for seed in (0, 1))
    for name in ("combat", "MeanShift", "LinearProjection"):
        monkeypatch.delattr(comparison, name)
    known = align_rivals(x, **facts, seed=1, **settings, known=first)
    assert list(known) == EVERYONE
    for name, values in known.items():
        np.testing.assert_array_equal(values, again[name], err_msg=name)


def test_celligner_sees_log_values_and_not_standardised_ones(cohort):
    x, facts = cohort
    one, other = (
        align_rivals(x, **facts, scale=scale, seed=0, mober=MOBER)["celligner"]
        for scale in (np.ones(30), np.linspace(0.2, 3, 30))
    )
    assert np.abs(one - other).max() > 0.1


def test_held_out_samples_change_nothing_that_is_fitted(cohort):
    x, facts = cohort
    is_train = np.arange(240) % 5 > 0
    changed = x.copy()
    changed[~is_train] += 7
    first, second = (
        align_held_out(values, **facts, is_train=is_train, seed=0, mober=MOBER)
        for values in (x, changed)
    )
    assert set(first) == set(EVERYONE) - {"combat", "celligner"}
    assert not np.allclose(first["mean_shift"], first["mean_shift_per_type"])
    for name in first:
        np.testing.assert_allclose(first[name][is_train], second[name][is_train], atol=1e-5)
