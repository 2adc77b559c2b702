import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.rnalign.rivals.mean_shift import MeanShift


def align(data, **options):
    arguments = data.x, data.is_line, data.cancer_type
    return MeanShift(**options).fit(*arguments).transform(*arguments)


def gaps(x, data):
    """Type × gene: mean of the lines less mean of the tumours."""
    return np.array(
        [
            x[(data.cancer_type == t) & data.is_line].mean(axis=0)
            - x[(data.cancer_type == t) & ~data.is_line].mean(axis=0)
            for t in np.unique(data.cancer_type)
        ]
    )


def test_the_mean_gap_over_types_vanishes(planted):
    before, after = gaps(planted.x, planted), gaps(align(planted), planted)
    assert np.abs(before.mean(axis=0)).max() > 1
    np.testing.assert_allclose(after.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(after, before - before.mean(axis=0), atol=1e-10)


def test_every_types_gap_vanishes_with_a_shift_of_its_own(planted):
    np.testing.assert_allclose(gaps(align(planted, per_type=True), planted), 0, atol=1e-10)


def test_a_constant_shift_is_undone_exactly(planted):
    shift = np.linspace(-3, 3, planted.x.shape[1])
    planted.x = planted.cancer + np.outer(planted.is_line, shift)
    within = gaps(planted.cancer, planted).mean(axis=0)
    model = MeanShift().fit(planted.x, planted.is_line, planted.cancer_type)
    np.testing.assert_allclose(model.shift, shift + within, atol=1e-10)


@pytest.mark.parametrize("per_type", [False, True])
def test_lines_and_the_input_stay_as_they_are(planted, per_type):
    before = planted.x.copy()
    aligned = align(planted, per_type=per_type)
    np.testing.assert_array_equal(planted.x, before)
    np.testing.assert_array_equal(aligned[planted.is_line], before[planted.is_line])


@settings(max_examples=15, deadline=None)
@given(offset=st.floats(-50, 50), per_type=st.booleans())
def test_an_offset_of_all_tumours_changes_nothing(offset, per_type):
    rng = np.random.default_rng(0)
    x, types = rng.normal(size=(40, 5)), np.repeat(["a", "b"], 20)
    is_line = np.tile([True, False], 20)
    moved = x + offset * ~is_line[:, None]
    plain, again = (
        MeanShift(per_type).fit(a, is_line, types).transform(a, is_line, types) for a in (x, moved)
    )
    np.testing.assert_allclose(plain, again, atol=1e-9)


def test_tumours_of_a_type_without_lines_do_not_move_the_shift(planted):
    x, is_line, types = planted.x.copy(), planted.is_line, planted.cancer_type
    is_kept = (types != "type 3") | ~is_line
    x[types == "type 3"] += 100
    arguments = x[is_kept], is_line[is_kept], types[is_kept]
    model = MeanShift().fit(*arguments)
    shared = types != "type 3"
    alone = MeanShift().fit(x[shared], is_line[shared], types[shared])
    np.testing.assert_allclose(model.shift, alone.shift)
    assert sorted(model.type_shifts) == ["type 0", "type 1", "type 2"]


def test_every_type_counts_the_same_however_many_samples_it_has(planted):
    repeats = np.where(planted.cancer_type == "type 1", 5, 1)
    arguments = planted.x, planted.is_line, planted.cancer_type
    plain = MeanShift().fit(*arguments)
    uneven = MeanShift().fit(*(np.repeat(array, repeats, axis=0) for array in arguments))
    np.testing.assert_allclose(plain.shift, uneven.shift)


def test_a_type_not_seen_takes_the_overall_shift(planted):
    model = MeanShift(per_type=True).fit(planted.x, planted.is_line, planted.cancer_type)
    new = np.zeros((1, planted.x.shape[1]))
    np.testing.assert_allclose(model.transform(new, [False], ["unseen"])[0], model.shift)
    np.testing.assert_allclose(
        model.transform(new, [False], ["type 1"])[0], model.type_shifts["type 1"]
    )


def test_number_type_is_kept(planted):
    x = planted.x.astype(np.float32)
    model = MeanShift().fit(x, planted.is_line, planted.cancer_type)
    assert model.transform(x, planted.is_line, planted.cancer_type).dtype == np.float32


def test_no_shared_type_is_an_error(planted):
    types = np.where(planted.is_line, "line type", "tumour type")
    with pytest.raises(ValueError, match="no cancer type has 3 tumours and 3 lines"):
        MeanShift().fit(planted.x, planted.is_line, types)
