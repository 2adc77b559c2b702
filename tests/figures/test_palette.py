from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from helpers.figures.palette import CANCER_COLOURS, EXTRA_COLOURS, LINEAGES, cancer_colours, style

CHAPTER_1 = [
    "BRCA",
    "CESC",
    "COAD",
    "KIRC",
    "LAML",
    "LUAD",
    "LUSC",
    "PRAD",
    "READ",
    "SKCM",
    "THCA",
    "UCEC",
    "UCS",
]
# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "normal": np.eye(3),
    "deuteranope": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "protanope": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
}


def lab(colour, vision):
    """CIELAB (D65) of a colour as a reader with this vision sees it."""
    rgb = np.array(to_rgb(colour))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(VISION[vision]) @ linear, 0, 1)
    to_xyz = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
    x, y, z = np.cbrt(np.array(to_xyz) @ seen / [0.95047, 1, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def closest(names, vision):
    colours = [lab(CANCER_COLOURS[name], vision) for name in names]
    return min(np.linalg.norm(a - b) for a, b in combinations(colours, 2))


def test_every_tcga_type_has_its_own_colour():
    assert len(CANCER_COLOURS) == len(set(CANCER_COLOURS.values())) == 33
    assert closest(CANCER_COLOURS, "normal") > 20


def test_the_types_of_chapter_1_stay_apart_for_everyone():
    assert closest(CHAPTER_1, "normal") > 40
    assert closest(CHAPTER_1, "deuteranope") > 20
    assert closest(CHAPTER_1, "protanope") > 20


@given(st.lists(st.sampled_from([*CANCER_COLOURS, "TWIN_A", "TWIN_B", "GLAND"]), unique=True))
def test_a_colour_depends_on_the_names_not_their_order(names):
    assert cancer_colours(names) == cancer_colours(reversed(names))
    assert all(cancer_colours(names)[n] == c for n, c in CANCER_COLOURS.items() if n in names)


def test_unknown_types_get_different_colours_and_never_fail():
    names = [f"type {number}" for number in range(len(EXTRA_COLOURS))]
    assert len(set(cancer_colours(names).values())) == len(EXTRA_COLOURS)
    assert len(cancer_colours([f"type {number}" for number in range(60)])) == 60


def test_style_is_opaque_and_legible():
    style()
    assert mpl.rcParams["savefig.facecolor"] == "white"
    assert not mpl.rcParams["savefig.transparent"]
    sizes = ["font.size", "legend.fontsize", "xtick.labelsize", "ytick.labelsize"]
    assert min(mpl.rcParams[size] for size in sizes) >= 9
    assert plt.figure().get_facecolor() == (1, 1, 1, 1)


def test_a_lineage_has_the_colour_of_its_type_unless_both_are_shown():
    colours = cancer_colours(["brain", "Kidney", "pancreas"])
    expected = [CANCER_COLOURS[name] for name in ("GBM", "KICH", "PAAD")]
    assert [colours[name] for name in ("brain", "Kidney", "pancreas")] == expected
    both = cancer_colours(["GBM", "brain"])
    assert both["GBM"] == CANCER_COLOURS["GBM"] != both["brain"]
    assert len(set(cancer_colours(LINEAGES).values())) == len(LINEAGES)
    assert set(LINEAGES.values()) <= set(CANCER_COLOURS)


def test_the_lineages_of_chapter_4_stay_apart():
    lineages = ["adrenal", "biliary", "brain", "eye", "kidney", "lymphoid", "pancreas", "uterus"]
    assert closest([LINEAGES[name] for name in lineages], "normal") > 40
