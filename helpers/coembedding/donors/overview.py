"""What a multi-omics cohort holds, counted and in words."""

from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Overview:
    """Donors by cancer type and by what was measured of them, and one sentence on the features."""

    counts: pd.DataFrame
    sentence: str

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table cohort."""
        return {"cohort": self.counts}

    @property
    def metrics(self) -> dict[str, float]:
        """None."""
        return {}


def describe_donors(donors: anndata.AnnData) -> Overview:
    """Count donors with both modalities, and with one, by cancer type."""
    has_rna, has_atac = (donors.obs[f"has_{name}"].astype(bool) for name in ("rna", "atac"))
    measured = np.select([has_rna & has_atac, has_rna], ["both", "RNA only"], "ATAC only")
    n_atac, feature = donors.obsm["atac"].shape[1], donors.uns["atac_feature"]
    sentence = f"{donors.n_vars:,} RNA features, {n_atac:,} ATAC features ({feature}s)"
    return Overview(pd.crosstab(donors.obs["cancer_type"], measured), sentence)
