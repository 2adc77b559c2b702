"""The PAM50 centroids: mean expression of 50 genes in five breast-cancer subtypes.

Parker et al. (2009), Journal of Clinical Oncology 27:1160. Patients of `tcga-brca` carry the class
that the PanCancerAtlas gave them from all 50 genes; with the 7 of them that its z-scores hold, the
class cannot be worked out again.
"""

import pandas as pd

from helpers.data.sources import fetch_group

PAM50 = ("LumA", "LumB", "Her2", "Basal", "Normal")


def load_pam50_centroids() -> pd.DataFrame:
    """Gene × subtype: log2 expression of the subtype's mean tumour, centred on the gene's median.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the file.
        ValueError: the file lacks a subtype.
    """
    (path,) = fetch_group("pam50")
    table = pd.read_csv(path, sep="\t", index_col=0)
    lacking = set(PAM50) - set(table.columns)
    if lacking:
        raise ValueError(f"{path.name} must have columns {', '.join(PAM50)}; lacks {lacking}")
    return table[list(PAM50)].rename_axis(index="gene", columns="subtype")


def measured_pam50_genes(symbols: pd.Index) -> list[str]:
    """Which of the 50 genes are among `symbols`, in alphabetical order.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the file.
    """
    return sorted(set(load_pam50_centroids().index) & set(symbols))
