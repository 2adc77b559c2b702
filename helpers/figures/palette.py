"""One colour per TCGA cancer type across the book, and the style every figure shares.

Related organs have related hues; members of one family differ in lightness, so that they stay
apart for colour-blind readers: the thirteen types of chapter 1 differ by CIE76 ΔE > 40, and > 20
for deuteranopes and protanopes (Machado et al. 2009). Figures label the types as well.
"""

import zlib
from collections.abc import Iterable

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.transforms import ScaledTranslation

CANCER_COLOURS = {
    # blood, lymph, thymus: red
    "LAML": "#bd1348",
    "DLBC": "#430001",
    "THYM": "#ff9478",
    # lung, pleura, head and neck: blue
    "LUAD": "#0072fb",
    "LUSC": "#a5d8fd",
    "MESO": "#000c38",
    "HNSC": "#005fa9",
    # gut: brown to gold
    "COAD": "#763000",
    "READ": "#ffc881",
    "STAD": "#97743b",
    "ESCA": "#452e0a",
    # liver, bile, pancreas: olive
    "LIHC": "#7e8f00",
    "CHOL": "#e0d552",
    "PAAD": "#d8d3ae",
    # kidney: orange
    "KIRC": "#ff3d01",
    "KIRP": "#ffa51d",
    "KICH": "#b53200",
    # bladder, prostate, testis: teal
    "PRAD": "#0f9476",
    "BLCA": "#1be9da",
    "TGCT": "#008395",
    # breast and gynaecological: pink to purple
    "BRCA": "#ffa3bb",
    "CESC": "#721863",
    "OV": "#b387c5",
    "UCEC": "#3b00ac",
    "UCS": "#d988ff",
    # thyroid, adrenal: green
    "THCA": "#20b83c",
    "ACC": "#61b15d",
    "PCPG": "#1c5130",
    # skin, eye: black to grey
    "SKCM": "#1d1618",
    "UVM": "#616161",
    # brain: indigo
    "GBM": "#0100ff",
    "LGG": "#0a0f6f",
    "SARC": "#b3989b",
}
"""Cancer type (TCGA study abbreviation) → colour."""

LINEAGES = {
    "adrenal": "ACC",
    "biliary": "CHOL",
    "bladder": "BLCA",
    "blood": "LAML",
    "bowel": "COAD",
    "brain": "GBM",
    "breast": "BRCA",
    "cervix": "CESC",
    "esophagus": "ESCA",
    "eye": "UVM",
    "kidney": "KICH",
    "liver": "LIHC",
    "lung": "LUAD",
    "lymphoid": "DLBC",
    "ovary": "OV",
    "pancreas": "PAAD",
    "prostate": "PRAD",
    "skin": "SKCM",
    "soft tissue": "SARC",
    "stomach": "STAD",
    "thyroid": "THCA",
    "uterus": "UCS",
}
"""Lineage of cell lines and their tumours → the TCGA type whose colour it has."""

EXTRA_COLOURS = (
    "#4e79a7", "#f28e2b", "#59a14f", "#e15759", "#76b7b2", "#edc948", "#b07aa1", "#9c755f",
    "#1b4965", "#c44536", "#6a994e", "#7209b7", "#00b4d8", "#ffb703", "#3a0ca3", "#8d99ae",
)  # fmt: skip

NEUTRAL = "#6b6b6b"
ACCENT = "#1f6fd1"
CONTRAST = "#d6001c"
"""Everything that is no cancer type: controls and grids, the value shown, its rival."""


def cancer_colours(cancer_types: Iterable[str]) -> dict[str, str]:
    """The colour of each cancer type, the same in every figure.

    A lineage ("brain", in any case) has the colour of its TCGA type unless that is shown too. Any
    other name takes an extra colour that its spelling picks; where two of them pick the same one,
    the alphabetically later takes the next free.
    """
    names = sorted({str(name) for name in cancer_types})
    colours = {name: CANCER_COLOURS[name] for name in names if name in CANCER_COLOURS}
    for name in names:
        colour = CANCER_COLOURS.get(LINEAGES.get(name.lower(), ""))
        if colour and colour not in colours.values():
            colours.setdefault(name, colour)
    taken: set[int] = set()
    for name in names:
        if name in colours:
            continue
        slot = zlib.crc32(name.encode()) % len(EXTRA_COLOURS)
        while slot in taken and len(taken) < len(EXTRA_COLOURS):
            slot = (slot + 1) % len(EXTRA_COLOURS)
        taken.add(slot)
        colours[name] = EXTRA_COLOURS[slot]
    return colours


STYLE = {
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    "savefig.bbox": "tight",
    "figure.dpi": 110,
    "savefig.dpi": 160,
    "figure.figsize": (7.0, 4.5),
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.titlesize": 12,
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "svg.fonttype": "none",
}


def style() -> None:
    """Set matplotlib up for the book: opaque white, at least 9 pt, legible at phone width."""
    mpl.rcParams.update(STYLE)


def legend_below(ax: Axes, n_columns: int, gap: float = 0.62, fontsize: float = 10) -> None:
    """The legend centred under the axes, `gap` inches below it, where it hides no data.

    Marks with bars of their spread stand there without these, which would hide a mark's form.
    """
    handles, labels = ax.get_legend_handles_labels()
    marks = [h[0] if isinstance(h, ErrorbarContainer) and h[0] else h for h in handles]
    down = ScaledTranslation(0, -gap, ax.figure.dpi_scale_trans)
    ax.legend(
        marks,
        labels,
        loc="upper center",
        bbox_to_anchor=(0.5, 0),
        bbox_transform=ax.transAxes + down,
        ncols=n_columns,
        handletextpad=0.4,
        columnspacing=1.0,
        frameon=False,
        fontsize=fontsize,
    )
