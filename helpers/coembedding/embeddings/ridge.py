"""Ridge regression: what a linear map between two measurements of a patient already gives.

The rival of every imputation here, and of every co-embedding that sees pairs.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.evaluate.arrays import as_matrix
from helpers.models.pca import fit_pca

PENALTIES = tuple(10.0**power for power in range(-2, 7))


def fit_ridge(
    x: ArrayLike, y: ArrayLike, penalties: Sequence[float] = PENALTIES, standardise: bool = True
) -> Pipeline:
    """Ridge regression of all columns of `y` on `x`; `predict` gives samples × columns of `y`.

    argmin ‖y − xb‖² + penalty·‖b‖², with an intercept; the penalty is the one of `penalties` with
    the least leave-one-out error over all columns of `y`. `x`: training samples × features,
    scaled to variance 1 on them unless `standardise` is False (principal components, whose scale
    says how much they matter, are better left as they are). `y`: the same samples × targets.

    Raises:
        ValueError: NaN, unequal samples, fewer than 2 samples, or a penalty not above 0.
    """
    features = as_matrix(x, "x").astype(float)
    targets = as_matrix(y, "y", len(features)).astype(float)
    if len(features) < 2 or min(penalties, default=0) <= 0:
        raise ValueError(
            "ridge regression needs 2 or more samples and penalties above 0; got "
            f"{len(features)} samples and penalties {list(penalties)}."
        )
    scaler = StandardScaler(with_std=standardise)
    return make_pipeline(scaler, RidgeCV(alphas=np.asarray(penalties))).fit(features, targets)


class RidgeCoembedding:
    """The linear co-embedding: RNA's principal components, and their ridge prediction from ATAC.

    z(rna) = PCA(rna), z(atac) = ridge(atac → PCA(rna)), learnt from paired training donors (or
    from matched ones). It sees the pairs, so a co-embedding without pairs is not asked to beat it.

    Args:
        n_latent: components of the RNA, capped at its rank.
        standardise: scale the ATAC columns to variance 1 first; not for components.
        seed: of the PCA's randomised solver.

    Attributes:
        rna_pca: fitted on all training RNA; to_rna: ATAC → components; to_atac: components → ATAC.
    """

    rna_pca: PCA
    to_rna: Pipeline
    to_atac: Pipeline

    def __init__(self, n_latent: int = 64, standardise: bool = False, seed: int = 0) -> None:
        self.n_latent, self.standardise, self.seed = n_latent, standardise, seed

    def fit(
        self, rna: ArrayLike, paired_rna: ArrayLike, paired_atac: ArrayLike
    ) -> "RidgeCoembedding":
        """Learn from training samples: all RNA, and the donors with both, row by row.

        Raises:
            ValueError: no paired donors, unequal rows, other RNA features, NaN.
        """
        if len(paired_rna) < 2 or len(paired_rna) != len(paired_atac):
            raise ValueError(
                "the ridge needs 2 or more paired donors, row i of both the same; got "
                f"{len(paired_rna)} with RNA and {len(paired_atac)} with ATAC."
            )
        self.rna_pca = fit_pca(rna, self.n_latent, self.seed)
        z = self.embed_rna(paired_rna)
        self.to_rna = fit_ridge(paired_atac, z, standardise=self.standardise)
        self.to_atac = fit_ridge(z, paired_atac, standardise=False)
        return self

    def embed_rna(self, rna: ArrayLike) -> np.ndarray:
        """Samples × latent dimensions, in the unit of the RNA."""
        return self.rna_pca.transform(as_matrix(rna, "rna"))

    def embed_atac(self, atac: ArrayLike) -> np.ndarray:
        """Samples × latent dimensions: the RNA components that the ATAC predicts."""
        return _two_dimensional(self.to_rna.predict(as_matrix(atac, "atac")))

    def impute_rna(self, atac: ArrayLike) -> np.ndarray:
        """RNA predicted from ATAC, samples × RNA features."""
        return self.rna_pca.inverse_transform(self.embed_atac(atac))

    def impute_atac(self, rna: ArrayLike) -> np.ndarray:
        """ATAC predicted from RNA, samples × ATAC features."""
        return _two_dimensional(self.to_atac.predict(self.embed_rna(rna)))


def _two_dimensional(values: np.ndarray) -> np.ndarray:
    return values[:, None] if values.ndim == 1 else values
