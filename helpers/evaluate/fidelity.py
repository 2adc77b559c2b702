"""A paper row by row: what it has, whether the chapter has it so, and if not, why.

faithful: computed as the paper says, as far as it says. deviating: computed in another way, said
here and where the reader meets it. missing: not computed. untestable: the paper or the data leave
nothing to compare with. None may deviate unsaid: a row that is not faithful has a reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers.evaluate.wording import in_a_row

FAITHFUL, DEVIATING, MISSING, UNTESTABLE = "faithful", "deviating", "missing", "untestable"
STATUSES = (FAITHFUL, DEVIATING, MISSING, UNTESTABLE)
COLUMNS = ("where", "paper", "status", "here")
Row = tuple[str, str, str, str]
"""Where in the paper, what it has, one of STATUSES, and how it is here or why it is not."""


@dataclass(frozen=True)
class PaperRows:
    """table: a row a thing the paper has, the columns COLUMNS."""

    table: pd.DataFrame

    @cached_property
    def counts(self) -> dict[str, int]:
        """Status → number of rows."""
        return {status: int((self.table["status"] == status).sum()) for status in STATUSES}

    @property
    def reading(self) -> str:
        """How many rows have each status, in a sentence."""
        counts = [f"{n} {status}" for status, n in self.counts.items()]
        return f"Of {len(self.table)} rows of the paper: {in_a_row(counts)}."

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """`paper_rows`."""
        return {"paper_rows": self.table}

    @property
    def metrics(self) -> dict[str, int]:
        """`reproduction.n_rows.<status>`."""
        return {f"reproduction.n_rows.{status}": n for status, n in self.counts.items()}


def as_paper_rows(rows: Iterable[Row]) -> PaperRows:
    """The rows as `PaperRows`, in their order.

    Raises:
        ValueError: a status that is none, a row that comes twice, or one that is not faithful and
            says no more of it.
    """
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    for row in table.itertuples():
        if row.status not in STATUSES:
            raise ValueError(
                f"a row's status must be one of {', '.join(STATUSES)}; {row.paper!r} has "
                f"{row.status!r}"
            )
        if row.status != FAITHFUL and not row.here:
            raise ValueError(
                f"a row that is not faithful must say why; {row.paper!r} is {row.status} and says "
                "nothing. Give its `here`"
            )
    twice = table[table.duplicated(["where", "paper"])]
    if len(twice):
        raise ValueError(f"each row must stand once; {twice['paper'].iloc[0]!r} comes twice")
    return PaperRows(table)
