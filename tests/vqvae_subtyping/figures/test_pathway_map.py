import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, Rectangle

from helpers.vqvae_subtyping.biology.pathways import pathway_effects
from helpers.vqvae_subtyping.figures.pathway_map import (
    NOT_MEASURED,
    layers,
    plot_breast_cancer_map,
    plot_pathway_map,
)

EDGES = pd.DataFrame(
    [
        ("Notch", "Basal-like", "JAG1", "NOTCH1", 1),
        ("Notch", "Basal-like", "NUMBL", "RBPJ", -1),
        ("Notch", "Basal-like", "NOTCH1", "RBPJ", 1),
        ("Wnt", "Basal-like", "APC", "CTNNB1", -1),
    ],
    columns=["pathway", "subtypes", "source", "target", "effect"],
)


@pytest.fixture
def effects():
    rows = [
        ("Notch", "JAG1", True, 1.0, 0.001),
        ("Notch", "NOTCH1", True, -1.0, 0.5),
        ("Notch", "NUMBL", True, 0.0, 0.5),
        ("Notch", "RBPJ", False, np.nan, np.nan),
        ("Wnt", "APC", False, np.nan, np.nan),
        ("Wnt", "CTNNB1", True, 0.5, 0.01),
    ]
    return pd.DataFrame(rows, columns=["pathway", "gene", "is_measured", "difference", "q"])


def boxes(ax):
    """Gene → its box, by the text at the box's centre."""
    rectangles = [patch for patch in ax.patches if type(patch) is Rectangle]
    return {
        text.get_text(): box
        for text in ax.texts
        for box in rectangles
        if np.allclose(box.get_center(), text.get_position())
    }


def test_genes_are_coloured_framed_and_joined(effects, small_texts):
    axes = plot_pathway_map(EDGES, effects)
    notch = boxes(axes[0])
    assert set(notch) == {"JAG1", "NOTCH1", "NUMBL", "RBPJ"}
    red, blue = (notch[gene].get_facecolor() for gene in ("JAG1", "NOTCH1"))
    assert red[0] > red[2] and blue[2] > blue[0]
    assert to_hex(notch["RBPJ"].get_facecolor()) == NOT_MEASURED
    assert notch["JAG1"].get_linewidth() > notch["NOTCH1"].get_linewidth()
    arrows = [patch for patch in axes[0].patches if isinstance(patch, FancyArrowPatch)]
    assert len(arrows) == 3
    assert len({to_hex(arrow.get_edgecolor()) for arrow in arrows}) == 2, "one of them inhibits"
    assert axes[0].get_title() == "Notch (Basal-like): 3 of 4 genes measured"
    assert small_texts(axes[0].figure) == []


def test_boxes_do_not_overlap(effects):
    for ax in plot_pathway_map(EDGES, effects):
        centres = np.array([box.get_center() for box in boxes(ax).values()])
        gap = np.abs(centres[:, None] - centres[None])
        clear = (gap >= [0.78, 0.62]).any(axis=2)
        assert clear[~np.eye(len(centres), dtype=bool)].all()


def test_columns_follow_the_signal_and_a_source_stands_before_its_target():
    column = layers(EDGES[EDGES["pathway"] == "Notch"])
    assert column == {"JAG1": 0, "NOTCH1": 1, "RBPJ": 2, "NUMBL": 1}
    circle = EDGES.assign(source=["a", "b", "c", "d"], target=["b", "c", "a", "a"])
    with pytest.raises(
        ValueError, match=r"must not run in a circle: (a → b → c|b → c → a|c → a → b)"
    ):
        layers(circle)


def test_nothing_measured_is_drawn_grey(effects):
    none = effects.assign(is_measured=False, difference=np.nan, q=np.nan)
    axes = plot_pathway_map(EDGES, none)
    faces = {to_hex(box.get_facecolor()) for ax in axes for box in boxes(ax).values()}
    assert faces == {NOT_MEASURED}


def test_two_clusters_or_too_few_axes_are_refused(effects):
    with pytest.raises(ValueError, match="must be of one cluster"):
        plot_pathway_map(EDGES, pd.concat([effects, effects]))
    with pytest.raises(ValueError, match="2 pathways need as many axes; got 1"):
        plot_pathway_map(EDGES, effects, [plt.subplots()[1]])


def test_the_breast_cancer_map_has_a_panel_a_pathway():
    rows = {"cluster": ["A"], "feature": ["ESR1"], "difference": [1.0], "p": [0.001]}
    figure = plot_breast_cancer_map(pathway_effects(pd.DataFrame(rows)))
    titles = [ax.get_title() for ax in figure.axes]
    assert [title.split(" (")[0] for title in titles[:5]] == [
        "Estrogen",
        "MAPK",
        "PI3K–Akt",
        "Notch",
        "Wnt",
    ]
    assert "1 of " in titles[0] and ": 0 of " in titles[1]
