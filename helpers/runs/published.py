"""The published tables that a chapter reads: results of sweeps and benchmarks, with their source.

A notebook names them literally (`published_table("subtyping_cancers")`), so that a run's id covers
what they say.
"""

import hashlib
from pathlib import Path

import pandas as pd

from helpers import files


def published_table(name: str) -> pd.DataFrame:
    """The table book/published/<name>.csv.

    Raises:
        ValueError: there is none; names those that there are.
    """
    path = _path(name)
    if not path.is_file():
        names = sorted(
            table.relative_to(published_folder()).with_suffix("").as_posix()
            for table in published_folder().rglob("*.csv")
        )
        raise ValueError(
            f"published table must be one of {', '.join(names) or 'none'}; got {name!r}. "
            "Publish a sweep with: python -m helpers sweep FILE --publish"
        )
    return pd.read_csv(path)


def published_sum(name: str) -> str:
    """sha256 of the table, or "absent"."""
    path = _path(name)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "absent"


def published_folder() -> Path:
    """Where the project keeps its published tables."""
    return files.content_root() / "book" / "published"


def _path(name: str) -> Path:
    return published_folder() / f"{name}.csv"
