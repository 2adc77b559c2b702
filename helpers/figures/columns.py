"""What every figure checks of its table: that the columns it draws are there."""

import pandas as pd


def need_columns(table: pd.DataFrame, columns: set[str]) -> None:
    """Refuse a table that lacks one of the columns.

    Raises:
        ValueError: naming what is missing.
    """
    missing = columns - set(table)
    if missing:
        raise ValueError(f"The table lacks the columns {sorted(missing)}; it has {[*table]}.")
