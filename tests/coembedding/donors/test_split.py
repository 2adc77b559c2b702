"""Nothing of a held-out donor reaches the training of either modality."""

from dataclasses import replace

import numpy as np
import pytest

from helpers.coembedding.argument_groups import Preparation
from helpers.coembedding.donors.matching import MATCHINGS, matched_rows
from helpers.coembedding.donors.scaling import QuantileNormaliser
from helpers.coembedding.donors.split import split_multiomics
from helpers.coembedding.simulation import simulate_multiomics

PREPARATION = Preparation(test_fraction=0.3, min_mean=0.5, quantile=True, matching="paper")


@pytest.fixture(scope="module")
def cohort():
    return simulate_multiomics(0)


@pytest.fixture(scope="module")
def split(cohort):
    return split_multiomics(cohort, PREPARATION, 0)


def test_held_out_donors_are_in_neither_modality(split):
    held_out = set(split.test_obs["patient"])
    assert not held_out & set(split.rna_obs["patient"])
    assert not held_out & set(split.atac_obs["patient"])
    assert len(split.test_rna) == len(split.test_atac) == len(held_out)


def test_pairs_are_of_one_patient_and_matches_never(split):
    rna, atac = split.rna_obs["patient"].to_numpy(), split.atac_obs["patient"].to_numpy()
    assert (atac[split.pairs[:, 0]] == rna[split.pairs[:, 1]]).all()
    assert len(split.pairs) == len(set(rna) & set(atac))
    assert (atac[split.matches[:, 0]] != rna[split.matches[:, 1]]).all()
    types = [obs["cancer_type"].to_numpy() for obs in (split.atac_obs, split.rna_obs)]
    assert (types[0][split.matches[:, 0]] == types[1][split.matches[:, 1]]).all()


@pytest.mark.parametrize("matching", MATCHINGS)
def test_every_atac_sample_has_a_match(cohort, matching):
    plain = replace(PREPARATION, matching=matching, quantile=False, batch=None)
    split = split_multiomics(cohort, plain, 0)
    assert set(split.matches[:, 0]) == set(range(len(split.atac)))


def test_gene_activity_finds_nearer_relatives_than_demography(cohort, split):
    activity = cohort.obsm["program_activity"]
    at = [cohort.obs_names.get_indexer(obs.index) for obs in (split.atac_obs, split.rna_obs)]

    def distance(matches):
        a, r = activity[at[0][matches[:, 0]]], activity[at[1][matches[:, 1]]]
        return np.linalg.norm(a - r, axis=1).mean()

    by_facts = replace(PREPARATION, matching="demographic")
    demographic = split_multiomics(cohort, by_facts, 0).matches
    assert distance(split.matches) < 0.9 * distance(demographic)


def test_components_are_matched_through_a_bridge(split):
    rna, atac = split.rna, split.atac[:, :40]
    matches = matched_rows(rna, atac, split.rna_obs, split.atac_obs, split.rna_obs, None, "paper")
    assert len(matches) > 3 * len(atac)


def test_scaling_is_of_the_training_samples_and_can_be_undone(cohort, split):
    assert np.allclose(split.rna.mean(axis=0), 0, atol=1e-4)
    assert np.allclose(split.rna.std(axis=0), 1, atol=1e-3)
    here = cohort[split.test_obs.index]
    scaling = split.rna_scaling
    in_unit = scaling.in_unit(np.asarray(here.X), here.obs)
    assert np.allclose(scaling.undo(split.test_rna), in_unit, atol=1e-4)


def test_a_test_sample_changes_nothing_that_is_fitted(cohort, split):
    changed = cohort.copy()
    changed.X[changed.obs_names.get_indexer(split.test_obs.index)] += 3
    again = split_multiomics(changed, PREPARATION, 0)
    assert np.array_equal(split.rna, again.rna)
    assert np.array_equal(split.matches, again.matches)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"matching": "colour"}, "matching must be one of"), ({"min_mean": 99.0}, "min_mean")],
)
def test_what_cannot_be_done_is_refused(cohort, options, message):
    with pytest.raises(ValueError, match=message):
        split_multiomics(cohort, replace(PREPARATION, **options), 0)


def test_every_sample_is_ranked_once(cohort, monkeypatch):
    ranked, transform = [], QuantileNormaliser.transform
    monkeypatch.setattr(
        QuantileNormaliser,
        "transform",
        lambda self, rows: ranked.append(len(rows)) or transform(self, rows),
    )
    found = split_multiomics(cohort, PREPARATION, 0)
    n_samples = len(found.rna) + len(found.atac) + 2 * len(found.test_obs)
    assert sum(ranked) == n_samples


def test_of_pairs_keeps_what_benchmarks_ask_of_training_donors(split):
    few = split.of_pairs()
    assert len(few.rna) == len(few.rna_obs) == len(split.pairs) < len(split.rna) == few.n_rna
    for mine, whole in zip(few.paired()[:2], split.paired()[:2], strict=True):
        np.testing.assert_array_equal(mine, whole)
    patients = few.rna_obs["patient"].to_numpy()[few.pairs[:, 1]]
    assert (patients == split.atac_obs["patient"].to_numpy()[split.pairs[:, 0]]).all()
    kept = few.matches[:, 1] >= 0
    own = [s.rna_obs["patient"].to_numpy()[s.matches[kept, 1]] for s in (few, split)]
    assert (own[0] == own[1]).all() and 0 < kept.sum() < len(kept)
    no_pairs = replace(split, pairs=np.array([]).reshape(-1, 2)).of_pairs()
    assert no_pairs.rna.shape == (0, split.rna.shape[1])
