import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from helpers.rnalign.rivals import mutual_neighbours
from helpers.rnalign.rivals.mutual_neighbours import correct_by_mutual_neighbours, mutual_pairs


def naive_pairs(reference, target, k_reference, k_target):
    distance = cdist(target, reference)
    nearest = np.argsort(distance, axis=1)[:, :k_reference]
    nearest_back = np.argsort(distance, axis=0)[:k_target]
    return {(t, int(r)) for t in range(len(target)) for r in nearest[t] if t in nearest_back[:, r]}


def naive_correction(reference, target, genes, k_reference, k_target, n_distances=3.0):
    """The published steps, sample by sample."""
    pairs = naive_pairs(reference[:, genes], target[:, genes], k_reference, k_target)
    paired = sorted({t for t, _ in pairs})

    def corrections(ref, tar):
        return [np.mean([ref[r] - tar[t] for p, r in pairs if p == t], axis=0) for t in paired]

    batch = np.mean(corrections(reference, target), axis=0)
    batch /= np.linalg.norm(batch)
    centred = [x - np.outer(x @ batch - (x @ batch).mean(), batch) for x in (reference, target)]
    vectors, moved = corrections(*centred), []
    for sample in centred[1]:
        distance = np.linalg.norm(centred[1][paired][:, genes] - sample[genes], axis=1)
        nearest = np.argsort(distance)[:k_reference]
        bandwidth = n_distances * distance[nearest][int(np.ceil(len(nearest) / 2)) - 1]
        weight = (1 - np.minimum(distance[nearest] / max(bandwidth, 1e-8), 1) ** 3) ** 3
        moved.append(sample + np.average([vectors[i] for i in nearest], axis=0, weights=weight))
    return np.array(moved)


def two_sets(seed, n_reference=25, n_target=60, n_genes=8):
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 3, (3, n_genes))
    reference = centres[rng.integers(0, 3, n_reference)] + rng.normal(size=(n_reference, n_genes))
    target = centres[rng.integers(0, 3, n_target)] + rng.normal(size=(n_target, n_genes))
    return reference, target + rng.normal(size=n_genes)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), k_reference=st.integers(1, 6), k_target=st.integers(1, 70))
def test_pairs_equal_a_double_loop(seed, k_reference, k_target):
    reference, target = two_sets(seed)
    pairs = mutual_pairs(reference, target, k_reference, k_target).tocoo()
    found = {(int(t), int(r)) for t, r in zip(*pairs.coords, strict=True)}
    assert found == naive_pairs(reference, target, k_reference, k_target)
    assert len(found) >= 1


@pytest.mark.parametrize(("k_reference", "k_target"), [(5, 50), (1, 3), (4, 10)])
@pytest.mark.parametrize("genes", [np.arange(8), np.array([1, 4, 5])])
def test_equals_the_published_steps_written_out(k_reference, k_target, genes):
    reference, target = two_sets(1)
    moved = correct_by_mutual_neighbours(reference, target, genes, k_reference, k_target)
    expected = naive_correction(reference, target, genes, k_reference, k_target)
    np.testing.assert_allclose(moved, expected, atol=1e-8)


def test_blocks_of_genes_make_no_difference(monkeypatch):
    reference, target = two_sets(2)
    whole = correct_by_mutual_neighbours(reference, target, np.arange(8))
    monkeypatch.setattr(mutual_neighbours, "GENE_BLOCK", 3)
    blocks = correct_by_mutual_neighbours(reference, target, np.arange(8))
    np.testing.assert_allclose(whole, blocks)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), shift=st.floats(-20, 20))
def test_a_shift_along_a_silent_gene_is_undone_exactly(seed, shift):
    """Twins whose only difference is a gene that varies on neither side choose each other."""
    reference = np.column_stack([two_sets(seed)[0], np.zeros(25)])
    target = reference + shift * (np.arange(9) == 8)
    moved = correct_by_mutual_neighbours(reference, target, np.arange(9), 1, 1)
    np.testing.assert_allclose(moved, reference, atol=1e-9)


def test_neither_input_changes_and_number_type_is_kept():
    reference, target = (part.astype(np.float32) for part in two_sets(3))
    copies = reference.copy(), target.copy()
    moved = correct_by_mutual_neighbours(reference, target, np.arange(8))
    assert moved.dtype == np.float32 and moved.shape == target.shape
    np.testing.assert_array_equal(reference, copies[0])
    np.testing.assert_array_equal(target, copies[1])


def test_equal_samples_give_finite_values():
    reference = np.repeat(np.eye(4), 5, axis=0)
    moved = correct_by_mutual_neighbours(reference, reference + 1, np.arange(4))
    assert np.isfinite(moved).all()
    moved = correct_by_mutual_neighbours(reference, reference, np.arange(4))
    np.testing.assert_allclose(moved, reference, atol=1e-12)


def test_numbers_of_neighbours_below_one_are_refused():
    with pytest.raises(ValueError, match="must be at least 1; got 0 and 50"):
        correct_by_mutual_neighbours(*two_sets(0), np.arange(8), 0, 50)
