import numpy as np
import pandas as pd
import pytest

from helpers.vqvae_subtyping.latents.latent_groups import (
    latent_association,
    latent_groups,
    random_groups,
    sample_order,
)


def planted(n=300, seed=0):
    """Latents of three groups of 9, 6 and 3, half of them flipped, in random places."""
    rng = np.random.default_rng(seed)
    group = rng.permutation(np.repeat([1, 2, 3], [9, 6, 3]))
    sign = rng.choice([-1, 1], len(group))
    return sign * (rng.normal(size=(n, 3))[:, group - 1] + 0.6 * rng.normal(size=(n, 18))), group


def test_planted_groups_come_back_by_size_whatever_their_sign():
    x, group = planted()
    table = latent_groups(x)
    np.testing.assert_array_equal(table["group"], group)
    order = np.argsort(table["position"])
    assert (np.diff(table["group"].to_numpy()[order]) >= 0).all()
    assert sorted(table["position"]) == [*range(18)]


def test_latents_that_do_not_vary_stand_last_in_no_group():
    x, group = planted()
    x = pd.DataFrame(np.insert(x, [0, 5], 2.0, axis=1)).add_prefix("z")
    table = latent_groups(x)
    assert table.index[table["group"] == 0].tolist() == ["z0", "z6"]
    assert sorted(table.loc[["z0", "z6"], "position"]) == [18, 19]
    assert table.loc[table["group"] > 0, "group"].tolist() == group.tolist()


def test_association_is_the_absolute_correlation():
    x, _ = planted()
    np.testing.assert_allclose(latent_association(x), np.abs(np.corrcoef(x.T)), atol=1e-12)
    x[:, 2] = 1
    strength = latent_association(x)
    assert strength[2, 2] == 1 and np.delete(strength[2], 2).max() == 0


def test_random_groups_keep_their_sizes_and_those_in_none():
    group = np.array([1, 0, 2, 1, 3, 1, 2, 0, 1])
    draws = random_groups(group, n_draws=50)
    assert draws.shape == (50, 9)
    np.testing.assert_array_equal(np.sort(draws, axis=1), np.tile(np.sort(group), (50, 1)))
    assert (draws[:, group == 0] == 0).all()
    share = (draws[:, group > 0] == 1).mean(axis=0)
    assert ((share > 0.3) & (share < 0.85)).all()  # 4 of 7 wherever a latent was before


def test_random_groups_come_back_with_the_seed_and_differ_without():
    group = np.repeat([1, 2, 3], [9, 6, 3])
    draws = random_groups(group, 5, seed=1)
    np.testing.assert_array_equal(draws, random_groups(group, 5, seed=1))
    assert (draws != random_groups(group, 5, seed=2)).any()
    assert len(np.unique(draws, axis=0)) == 5
    assert (random_groups([1, 1, 1], 2) == 1).all()


def test_samples_are_sorted_by_label_and_stay_with_their_like():
    rng = np.random.default_rng(0)
    labels = rng.choice(["Basal", "LumA"], 80)
    half = rng.integers(0, 2, 80)
    order = sample_order(rng.normal(size=(80, 4)) + 20 * half[:, None], labels)
    assert sorted(order) == [*range(80)]
    assert labels[order].tolist() == sorted(labels)
    for name in ("Basal", "LumA"):
        assert np.abs(np.diff(half[order][labels[order] == name])).sum() == 1


def test_one_group_one_latent_and_small_labels():
    x, _ = planted()
    assert (latent_groups(x, 1)["group"] == 1).all()
    assert latent_groups(x[:, :1], 1)["position"].tolist() == [0]
    assert sample_order(x[:3], ["b", "a", "b"]).tolist() == [1, 0, 2]


def test_bad_input_is_refused():
    x, _ = planted()
    with pytest.raises(ValueError, match="from 1 to the 18 latents that vary; got 19"):
        latent_groups(x, 19)
    with pytest.raises(ValueError, match="must be finite"):
        latent_association(np.where(x > 1, np.nan, x))
    with pytest.raises(ValueError, match="one label per sample"):
        sample_order(x, ["a"] * 7)
    with pytest.raises(ValueError, match="`n_draws` must be at least 1; got 0"):
        random_groups([1, 2], 0)
