import numpy as np
import pandas as pd
import pytest

from helpers.vqvae_subtyping.figures.latent_heatmap import (
    _spread_out,
    plot_latent_association,
    plot_latent_groups,
    plot_latent_heatmap,
)
from helpers.vqvae_subtyping.latents.latent_groups import sample_order


def drawn(n=50, n_latents=12):
    rng = np.random.default_rng(0)
    labels = rng.choice(["LumA", "Basal", "Her2"], n, p=[0.6, 0.3, 0.1])
    table = {"group": np.arange(n_latents) % 3 + 1, "position": rng.permutation(n_latents)}
    groups = pd.DataFrame(table).sort_values("group", kind="stable")
    groups["position"] = np.arange(n_latents)
    return rng.normal(size=(n, n_latents)), labels, groups.sort_index()


def test_rows_go_by_label_and_columns_by_group(small_texts):
    x, labels, groups = drawn()
    ax = plot_latent_heatmap(x, labels, groups)
    columns = np.argsort(groups["position"].to_numpy())
    rows = np.concatenate([np.flatnonzero(labels == name) for name in sorted(set(labels))])
    np.testing.assert_array_equal(ax.images[0].get_array(), x[np.ix_(rows, columns)])
    assert "n = 50" in ax.get_title() and small_texts(ax.figure) == []


def test_labels_and_groups_are_named_and_do_not_overlap():
    x, labels, groups = drawn()
    ax = plot_latent_heatmap(x, labels, groups)
    ax.figure.draw_without_rendering()
    renderer = ax.figure.canvas.get_renderer()
    strip = next(child for child in ax.child_axes if child.get_yticklabels())
    names = [label.get_text() for label in strip.get_yticklabels()]
    assert names == [f"{name} {np.sum(labels == name)}" for name in sorted(set(labels))]
    found = [text for child in [ax, *ax.child_axes] for text in child.texts]
    assert [text.get_text() for text in found] == ["LFG1", "LFG2", "LFG3"]
    boxes = [text.get_window_extent(renderer) for text in [*found, ax.title]]
    boxes += [label.get_window_extent(renderer) for label in strip.get_yticklabels()]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    frame = ax.figure.bbox
    assert all(frame.y1 >= box.y1 and frame.x0 <= box.x0 for box in boxes)


def test_the_scale_is_symmetric_and_survives_zeros():
    x, labels, groups = drawn()
    image = plot_latent_heatmap(x, labels, groups).images[0]
    assert image.norm.vmin == -image.norm.vmax == -np.percentile(np.abs(x), 99)
    assert plot_latent_heatmap(0 * x, labels, groups).images[0].norm.vmax == 1


def test_one_label_and_latents_without_a_group():
    x, _, groups = drawn()
    groups.loc[groups["position"] == 11, "group"] = 0
    ax = plot_latent_heatmap(x, [""] * 50, groups)
    strip = next(child for child in ax.child_axes if child.get_yticklabels())
    assert strip.get_yticklabels()[0].get_text() == "unknown 50"


def test_association_is_shown_in_the_same_order(small_texts):
    x, _, groups = drawn()
    strength = np.abs(np.corrcoef(x.T))
    ax = plot_latent_association(strength, groups)
    order = np.argsort(groups["position"].to_numpy())
    np.testing.assert_allclose(ax.images[0].get_array(), strength[np.ix_(order, order)])
    assert small_texts(ax.figure) == []


def test_places_are_moved_apart_and_stay_inside():
    places = _spread_out([5, 6, 98, 99], 10, 100)
    assert (np.diff(places) >= 10 - 1e-9).all()
    assert places[0] >= 5 and places[-1] <= 100
    np.testing.assert_allclose(_spread_out([20, 50, 80], 10, 100), [20, 50, 80])


def test_other_samples_or_latents_are_refused():
    x, labels, groups = drawn()
    with pytest.raises(ValueError, match=r"got shape \(50, 12\), 49 labels and 12 rows"):
        plot_latent_heatmap(x, labels[:49], groups)
    with pytest.raises(ValueError, match=r"lacks the columns \['position'\]"):
        plot_latent_heatmap(x, labels, groups.drop(columns="position"))
    with pytest.raises(ValueError, match=r"latents × latents .* \(3, 3\) and 12 rows"):
        plot_latent_association(np.eye(3), groups)


def test_both_stand_side_by_side_with_rows_in_the_order_of_likeness():
    x, labels, groups = drawn()
    figure = plot_latent_groups(x, labels, groups)
    heatmap, association = figure.axes[:2]
    order = sample_order(x, labels)
    columns = np.argsort(groups["position"].to_numpy())
    np.testing.assert_array_equal(heatmap.images[0].get_array(), x[np.ix_(order, columns)])
    expected = np.abs(np.corrcoef(x.T))[np.ix_(columns, columns)]
    np.testing.assert_allclose(association.images[0].get_array(), expected, atol=1e-12)
    assert "in 50 patients" in association.get_title()
