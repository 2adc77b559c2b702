"""What a feature is, a gene or a microRNA: by the words of Cell Ranger and others, or its name."""

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.reading.missing_words import counted, is_missing_word

_MICRORNA = r"^(?:[a-z]{3}-)?(?:mir|let)-"
_HUMAN_MICRORNA = r"^(?:hsa-)?(?:mir|let)-"
_KINDS = {
    "gene": "gene",
    "genes": "gene",
    "gene expression": "gene",
    "rna": "gene",
    "mrna": "gene",
    "transcript": "gene",
    "protein coding": "gene",
    "microrna": "microRNA",
    "micro rna": "microRNA",
    "mirna": "microRNA",
    "mirnas": "microRNA",
    "micrornas": "microRNA",
    "mir": "microRNA",
}


def read_feature_types(cohort: anndata.AnnData, path: object) -> list[str]:
    """Put var["feature_type"] and uns["feature"] into "gene" and "microRNA", in place; notes.

    Raises:
        ValueError: features that are neither, with the line that leaves them out.
    """
    if isinstance(cohort.uns.get("feature"), str):
        feature = cohort.uns["feature"]
        cohort.uns["feature"] = _KINDS.get(_plain_kind(feature), feature)
    elif "feature" in cohort.uns:
        del cohort.uns["feature"]
    of_column = "feature_type"
    notes = _foreign_micrornas(cohort.var_names.astype(str))
    if "feature_type" not in cohort.var and "feature_types" in cohort.var:
        of_column = "feature_types"  # Cell Ranger's
        cohort.var["feature_type"] = cohort.var[of_column]
    if "feature_type" not in cohort.var:
        return notes
    column = cohort.var["feature_type"].astype(object)
    is_known = column.notna() & ~column.map(is_missing_word)
    kinds = column[is_known].map(lambda word: _KINDS.get(_plain_kind(word)))
    if kinds.isna().any():
        others = sorted(set(column[is_known][kinds.isna()].astype(str)))
        kept = sorted(set(column[is_known].astype(str)) - set(others)) or ["gene"]
        raise ValueError(
            f'var["{of_column}"] of {path} must say gene or microRNA; it has '
            f"{', '.join(others[:6])} for {int(kinds.isna().sum())} features. Leave those out "
            f'with: adata = adata[:, adata.var["{of_column}"].isin({kept})].copy()'
        )
    guessed = pd.Series(_by_name(cohort), index=column.index)
    cohort.var["feature_type"] = kinds.reindex(column.index).where(is_known, guessed).astype(str)
    changed = column[is_known][kinds != column[is_known]]
    if len(changed):
        notes.append(f"var['feature_type']: {counted(changed)} read as gene or microRNA.")
    return notes


def feature_types(cohort: anndata.AnnData) -> pd.Series:
    """What each feature is, "gene" or "microRNA": var["feature_type"], else by uns and names."""
    if "feature_type" in cohort.var:
        return cohort.var["feature_type"].astype(str)
    return pd.Series(_by_name(cohort), index=cohort.var_names)


def guess_feature(names: pd.Index) -> str:
    """Say "microRNA" if most names look like miRBase's (hsa-mir-21, hsa-let-7a-1), else "gene"."""
    looks_so = names.astype(str).str.contains(_MICRORNA, case=False)
    return "microRNA" if len(names) and looks_so.mean() > 0.5 else "gene"


def _by_name(cohort: anndata.AnnData) -> np.ndarray:
    is_microrna = cohort.var_names.astype(str).str.contains(_MICRORNA, case=False)
    is_microrna = is_microrna | (str(cohort.uns.get("feature")) == "microRNA")
    return np.where(is_microrna, "microRNA", "gene")


def _foreign_micrornas(names: pd.Index) -> list[str]:
    is_foreign = names.str.contains(_MICRORNA, case=False)
    is_foreign &= ~names.str.contains(_HUMAN_MICRORNA, case=False)
    if not is_foreign.any():
        return []
    return [
        f"{int(is_foreign.sum())} of {len(names)} features are microRNAs of another species, such "
        f"as {names[is_foreign][0]} (spike-ins are): of no family, and in no set."
    ]


def _plain_kind(word: object) -> str:
    return str(word).replace("_", " ").replace("-", " ").strip().casefold()
