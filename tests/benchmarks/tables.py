"""The tables of book/benchmarks.md, made from book/published/benchmarks/*.csv."""

import re
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = ROOT / "book" / "published" / "benchmarks"
PAGE = ROOT / "book" / "benchmarks.md"
# Of each table the columns that the page shows, with their headings.
COLUMNS = {
    "speed": {
        "task": "Task", "contender": "By", "threads": "Threads", "spread": "Seconds (quartiles)",
        "ratio": "Times this project's", "gflop_per_s": "GFLOP a second",
        "share_of_mm": "Share of `torch.mm`",
    },
    "rnalign": {
        "device": "Device", "network": "Network", "gradient": "L_grad",
        "seconds_per_epoch": "Seconds an epoch", "core_seconds_per_epoch": "Core seconds an epoch",
        "core_ratio_to_off": "Core seconds against off",
        "minutes_per_1000_epochs": "Minutes for 1,000 epochs", "gflop_per_epoch": "GFLOP an epoch",
        "share_of_mm": "Share of `torch.mm`, by the clock",
        "share_of_mm_per_core": "Share, by core seconds", "peak_memory_mb": "Peak memory, MiB",
    },
    "celligner": {
        "n_genes": "Genes", "seconds": "Seconds", "peak_memory_mb": "Peak memory, MiB",
        "device": "Device", "cores": "Cores", "when": "Measured",
    },
    "subtyping": {
        "clusterer": "Clusterer", "input": "Input", "n_patients": "Patients",
        "seconds": "Seconds", "peak_memory_mb": "Peak memory, MiB", "device": "Device",
        "cores": "Cores", "when": "Measured",
    },
    "wide_peaks": {
        "n_samples": "Samples", "n_peaks": "Peaks", "matrix_mb": "Matrix in memory, MB",
        "on_disk_mb": "On disk, MB", "write_memory_mb": "Peak memory of writing, MiB",
        "seconds_per_pass": "Seconds a pass", "peak_memory_mb": "Peak memory of training, MiB",
        "device": "Device", "cores": "Cores", "when": "Measured",
    },
    "sweeps": {
        "runs": "Runs", "workers": "Workers", "kernels_s": "Seconds of kernels, summed",
        "sweep_s": "Seconds of the sweep", "ratio": "Sweep ÷ (kernels ÷ workers)",
        "overhead_s": "Seconds a run adds to papermill", "load": "Load before", "device": "Device",
        "cores": "Cores", "when": "Measured",
    },
}  # fmt: skip
MOST_COLUMNS = 8  # that a page is wide enough for


def markdown_table(name: str) -> str:
    """The published table `name` as Markdown, and under it each machine where the table tells."""
    path = PUBLISHED / f"{name}.csv"
    if not path.exists():
        return "*Not measured yet.*"
    table = pd.read_csv(path)
    shown = _in_few_columns(table) if name == "speed" else table
    shown = shown[list(COLUMNS[name])].rename(columns=COLUMNS[name])
    shown = shown.astype(object).where(shown.notna(), "–").astype(str)
    text = markdown(shown)
    if "commit" not in table:
        return text
    runs = table.drop_duplicates(["device", "threads"])
    return "\n\n".join([text, *map(_machine, runs.iloc)])


def markdown(shown: pd.DataFrame) -> str:
    """Texts as a Markdown table, turned where that keeps it on its page."""
    header, rows = [*shown.columns], shown.to_numpy().tolist()
    if len(header) > MOST_COLUMNS and len(rows) < len(header) - 1:
        header, *rows = (list(column) for column in zip(header, *rows, strict=True))
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _in_few_columns(table: pd.DataFrame) -> pd.DataFrame:
    """Quartiles behind the median, a peer's version behind its name, the device behind threads."""
    rows = table.to_dict("records")
    if len(set(table["device"])) > 1:
        table = table.assign(threads=[f"{row['threads']}, {row['device']}" for row in rows])
    packages = [dict(part.split(" ") for part in row["versions"].split(", ")) for row in rows]
    names = [row["contender"] for row in rows]
    named = [f"{name} {found.get(name, '')}" for name, found in zip(names, packages, strict=True)]
    seconds = ("{seconds:g} ({seconds_low:g} to {seconds_high:g})".format(**row) for row in rows)
    return table.assign(contender=[name.strip() for name in named], spread=list(seconds))


def _machine(row: pd.Series) -> str:
    changed = " with changes not yet committed" if row["dirty"] else ""
    if "n_rounds" in row:
        times = f"median of {row['n_rounds']} rounds"
    else:
        times = f"fastest of {row['n_epochs']} epochs each"
    return (
        f"{row['device']}: {times}; {row['cores']} cores, "
        f"{row['threads']} threads; torch {row['torch']}, Python {row['python']}; "
        f"commit `{row['commit']}`{changed}; {row['date']}."
    )


def with_tables(page: str) -> str:
    """The text of the page with each table between its two comments made anew."""
    for name in COLUMNS:
        start, end = f"<!-- table: {name} -->", f"<!-- end: {name} -->"
        new = f"{start}\n\n{markdown_table(name)}\n\n{end}"
        page = re.sub(f"{start}.*?{end}", lambda _, text=new: text, page, flags=re.DOTALL)
    return page


def publish(name: str, rows: pd.DataFrame) -> None:
    """Put rows in the place of published ones of as many threads of the same device.

    The page's tables are written anew.
    """
    path = PUBLISHED / f"{name}.csv"
    if path.exists():
        published = pd.read_csv(path)
        key = [name for name in ("device", "threads") if name in published]
        measured, before = (pd.MultiIndex.from_frame(part[key]) for part in (rows, published))
        others = published[~before.isin(measured)]
        rows = pd.concat([others, rows]) if len(others) else rows
    path.parent.mkdir(parents=True, exist_ok=True)
    rows.to_csv(path, index=False)
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
