"""The paper row by row: what it has, whether the chapter has it so, and if not, why.

faithful: computed as the paper says, as far as it says. deviating: computed in another way, said
here and where the reader meets it. missing: not computed. untestable: the paper or the data leave
nothing to compare with.
"""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from helpers.evaluate.wording import in_a_row

STATUSES = ("faithful", "deviating", "missing", "untestable")
_ROWS = (
    # where, what the paper has, status, why
    ("II A", "ten cancers of TCGA, one sample a patient", "faithful", ""),
    ("II A", "mRNA as log FPKM of all genes", "deviating",
     "the public z-scores hold genes of chosen families; paper-subtyping has all, as RSEM counts"),
    ("II A", "features with more than a tenth of zeros removed", "deviating",
     "z-scores have no zeros to count; constant features are refused"),
    ("II A", "arrays (GBM, OV), missing values imputed", "missing",
     "no array data among the sources: GBM is mRNA alone, OV and PRAD microRNA alone"),
    ("II A, figure 1", "mRNA and microRNA side by side", "faithful", ""),
    ("II B", "VAE with a Gaussian posterior, ELBO", "faithful", ""),
    ("II B, equation 2", "one code of M a sample, of l dimensions", "faithful",
     "vqvae_single"),
    ("II B", "gradient copied past the choice of a code", "faithful", ""),
    ("II B", "how codes learn, widths, M, loss weights, epochs", "untestable",
     "not given: chosen by what the codes reconstruct of patients held out, on tcga-brca"),
    ("III A", "64 latents for every extractor", "faithful", ""),
    ("figures 7d–e", "64 categorical features a sample", "deviating",
     "equation 2 gives one; vqvae has 64 scalar codes, vqvae_vector fewer of more dimensions"),
    ("figure 2", "first two principal components of raw, AE, VAE, VQ-VAE", "faithful", ""),
    ("figure 3", "four classic clusterers on VQ-VAE latents", "deviating",
     "k-means, spectral and Gaussian mixture; the fourth is not named in the text"),
    ("figures 4–6", "SNF", "faithful", "as SNFtool computes it"),
    ("figures 4–6", "iClusterBayes", "deviating",
     "its Gaussian case as a short Gibbs chain without a Metropolis step"),
    ("figures 4–6", "consensus NMF", "deviating",
     "squared error by coordinate descent, not Kullback–Leibler by multiplicative updates"),
    ("figures 5–6", "NMI, silhouette and purity of all pairs", "faithful",
     "silhouettes also in one common space"),
    ("figures 7a–b", "t-SNE by PAM50 and by cluster", "faithful", ""),
    ("figure 7c", "five clusters A to E, flows from PAM50", "deviating",
     "A is the most mixed, the others go by size: the paper does not say how it letters"),
    ("figures 7d–e", "heat map; groups by absolute Pearson correlation", "faithful",
     "average linkage; the paper names none"),
    ("figure 7f", "volcano of cluster A", "deviating",
     "limma on transformed values in SD; the paper's cut-offs stand in its appendix only"),
    ("figure 8a", "GO biological process", "deviating",
     "against the genes measured, risen and fallen apart, beyond an effect"),
    ("figure 8a", "GO molecular function", "missing", "no such gene sets among the sources"),
    ("figure 8b", "KEGG", "deviating", "MSigDB's KEGG of version 7; background as above"),
    ("figure 8", "clusters B and D alike, C without differences", "untestable",
     "the text does not say which PAM50 classes its B holds"),
    ("figure 9", "genes of A on a map of breast cancer pathways", "deviating",
     "the relations are KEGG's, cut to the steps that subtypes are named for"),
    ("figure 10a", "networks of A and E, members differing at p < 0.01", "deviating",
     "E is the cluster most like A in PAM50; a pair must also anticorrelate in its cluster"),
    ("figure 10a", "pairs supported by starBase", "faithful", ""),
    ("figure 10a", "XIST and other long non-coding RNAs", "untestable",
     "not measured in the public z-scores; paper-subtyping has them"),
    ("figure 10b", "Kaplan–Meier and log-rank beside PAM50", "faithful",
     "permutation and adjusted p, patients held out beside it"),
    ("appendix", "clusterings and survival of the other nine cancers", "deviating",
     "k-means and SNF alone, by the sweep subtyping_cancers"),
    ("appendix", "genes, sets and networks of the other nine cancers", "missing",
     "a run with cancer_type makes them; none is published"),
)  # fmt: skip


@dataclass(frozen=True)
class PaperRows:
    """The rows. table: columns where, paper, status, here."""

    table: pd.DataFrame

    @cached_property
    def counts(self) -> dict[str, int]:
        """Status → number of rows."""
        found = self.table["status"].value_counts()
        return {status: int(found.get(status, 0)) for status in STATUSES}

    @property
    def in_words(self) -> str:
        """How many rows have each status."""
        parts = [f"{n} {status}" for status, n in self.counts.items()]
        return f"Of {len(self.table)} rows of the paper {in_a_row(parts)}."

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Table `paper_rows`."""
        return {"paper_rows": self.table}

    @property
    def metrics(self) -> dict[str, int]:
        """None: the rows are the same in every run."""
        return {}


def paper_rows() -> PaperRows:
    """The rows of the paper in its order."""
    return PaperRows(pd.DataFrame(_ROWS, columns=["where", "paper", "status", "here"]))
