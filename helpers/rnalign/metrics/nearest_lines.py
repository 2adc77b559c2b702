"""The cell lines nearest to a tumour, and the drugs those lines are sensitive to."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import false_discovery_control, mannwhitneyu

from helpers.evaluate.arrays import as_labels, as_matrix


def nearest_lines(
    tumour_x: ArrayLike, line_x: ArrayLike, line_names: ArrayLike, k: int = 10
) -> pd.DataFrame:
    """The k lines most correlated with a tumour (Pearson over genes), nearest first.

    `tumour_x`: one value per gene. `line_x`: lines × genes, aligned like the tumour.
    Columns: rank (from 1), line, correlation in [−1, 1].

    Raises:
        ValueError: unequal genes, k outside 1 … lines, or a profile without variance.
    """
    lines = as_matrix(line_x, "line_x").astype(float)
    names = as_labels(line_names, "line_names", len(lines))
    tumour = as_matrix(np.ravel(tumour_x)[:, None], "tumour_x").ravel().astype(float)
    if len(tumour) != lines.shape[1]:
        raise ValueError(
            f"`tumour_x` must have one value per gene: {lines.shape[1]} genes, {len(tumour)} "
            "values. Pass one row of the aligned matrix."
        )
    if not 1 <= k <= len(lines):
        raise ValueError(f"`k` must be from 1 to the {len(lines)} lines; got {k}.")
    r = _correlations(tumour, lines)
    order = np.argsort(-r, kind="stable")[:k]
    table = pd.DataFrame({"rank": np.arange(1, k + 1), "line": names[order]})
    return table.assign(correlation=r[order])


def _correlations(tumour: np.ndarray, lines: np.ndarray) -> np.ndarray:
    a, b = tumour - tumour.mean(), lines - lines.mean(axis=1, keepdims=True)
    scale = np.linalg.norm(a) * np.linalg.norm(b, axis=1)
    if (scale <= 0).any():
        raise ValueError("Correlation needs genes that differ within the tumour and every line.")
    return b @ a / scale


def drug_table(
    ranked: pd.DataFrame,
    sensitivity: pd.DataFrame,
    min_lines: int = 3,
    key: str = "line",
) -> pd.DataFrame:
    """What the nearest lines' known drug sensitivities suggest, most sensitive relative first.

    `ranked`: of `nearest_lines`. `sensitivity`: a row per line and drug with the columns `key`
    (the names in ranked["line"]), drug, ln_ic50 (natural log of µM; lower is more sensitive);
    several rows of a line and drug are averaged. Drugs measured in fewer than `min_lines` of the
    nearest lines, or in no other, are left out.

    Columns: drug, n (nearest lines with a value), ln_ic50 and ln_ic50_others (medians of the
    nearest and of all other lines), difference (below 0: the nearest are more sensitive),
    percentile (chance that a nearest line is less sensitive than another, in [0, 1]; .5 is no
    difference), p (Mann–Whitney, two-sided) and fdr (Benjamini–Hochberg over the table's drugs). A
    hint for an experiment, not a treatment.

    Raises:
        ValueError: a column is missing, or none of the nearest lines was screened.
    """
    missing = {key, "drug", "ln_ic50"} - set(sensitivity)
    if missing:
        raise ValueError(
            f"`sensitivity` lacks the columns {sorted(missing)}; it has {list(sensitivity)}."
        )
    measured = sensitivity.dropna(subset=["ln_ic50"])
    measured = measured.groupby(["drug", key], as_index=False)["ln_ic50"].mean()
    is_near = measured[key].isin(ranked["line"])
    if not is_near.any():
        raise ValueError(
            f"None of the {len(ranked)} nearest lines has a drug sensitivity under `{key}`, as "
            f"{ranked['line'].iloc[0]!r}. Name lines alike in both tables, or raise k."
        )
    values, near = measured["ln_ic50"].to_numpy(), is_near.to_numpy()
    rows = [
        _drug_row(drug, values[of_drug], near[of_drug])
        for drug, of_drug in measured.groupby("drug").indices.items()
        if near[of_drug].sum() >= min_lines and not near[of_drug].all()
    ]
    columns = ["drug", "n", "ln_ic50", "ln_ic50_others", "difference", "percentile", "p"]
    table = pd.DataFrame(rows, columns=columns)
    table["fdr"] = false_discovery_control(table["p"]) if len(table) else np.empty(0)
    return table.sort_values(["percentile", "drug"], ignore_index=True)


def _drug_row(drug: str, values: np.ndarray, is_near: np.ndarray) -> tuple:
    near, others = values[is_near], values[~is_near]
    test = mannwhitneyu(near, others)
    medians = np.median(near), np.median(others)
    share = test.statistic / (len(near) * len(others))
    return (drug, len(near), *medians, medians[0] - medians[1], share, test.pvalue)
