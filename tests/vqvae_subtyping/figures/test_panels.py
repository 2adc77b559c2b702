import numpy as np
import pytest
from matplotlib.colors import to_hex

from helpers.vqvae_subtyping.figures.group_colours import PAM50_COLOURS
from helpers.vqvae_subtyping.figures.panels import plot_panels


def drawn(n=60):
    rng = np.random.default_rng(0)
    panels = {name: rng.normal(size=(n, 2)) for name in ("vqvae_single", "vae", "AE", "by hand")}
    return panels, rng.choice(["Basal", "LumA"], n)


def test_every_sample_has_the_colour_of_its_group_in_every_panel(small_texts):
    panels, labels = drawn()
    figure = plot_panels(panels, labels, title="by PAM50")
    shown = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title(loc="left") or ax.get_title() for ax in shown] == [
        f"{name} (n = 60)" for name in ("VQ-VAE, one code", "VAE", "AE", "by hand")
    ]
    for ax, xy in zip(shown, panels.values(), strict=True):
        points = ax.collections[0]
        for place, colour in zip(points.get_offsets(), points.get_facecolors(), strict=True):
            row = np.flatnonzero((xy == np.asarray(place)).all(axis=1)).item()
            assert to_hex(colour) == PAM50_COLOURS[labels[row]]
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == ["Basal", "LumA"] and small_texts(figure) == []


def test_every_panel_may_have_groups_of_its_own():
    panels, labels = drawn()
    letters = zip(panels, "BCDE", strict=True)
    own = {name: np.where(labels == "LumA", "A", letter) for name, letter in letters}
    figure = plot_panels(panels, own, n_columns=2)
    assert not figure.legends
    for ax, letter in zip(figure.axes, "BCDE", strict=True):
        assert [text.get_text() for text in ax.get_legend().get_texts()] == ["A", letter]


def test_other_samples_are_refused():
    panels, labels = drawn()
    with pytest.raises(ValueError, match=r"'vqvae_single' has shape \(60, 2\) and 59 labels"):
        plot_panels(panels, labels[:59])
