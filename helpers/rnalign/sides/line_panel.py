"""Another panel of cell lines in the place of a cohort's."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.checks import LINE, check_alignment, check_same_scale
from helpers.cohorts.reading.previous_names import renamed_like
from helpers.cohorts.reading.value_scale import summarise_values
from helpers.cohorts.user_files import load_panel

_MIN_GENES = 2


def replace_lines(
    cohort: anndata.AnnData, panel_path: str | Path, max_missing: float = 0.2
) -> anndata.AnnData:
    """The cohort's tumours with the lines of another panel: a `.h5ad` of your own.

    The panel needs obs["cancer_type"] in the cohort's words and gene symbols as var_names, on the
    cohort's log scale; `patient`, `purity` (1 unless given) are optional, and rows of the panel
    that say they are something other than a cell line are left out. Genes are those of both, by the
    cohort's names where the two name them as they were called at different times.

    Raises:
        ValueError: the file cannot be used (see `user_files`); more than `max_missing` of
            the cohort's genes are not in it (names some); no cancer type is shared; a sample name
            is used on both sides; its values are on another scale than the tumours'.
    """
    panel = load_panel(panel_path)
    panel.var_names = renamed_like(panel.var_names, cohort.var_names)
    tumours = cohort[(cohort.obs["sample_type"].astype(str) != LINE).to_numpy()]
    genes = shared_genes(tumours.var_names, panel.var_names, panel_path, max_missing)
    sides = summarise_values(tumours[:, genes]), summarise_values(panel[:, genes])
    levels = check_same_scale(*sides, "tumours", f"the lines of {Path(panel_path).name}")
    if "sample_type" in panel.obs:
        panel = _only_lines(panel, panel_path)
    _check_names(tumours.obs_names, panel.obs_names, panel_path)
    lines = panel[:, genes].copy()
    lines.obs = _line_obs(lines.obs)
    merged = anndata.concat([tumours[:, genes], lines], join="outer", merge=None)
    merged = anndata.AnnData(
        np.asarray(merged.X, np.float32), with_plain_text(merged.obs), tumours.var.loc[genes].copy()
    )
    merged.uns = {key: value for key, value in cohort.uns.items() if key != "truth"}
    merged.uns["notes"] = [
        *cohort.uns.get("notes", []),
        *(f"{Path(panel_path).name}: {note}" for note in panel.uns.get("notes", [])),
        *levels,
        f"Cell lines replaced: {lines.n_obs} lines of {Path(panel_path).name} on {len(genes)} of "
        f"the cohort's {cohort.n_vars} genes, taken to be on the same scale as the tumours' "
        f"({cohort.uns.get('unit', 'unit not known')}). What is said of cell lines before this is "
        "of those that were replaced.",
    ]
    check_alignment(merged)
    return merged


def _only_lines(panel: anndata.AnnData, path: str | Path) -> anndata.AnnData:
    is_line = (panel.obs["sample_type"].astype(str) == LINE).to_numpy()
    if not is_line.any():
        named = ", ".join(sorted(panel.obs["sample_type"].astype(str).unique()))
        raise ValueError(
            f'obs["sample_type"] of {path} must say "{LINE}" for lines; it has {named}. Set it '
            f'with: adata.obs["sample_type"] = "{LINE}", or leave the column out'
        )
    lines = panel[is_line].copy()
    if len(is_line) > lines.n_obs:
        left_out = f"{len(is_line) - lines.n_obs} rows of {Path(path).name} are no cell lines: "
        lines.uns["notes"] = [*panel.uns["notes"], left_out + "left out."]
    return lines


def shared_genes(
    wanted: pd.Index, in_panel: pd.Index, path: str | Path, max_missing: float
) -> list[str]:
    """The `wanted` genes of a cohort that the file `path`, with genes `in_panel`, has too.

    Raises:
        ValueError: more than `max_missing` of them are not in it; names some.
    """
    missing = [gene for gene in wanted if gene not in set(in_panel)]
    shared = [gene for gene in wanted if gene not in set(missing)]
    if len(missing) > max_missing * len(wanted) or len(shared) < _MIN_GENES:
        fix = "Give a file with more of them" if shared else "Name genes by symbol"
        raise ValueError(
            f"{path} must have at least {1 - max_missing:.0%} of the cohort's {len(wanted):,} "
            f"genes; {len(missing):,} are missing, such as {', '.join(missing[:5])} (its names "
            f"look like {', '.join(map(str, in_panel[:3]))}). {fix}"
        )
    return shared


def _check_names(tumours: pd.Index, lines: pd.Index, path: str | Path) -> None:
    repeated = tumours.intersection(lines)
    if len(repeated):
        raise ValueError(
            f"sample names of {path} must not be those of the cohort's tumours; {repeated[0]!r} "
            'is in both. Rename with: adata.obs_names = "line-" + adata.obs_names'
        )


def _line_obs(obs: pd.DataFrame) -> pd.DataFrame:
    obs = obs.assign(sample_type=LINE)
    for column, value in {"patient": obs.index, "purity": 1.0, "batch": "panel"}.items():
        if column not in obs:
            obs[column] = value
    return obs.assign(purity_source="cell line")


def with_plain_text(obs: pd.DataFrame) -> pd.DataFrame:
    """The samples' table with text columns as text, "" where one side has no such column."""
    for column in obs.columns[[not pd.api.types.is_numeric_dtype(obs[c]) for c in obs]]:
        obs[column] = obs[column].astype(object).where(obs[column].notna(), "").astype(str)
    return obs
