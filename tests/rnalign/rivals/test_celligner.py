import numpy as np
import pytest

from helpers.rnalign.rivals.celligner import celligner


def align(data, **options):
    return celligner(data.x, data.is_line, **({"n_top_genes": 60, "n_contrastive": 1} | options))


def test_tumours_come_to_the_lines_of_their_type(planted, origin_gap, line_match):
    aligned = align(planted)
    assert line_match(aligned, planted) > 0.95
    assert origin_gap(aligned, planted) < 0.25 * origin_gap(planted.x, planted)


def test_planted_stroma_is_the_contrastive_component_and_goes(planted):
    stroma = planted.stroma / np.linalg.norm(planted.stroma)
    aligned, kept = align(planted), align(planted, n_contrastive=0)
    tumours = ~planted.is_line

    def within_type_sd(x):
        position = x[tumours] @ stroma
        types = planted.cancer_type[tumours]
        return np.mean([position[types == t].std() for t in np.unique(types)])

    assert within_type_sd(aligned) < 0.1 * within_type_sd(planted.x)
    assert within_type_sd(aligned) < within_type_sd(kept)


def test_only_tumours_move_beyond_the_contrastive_components(planted):
    lines = planted.is_line
    without = align(planted, n_contrastive=0)
    np.testing.assert_array_equal(without[lines], planted.x[lines])
    assert np.abs(without - planted.x)[~lines].mean() > 0.1
    removed = (planted.x - align(planted))[lines]
    singular = np.linalg.svd(removed, compute_uv=False)
    assert singular[1] < 1e-8 * singular[0]  # rank one: one component was taken out


def test_repeats_itself_and_does_not_change_its_input(planted):
    before = planted.x.copy()
    np.testing.assert_array_equal(align(planted, seed=3), align(planted, seed=3))
    np.testing.assert_array_equal(planted.x, before)


def test_order_of_samples_and_number_type_do_not_matter(planted):
    order = np.random.default_rng(0).permutation(len(planted.x))
    x = planted.x.astype(np.float32)
    aligned = celligner(x, planted.is_line, n_contrastive=1, n_top_genes=60)
    assert aligned.dtype == np.float32
    shuffled = celligner(x[order], planted.is_line[order], n_contrastive=1, n_top_genes=60)
    lines = planted.is_line
    back = np.empty_like(shuffled)
    back[order] = shuffled
    # Louvain visits the samples in another order, so the clusters may differ a little.
    assert np.corrcoef(back[lines].ravel(), aligned[lines].ravel())[0, 1] > 0.99
    assert np.corrcoef(back[~lines].ravel(), aligned[~lines].ravel())[0, 1] > 0.95


def test_a_type_that_only_tumours_have_stays_apart(make_planted):
    data = make_planted()
    is_kept = (data.cancer_type != "type 3") | ~data.is_line
    for name in ("x", "is_line", "cancer_type"):
        setattr(data, name, getattr(data, name)[is_kept])
    aligned = align(data)
    centre = {
        t: aligned[(data.cancer_type == t) & ~data.is_line].mean(axis=0)
        for t in np.unique(data.cancer_type)
    }
    lines = aligned[data.is_line]
    own = data.cancer_type[data.is_line]
    distance = {t: np.linalg.norm(lines - centre[t], axis=1) for t in centre}
    assert (distance["type 3"] > [distance[t][i] for i, t in enumerate(own)]).all()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (lambda d: d.is_line, "got 0 tumours and 80 lines"),
        (lambda d: ~d.is_line | (np.arange(320) >= 318), "got 240 tumours and 2 lines"),
    ],
)
def test_too_few_of_either_are_named(planted, rows, message):
    kept = rows(planted)
    with pytest.raises(ValueError, match=message):
        celligner(planted.x[kept], planted.is_line[kept])


def test_nan_is_refused(planted):
    planted.x[3, 4] = np.nan
    with pytest.raises(ValueError, match="`x` must be finite; 1 of"):
        align(planted)


def test_where_every_sample_is_a_cluster_of_its_own_nothing_is_contrasted(planted):
    rows = np.concatenate(
        [np.flatnonzero(~planted.is_line)[:6], np.flatnonzero(planted.is_line)[:5]]
    )
    x, is_line = planted.x[rows], planted.is_line[rows]
    aligned = celligner(x, is_line)
    np.testing.assert_array_equal(aligned, celligner(x, is_line, n_contrastive=0))
    np.testing.assert_array_equal(aligned[is_line], x[is_line])
    assert np.isfinite(aligned).all()


def test_three_lines_are_enough_and_two_are_not(planted):
    lines = np.flatnonzero(planted.is_line)
    for n in (3, 2):
        rows = np.sort(np.r_[np.flatnonzero(~planted.is_line), lines[:n]])
        given = planted.x[rows], planted.is_line[rows]
        if n == 3:
            assert celligner(*given, n_contrastive=1, n_top_genes=60).shape == given[0].shape
            continue
        with pytest.raises(ValueError, match="at least 3 of each"):
            celligner(*given)
