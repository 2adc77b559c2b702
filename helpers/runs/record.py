"""What a notebook reports, as files in one folder: metrics, tables, figures, weights, cohort.

A headless run hands its folder to the notebook as `out_dir`; a notebook opened by hand or by plain
papermill leaves `out_dir` empty and reports into results/<notebook>/interactive/.
"""

import contextlib
import math
import numbers
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from helpers import files
from helpers.files import write_json, write_whole
from helpers.runs.shown_figure import show_file

METRIC = re.compile(r"[a-z][a-z0-9_]*(\.[A-Za-z0-9][A-Za-z0-9_+-]*){1,3}")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
PARTS = ("metrics.json", "cohort.json", "model.pt", "tables", "figures")
FIGURE_DPI = 150
_NO_LAYOUT = {"figure.autolayout": False, "figure.constrained_layout.use": False}


class Record:
    """Folder of one run as the notebook fills it; every file appears whole or not at all."""

    def __init__(self, notebook: str, out_dir: str | Path = "") -> None:
        """Report of `notebook` into `out_dir`, "" for its interactive folder (emptied first)."""
        self.notebook = notebook
        self.folder = Path(out_dir) if out_dir else _interactive_folder(notebook)
        self._metrics: dict[str, int | float] = {}
        if not out_dir:
            _empty(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_json(self.folder / "metrics.json", {})

    def add(self, result: Any, **figures: Any) -> None:
        """Keep what an analysis found: its `tables`, its `metrics`, and pictures of it by name.

        `result` has the two as mappings (see `helpers.evaluate.results`); `figures` are what
        `figure` takes.

        Raises:
            ValueError: see `metric` and `figure`.
        """
        for name, table in result.tables.items():
            self.table(name, table)
        self.metrics(result.metrics)
        for name, figure in figures.items():
            self.figure(name, figure)

    def metric(self, key: str, value: float) -> None:
        """Report one number under `<section>.<metric>`, plus up to two `.<variant>`s.

        A second call replaces it.

        Raises:
            ValueError: the key has another form, or the value is no finite number.
        """
        self.metrics({key: value})

    def metrics(self, values: Mapping[str, float]) -> None:
        """Report several numbers, all of them or, when one is refused, none. See `metric`."""
        self._metrics |= {_metric_key(key): _finite(key, value) for key, value in values.items()}
        write_json(self.folder / "metrics.json", self._metrics)

    def table(self, name: str, table: pd.DataFrame | pd.Series) -> None:
        """Write tables/<name>.csv at full precision; an index that numbers the rows is left out."""
        frame = table.to_frame() if isinstance(table, pd.Series) else table
        path = self._path("tables", name, ".csv")
        keep_index = not isinstance(frame.index, pd.RangeIndex)
        write_whole(path, lambda part: frame.to_csv(part, index=keep_index))

    def figure(self, name: str, figure: Any) -> None:
        """Write figures/<name>.png and .svg of a matplotlib figure, axes or seaborn grid.

        The background is opaque white (pages have a dark mode) and no date is written, so the same
        figure gives the same bytes.

        Raises:
            ValueError: `figure` holds no matplotlib figure.
        """
        from matplotlib import rc_context

        drawn = getattr(figure, "figure", None)
        if not hasattr(drawn, "savefig"):
            raise ValueError(
                f"figure `{name}` must be a matplotlib figure, axes or seaborn grid: got "
                f"{type(figure).__name__}. Pass `ax.figure`"
            )
        style = {"facecolor": "white", "transparent": False, "bbox_inches": _laid_out(drawn)}
        for suffix, metadata in ((".png", {"Software": None}), (".svg", {"Date": None})):
            with rc_context({"svg.hashsalt": name, **_NO_LAYOUT}):
                write_whole(
                    self._path("figures", name, suffix),
                    lambda part, metadata=metadata: drawn.savefig(
                        part, dpi=FIGURE_DPI, metadata=metadata, **style
                    ),
                )
        show_file(drawn, self._path("figures", name, ".png"), FIGURE_DPI)

    def weights(self, weights: Any, name: str = "model") -> None:
        """Write <name>.pt from a state dict (or a module), tensors on the CPU, no code inside."""
        import torch

        state = weights.state_dict() if hasattr(weights, "state_dict") else weights
        on_cpu = {key: tensor.detach().cpu() for key, tensor in state.items()}
        write_whole(self._path(".", name, ".pt"), lambda part: torch.save(on_cpu, part))

    def cohort(self, cohort: Any) -> None:
        """Write cohort.json: name, samples, patients, features, unit, types, caveats of `cohort`.

        `cohort` is the AnnData the numbers come from, after selection.
        """
        obs, uns = cohort.obs, cohort.uns
        types = (
            obs["cancer_type"].astype(str).value_counts(sort=False) if "cancer_type" in obs else {}
        )
        about = {
            "name": str(uns.get("name", "unnamed")),
            "n_samples": int(cohort.n_obs),
            "n_patients": int(obs["patient"].nunique()) if "patient" in obs else None,
            "n_features": int(cohort.n_vars),
            "feature": str(uns.get("feature", "feature")),
            "unit": str(uns.get("unit", "unknown")),
            "cancer_types": {str(key): int(n) for key, n in sorted(dict(types).items()) if n},
            "notes": [str(note) for note in uns.get("notes", [])],
        }
        write_json(self.folder / "cohort.json", about)

    def close(self) -> None:
        """Print how much was reported; the last call of a notebook.

        Raises:
            ValueError: the notebook reported no metric at all.
        """
        if not self._metrics:
            raise ValueError(
                f"{self.notebook} must report at least one metric before it closes its record: "
                'got none. Call `record.metric("<section>.<metric>", value)`'
            )
        n_tables = len(list(self.folder.glob("tables/*.csv")))
        n_figures = len(list(self.folder.glob("figures/*.png")))
        print(f"Recorded {len(self._metrics)} metrics, {n_tables} tables, {n_figures} figures.")

    def _path(self, folder: str, name: str, suffix: str) -> Path:
        if not NAME.fullmatch(name):
            raise ValueError(
                f"a file name must be letters, digits, `_` and `-`: got {name!r}. "
                "Leave out folders, spaces and the suffix"
            )
        return self.folder / folder / (name + suffix)


def _laid_out(figure: Any) -> Any:
    """The box around all that `figure` shows, in inches, after its layout was worked out for good.

    A constrained layout would otherwise be solved at each of five drawings, a quarter of their time
    and all of a tight box's: two files, IPython's two, and one to find the box of each. "none" is
    an engine too, and a figure that has one is drawn twice into each file. A text is not as wide at
    another resolution, so both are worked out at that of the files.
    """
    from matplotlib import rc_context, rcParams

    shown_at = figure.dpi
    figure.set_dpi(FIGURE_DPI)
    try:
        figure.draw_without_rendering()
        with rc_context(_NO_LAYOUT):
            figure.set_layout_engine(None)
        return figure.get_tightbbox().padded(rcParams["savefig.pad_inches"])
    finally:
        figure.set_dpi(shown_at)


def _metric_key(key: str) -> str:
    if not METRIC.fullmatch(key):
        raise ValueError(
            "a metric's key must be <section>.<metric> or <section>.<metric>.<variant>, or end in "
            f'one more .<variant>: got {key!r}. Write for example "classifier.accuracy.vae"'
        )
    return key


def _finite(key: str, value: Any) -> int | float:
    if hasattr(value, "item"):  # a number of numpy or torch
        with contextlib.suppress(ValueError, RuntimeError):  # they hold several
            value = value.item()
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value):
        raise ValueError(
            f"metric `{key}` must be one finite number: got {value!r}. "
            "Leave it out where it is not defined, and say so in the text"
        )
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _interactive_folder(notebook: str) -> Path:
    return files.results_folder() / notebook / "interactive"


def _empty(folder: Path) -> None:
    for part in PARTS:
        path = folder / part
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
