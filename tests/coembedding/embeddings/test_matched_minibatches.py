"""Matched minibatches: every ATAC row once beside RNA that matches it."""

import numpy as np
import pytest
import torch

from helpers.coembedding.embeddings.matched_minibatches import MatchedMinibatches, two_modalities


def data(n_rna=30, n_atac=12, **changes):
    rng = np.random.default_rng(0)
    rna = rng.standard_normal((n_rna, 4))
    rna[:, 0] = np.arange(n_rna)  # a column that names the row
    atac = rng.standard_normal((n_atac, 3))
    atac[:, 0] = np.arange(n_atac)
    labels = [["a", "b", "c"][i % 3] for i in range(max(n_rna, n_atac))]
    given = {"rna_labels": labels[:n_rna], "atac_labels": labels[:n_atac]} | changes
    return two_modalities(given.pop("rna", rna), given.pop("atac", atac), **given)


def test_an_epoch_is_every_atac_row_once_beside_rna_of_its_label():
    seen = [batch for _ in range(3) for batch in MatchedMinibatches(data(), 5)]
    rows = torch.cat([atac[:, 0] for _, atac, *_ in seen])
    assert sorted(rows.tolist()) == sorted(3 * list(range(12)))
    assert all(torch.equal(r, a) for _, _, r, a, *_ in seen)
    assert len(torch.cat([rna[:, 0] for rna, *_ in seen]).unique()) > 12


def test_matches_are_drawn_evenly_from_what_is_given():
    matches = [(row, rna) for row in range(12) for rna in (row, row + 12, 29)]
    minibatches = MatchedMinibatches(data(matches=matches[::-1]), 12)
    drawn = {row: [] for row in range(12)}
    for _ in range(200):
        for rna, atac, *_ in minibatches:
            for r, a in zip(rna[:, 0].tolist(), atac[:, 0].tolist(), strict=True):
                drawn[int(a)].append(int(r))
    for row, rows in drawn.items():
        assert set(rows) == {row, row + 12, 29}
        assert min(rows.count(value) for value in set(rows)) > 35


def test_pairs_stay_with_their_row_and_the_others_do_not_count():
    minibatches = MatchedMinibatches(data(pairs=[(3, 7), (5, 0)]), 12)
    ((_, atac, _, _, own, is_paired),) = list(minibatches)
    rows = zip(atac[:, 0], own[:, 0], is_paired, strict=True)
    found = {int(a): int(o) for a, o, is_one in rows if is_one}
    assert found == {3: 7, 5: 0}


def test_a_last_minibatch_of_one_is_left_out():
    assert [len(batch[0]) for batch in MatchedMinibatches(data(), 11)] == [11]


# Errors


def test_an_atac_sample_without_a_match_is_refused():
    labels = ["a", "b", "c"] * 3 + ["GBM"] * 3
    with pytest.raises(ValueError, match="3 have none, the first in row 9"):
        MatchedMinibatches(data(atac_labels=labels), 4)


def test_an_empty_modality_is_refused():
    with pytest.raises(ValueError, match="`atac` must have at least 2 samples; it has 0"):
        MatchedMinibatches(data(n_atac=0), 4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rna": np.full((30, 4), np.nan)}, "`rna` must hold numbers only"),
        ({"atac": np.ones((11, 3))}, "`atac_labels` must have one entry per sample"),
        ({"atac": np.ones(12)}, "`atac_labels` must have one entry per sample"),
        ({"matches": [(0, 30)]}, "`matches` must hold .ATAC row, RNA row. within 12 and 30"),
        ({"pairs": [(-1, 0)]}, "`pairs` must hold"),
        ({"pairs": [(0, 1), (0, 2)]}, "each ATAC row once"),
    ],
)
def test_bad_input_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        data(**changes)
