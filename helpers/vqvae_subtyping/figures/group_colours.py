"""One colour per patient group: the known subtypes by name, new clusters by letter."""

from collections.abc import Iterable

from helpers.figures.palette import NEUTRAL, cancer_colours

PAM50_COLOURS = {
    "Basal": "#c8102e",
    "Her2": "#f28bb1",
    "LumA": "#0b3c8c",
    "LumB": "#58a6e8",
    "Normal": "#3f9b46",
}
"""PAM50 subtype → the colour that breast-cancer papers give it."""

CLUSTER_COLOURS = dict(
    zip(
        "ABCDEFGHIJ",
        ("#5b3fa0", "#e08a00", "#00897b", "#8c564b", "#b5c334",
         "#d1495b", "#30638e", "#7f7f7f", "#edae49", "#1b1b1b"),
        strict=True,
    )
)  # fmt: skip
"""Cluster, A the largest → colour; none is one of PAM50's."""

UNKNOWN = "unknown"


def group_colours(groups: Iterable[str]) -> dict[str, str]:
    """The colour of each subtype or cluster, the same in every figure.

    PAM50 names and the letters A–J have theirs, "" and "unknown" are grey, and any other name
    takes an extra colour that its spelling picks.
    """
    names = [str(name) for name in dict.fromkeys(groups)]
    known = PAM50_COLOURS | CLUSTER_COLOURS | {"": NEUTRAL, UNKNOWN: NEUTRAL}
    others = cancer_colours(name for name in names if name not in known)
    return {name: known.get(name) or others[name] for name in names}


def ink_on(colour: str) -> str:
    """Black or white, whichever is read better on a colour (WCAG relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "#111111" if luminance > 0.18 else "#ffffff"
