"""A figure that was written to a file is shown from it: the notebook need not draw it again.

IPython draws every figure that is open when a cell ends, and drawing is half of a quick run. The
file has more pixels than the page needs, so it says at which width it is meant to be shown.
"""

from pathlib import Path
from typing import Any


def show_file(figure: Any, png: Path, dpi: float) -> None:
    """Display `png`, drawn of a matplotlib figure at `dpi`, in the figure's place, and close it.

    Only where IPython would draw the figure itself when the cell ends; elsewhere nothing happens.
    """
    if not _awaits_drawing(figure):
        return
    from IPython.display import Image, display
    from matplotlib import pyplot as plt

    data = png.read_bytes()
    # No height: a page narrower than the figure would squeeze it.
    display(Image(data=data, format="png", width=round(_width(data) * figure.dpi / dpi)))
    plt.close(figure)


def _awaits_drawing(figure: Any) -> bool:
    """Whether the inline backend holds this very figure: it closes those that it has shown.

    Its number would not tell: numbers start anew, and a closed figure keeps its own.
    """
    import matplotlib as mpl

    if "inline" not in str(mpl.get_backend()).lower():
        return False
    from matplotlib._pylab_helpers import Gcf

    return any(manager.canvas.figure is figure for manager in Gcf.get_all_fig_managers())


def _width(png: bytes) -> int:
    """Pixels of a row, which every PNG says in its first chunk."""
    return int.from_bytes(png[16:20], "big")
