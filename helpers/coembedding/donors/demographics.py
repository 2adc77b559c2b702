"""Age, sex and race of donors, as `BatchEffect` takes them out of a modality.

The paper removes "confounding variables (i.e. demographics, library prep, sequencing
differences)" with `removeBatchEffect` and keeps the cancer cohort; it matches donors by age, sex
and self-reported ethnicity, and those are taken here.
"""

import numpy as np
import pandas as pd

GROUPS, NUMBERS = ("sex", "race"), ("age",)
UNKNOWN = "unknown"
_FEWEST = 10  # training donors of a group; fewer are fitted by a coefficient of their own


class Demographics:
    """The columns of obs that can be removed, as training donors have them.

    A column that is missing, or the same for all, is left alone. A group of fewer than 10 training
    donors counts as unknown, as does one that none of them belongs to: a coefficient for two donors
    would take from them what is theirs. Unknown is a group like any other; an unknown age counts as
    the mean.

    After `fit`: groups_ (column → its names, without unknown), numbers_ (columns).
    """

    def fit(self, obs: pd.DataFrame) -> "Demographics":
        """Look at training donors."""
        self.groups_: dict[str, list[str]] = {}
        for name in [name for name in GROUPS if name in obs]:
            n = obs[name].dropna().astype(str).value_counts()
            common = sorted(n.index[n >= _FEWEST].difference([UNKNOWN]))
            if len(set(self._grouped(obs[name], common))) > 1:
                self.groups_[name] = common
        ages = {name: _numbers(obs[name]) for name in NUMBERS if name in obs}
        self.numbers_ = [name for name, values in ages.items() if values.min() < values.max()]
        return self

    @property
    def columns_(self) -> list[str]:
        """What is removed, age first."""
        return [*self.numbers_, *self.groups_]

    def table(self, obs: pd.DataFrame) -> pd.DataFrame:
        """`obs` with these columns as they are removed: few words, numbers."""
        groups = {name: self._grouped(obs[name], common) for name, common in self.groups_.items()}
        return obs.assign(**groups, **{name: _numbers(obs[name]) for name in self.numbers_})

    @staticmethod
    def _grouped(column: pd.Series, common: list[str]) -> np.ndarray:
        words = column.astype(object).where(column.notna(), UNKNOWN).astype(str)
        return words.where(words.isin(common), UNKNOWN).to_numpy()


def _numbers(column: pd.Series) -> pd.Series:
    return pd.to_numeric(column, errors="coerce").astype(float)
