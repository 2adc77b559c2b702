"""The running sum at hits only equals the walk written out; random sets are uniform and nested."""

import numpy as np
import pytest

from helpers.evaluate.running_sum import RandomSets, enrichment_score, random_sets_of


def walk(places, weights):
    """ES written out over the whole ranking."""
    is_hit = np.isin(np.arange(len(weights)), places)
    steps = np.where(is_hit, weights / weights[is_hit].sum(), -1 / (~is_hit).sum())
    path = np.concatenate([[0], np.cumsum(steps)])
    return path[np.abs(path).argmax()]


@pytest.fixture(scope="module")
def weights():
    return np.abs(np.sort(np.random.default_rng(0).standard_normal(300))[::-1])


def test_scores_equal_the_walk_written_out(weights):
    rng = np.random.default_rng(1)
    for size in (1, 2, 25, 299):
        places = np.sort([rng.permutation(300)[:size] for _ in range(20)], axis=1)
        expected = [walk(row, weights) for row in places]
        np.testing.assert_allclose(enrichment_score(places, weights), expected, atol=1e-12)
    assert enrichment_score(np.arange(5)[None], weights).item() == pytest.approx(1)
    assert enrichment_score(np.arange(295, 300)[None], weights).item() == pytest.approx(-1)


def test_a_block_scores_as_its_sets_do_one_by_one(weights):
    blocks = list(random_sets_of([40, 7, 7, 12], 300, 50, np.random.default_rng(0)))
    assert [block.sizes.tolist() for block in blocks] == [[40, 12, 7]]
    scores = blocks[0].scores(weights)
    assert scores.shape == (3, 50)
    for row, size in enumerate([40, 12, 7]):
        places = blocks[0].places[:size, row * 50 : (row + 1) * 50].T
        assert (np.diff(places, axis=1) > 0).all()
        np.testing.assert_allclose(scores[row], enrichment_score(places, weights), atol=1e-12)


def test_places_are_drawn_alike_at_every_size():
    """Every place is in a set of k of n with probability k / n: χ² over places."""
    for block in random_sets_of([2, 10], 20, 4000, np.random.default_rng(0)):
        for row, size in enumerate(block.sizes):
            places = block.places[:size, row * 4000 : (row + 1) * 4000]
            counts, expected = np.bincount(places.ravel(), minlength=20), size * 200
            # Without replacement the counts vary by (1 − k / n) of the multinomial's variance.
            chi2 = ((counts - expected) ** 2).sum() / (expected * (1 - size / 20))
            assert 7 < chi2 < 40  # 19 degrees of freedom: 99 % lie in between


def test_memory_is_bounded_whatever_the_sizes(monkeypatch):
    monkeypatch.setattr("helpers.evaluate.running_sum.BLOCK_CELLS", 5000)
    blocks = list(random_sets_of(range(5, 60), 500, 40, np.random.default_rng(0)))
    assert np.concatenate([block.sizes for block in blocks]).tolist() == [*range(59, 4, -1)]
    assert max(block.places.size for block in blocks) <= 5000
    assert isinstance(blocks[0], RandomSets)
