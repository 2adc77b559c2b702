"""Which cell lines for these tumours? Their ranks beside lines of other types, and their drugs."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.rnalign.analyses.tumour_lookup import NO_SCREEN, sensitivity_of, tumours_asked
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.line_ranks import line_distances, rank_lines
from helpers.rnalign.metrics.nearest_lines import drug_table

ALL = "all tumours"
UNTOLD = "mean_shift"
"""The method by which lines are ranked. It is told no cancer type, and needs no training."""
_ABOUT = ("line_name", "cancer_type", "disease", "disease_subtype", "subtype")
_NEAREST, _OF_EACH, _SHOWN = 10, 5, 5
_NULL = {"others_min": 0.0, "others_q05": 0.05, "others_q50": 0.5, "others_q95": 0.95}


@dataclass(frozen=True)
class LineRanking:
    """Lines by their distance to groups of tumours: each type, and all that are a user's.

    lines: a row a group × line, with rank, distance and p (`rank_lines`), told_rank (under RNAlign,
    which is told the types) and what is known of the line. by_tumour: the five nearest lines of
    every tumour, beside quantiles of its distances to lines of other types. drugs: what is known of
    the ten nearest screened lines of each group, or None.
    n_tumours: group → tumours.
    """

    lines: pd.DataFrame
    by_tumour: pd.DataFrame
    drugs: pd.DataFrame | None
    n_tumours: Mapping[str, int]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """ranked_lines, lines_by_tumour, and ranked_drugs where a screen is known."""
        tables = {"ranked_lines": self.lines, "lines_by_tumour": self.by_tumour}
        return tables if self.drugs is None else tables | {"ranked_drugs": self.drugs}

    @property
    def metrics(self) -> dict[str, float]:
        """lookup.own_type_first: of a type's ten nearest lines those of it, mean share of types."""
        first = self.lines[(self.lines["rank"] <= _NEAREST) & (self.lines["tumours"] != ALL)]
        shares = first.groupby("tumours")["is_own_type"].mean()
        return {"lookup.own_type_first": float(shares.mean())}

    @property
    def nearest(self) -> pd.DataFrame:
        """The five nearest lines of every group, as they are shown."""
        rows = self.lines[self.lines["rank"] <= _SHOWN].drop(columns="is_own_type")
        rows = rows.drop(columns=[name for name in rows if (rows[name] == "").all()])
        return rows.set_index(["tumours", "rank"]).round(3)

    @property
    def best_drugs(self) -> pd.DataFrame:
        """Of every group the three drugs its lines are most sensitive to; a note if unknown."""
        if self.drugs is None:
            return pd.DataFrame({"note": [NO_SCREEN]})
        return self.drugs.groupby("tumours", sort=False).head(3).set_index("tumours").round(3)


def rank_lines_for_tumours(
    aligned: Mapping[str, np.ndarray], data: StandardisedSamples
) -> LineRanking:
    """Lines for the user's tumours, or for all if none is a user's, by method → samples × genes.

    Distances are those of a method that is told no type (`UNTOLD`): one that is told types writes
    them into what it decodes, and a null of other types would say nothing.
    """
    facts, asked = data.facts, tumours_asked(data)
    types = facts.cancer_type[asked]
    distance = line_distances(aligned[UNTOLD], facts.is_line, asked)
    told = line_distances(aligned["rnalign"], facts.is_line, asked)
    groups = {name: types == name for name in np.unique(types).tolist()}
    if len(groups) > 1 and "is_own" in data.obs:
        groups = {ALL: np.ones(len(types), dtype=bool), **groups}
    lines = {
        name: _ranked(distance[rows], told[rows], data, np.unique(types[rows]))
        for name, rows in groups.items()
    }
    sensitivity = sensitivity_of(data)
    drugs = {} if sensitivity is None else {
        name: _drugs(table, data, sensitivity) for name, table in lines.items()
    }  # fmt: skip
    return LineRanking(
        _stacked(lines),
        _by_tumour(distance, asked, data),
        _stacked(drugs) if drugs else None,
        {name: int(rows.sum()) for name, rows in groups.items()},
    )


def _ranked(
    distance: np.ndarray, told: np.ndarray, data: StandardisedSamples, own: np.ndarray
) -> pd.DataFrame:
    """One group's lines, nearest first, with their rank under the other method and their facts."""
    lines = data.obs[data.facts.is_line]
    ranked = rank_lines(distance, lines["cancer_type"], own)
    ranked["told_rank"] = rank_lines(told, lines["cancer_type"], own)["rank"]
    about = lines[[c for c in _ABOUT if c in lines]].iloc[ranked.index]
    ranked.insert(1, "line", about.index.to_numpy())
    ranked["is_own_type"] = about["cancer_type"].isin(own).to_numpy()
    return ranked.reset_index(drop=True).join(about.reset_index(drop=True))


def _by_tumour(distance: np.ndarray, asked: np.ndarray, data: StandardisedSamples) -> pd.DataFrame:
    """The nearest lines of every tumour, ranked as `rank_lines` does one tumour at a time."""
    lines, types = data.obs[data.facts.is_line], data.facts.cancer_type[asked]
    line_type, tables = lines["cancer_type"].to_numpy(str), []
    for own in np.unique(types):
        rows = np.flatnonzero(types == own)
        order = np.argsort(distance[rows], axis=1, kind="stable")[:, :_OF_EACH]
        near, others = distance[rows[:, None], order], distance[rows][:, line_type != own]
        n_nearer = np.stack([(others <= column[:, None]).sum(axis=1) for column in near.T], axis=1)
        has_p = (line_type[order] == own) & (others.shape[1] > 0)
        p = np.where(has_p, (1 + n_nearer) / (1 + others.shape[1]), np.nan)
        columns = {
            "tumour": np.repeat(data.obs.index[asked[rows]].to_numpy(), order.shape[1]),
            "cancer_type": own,
            "rank": np.tile(np.arange(1, order.shape[1] + 1), len(rows)),
            "line": lines.index.to_numpy()[order.ravel()],
            "line_type": line_type[order.ravel()],
            "distance": near.ravel(),
            "p": p.ravel(),
            **{name: np.repeat(value, order.shape[1]) for name, value in _null(others).items()},
        }
        tables.append(pd.DataFrame(columns))
    return pd.concat(tables, ignore_index=True)


def _null(others: np.ndarray) -> dict[str, np.ndarray]:
    """Distances of lines of other types, tumours × lines: their quantiles, a value a tumour."""
    if not others.shape[1]:
        return {name: np.full(len(others), np.nan) for name in _NULL}
    return dict(zip(_NULL, np.quantile(others, list(_NULL.values()), axis=1), strict=True))


def _drugs(
    ranked: pd.DataFrame, data: StandardisedSamples, sensitivity: pd.DataFrame
) -> pd.DataFrame:
    """Drugs of the nearest lines that were screened."""
    models = data.obs["model_id"].loc[ranked["line"]]
    screened = models[models.isin(sensitivity["model_id"]).to_numpy()].head(_NEAREST)
    near = pd.DataFrame({"line": screened.to_numpy()})
    return drug_table(near, sensitivity, key="model_id")


def _stacked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables of the groups under each other, the group first."""
    stacked = pd.concat(tables, names=["tumours"]).reset_index("tumours")
    return stacked.reset_index(drop=True)
