import numpy as np
from matplotlib.colors import to_rgb

from helpers.figures.palette import CANCER_COLOURS, NEUTRAL
from helpers.vqvae_subtyping.figures.group_colours import (
    CLUSTER_COLOURS,
    PAM50_COLOURS,
    group_colours,
    ink_on,
)


def test_subtypes_and_clusters_never_share_a_colour():
    names = [*PAM50_COLOURS, *CLUSTER_COLOURS]
    colours = [to_rgb(colour) for colour in group_colours(names).values()]
    gaps = [np.linalg.norm(np.subtract(a, b)) for i, a in enumerate(colours) for b in colours[:i]]
    assert min(gaps) > 0.1
    five = [to_rgb(colour) for name, colour in CLUSTER_COLOURS.items() if name in "ABCDE"]
    gaps = [np.linalg.norm(np.subtract(a, b)) for i, a in enumerate(five) for b in five[:i]]
    assert min(gaps) > 0.3


def test_a_group_has_one_colour_wherever_it_is_drawn():
    assert group_colours(["LumA", "B"])["LumA"] == group_colours(["A", "LumA"])["LumA"]
    assert group_colours(["", "unknown"]) == {"": NEUTRAL, "unknown": NEUTRAL}
    assert group_colours(["BRCA"]) == {"BRCA": CANCER_COLOURS["BRCA"]}
    assert len(set(group_colours(["IDHmut-codel", "IDHwt", "IDHmut"]).values())) == 3
    assert [*group_colours(["b", "a", "b"])] == ["b", "a"]


def test_ink_is_the_one_with_more_contrast():
    assert ink_on("#ffffff") == ink_on("#b5c334") == "#111111"
    assert ink_on("#000000") == ink_on("#0b3c8c") == "#ffffff"
