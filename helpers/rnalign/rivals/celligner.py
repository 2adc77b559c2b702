"""Celligner: unsupervised alignment of tumours and cell lines.

Warren et al. (2021, Nature Communications 12, 22): cluster each side by itself; remove from both
the directions along which tumours vary more than lines within clusters (stroma, immune cells);
then move the tumours onto the lines along mutual nearest neighbours, looked for in the genes that
differ most between clusters. Neither cancer type nor purity is used.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from helpers.rnalign.origins import as_samples
from helpers.rnalign.rivals.contrastive_pca import contrastive_components, without_components
from helpers.rnalign.rivals.expression_clusters import cluster_samples, moderated_f, within_clusters
from helpers.rnalign.rivals.mutual_neighbours import correct_by_mutual_neighbours


def celligner(
    x: ArrayLike,
    is_line: ArrayLike,
    n_contrastive: int = 4,
    n_top_genes: int = 1000,
    n_neighbours: Sequence[int] = (5, 50),
    n_components: int = 70,
    seed: int = 0,
) -> np.ndarray:
    """Tumours moved onto the lines; samples × genes in the rows, genes and number type of `x`.

    `x`: samples × genes, log2(TPM+1) or alike. `n_contrastive`: contrastive components removed
    from both sides, so the lines' values change too, but they do not move in the second step.
    `n_top_genes`: genes of each side's clusters among which neighbours are looked for; the union
    is used. `n_neighbours`: of a tumour among the lines, and of a line among the tumours.
    `n_components`: principal components in which each side is clustered. The defaults are the
    published ones. Transductive: all samples are needed at once.

    Departures from the published code, beside those of `expression_clusters`: the contrastive
    components are those of largest eigenvalue, as the paper says, where the code's fast option
    takes the principal components of the matrix cov(tumours) − cov(lines); that matrix is never
    formed.

    Raises:
        ValueError: NaN, unequal lengths, only tumours or only lines, or fewer than 3 of either.
    """
    x, is_line = as_samples(x, is_line, needs_both=True)
    if min(is_line.sum(), (~is_line).sum()) < 3:
        raise ValueError(
            "Celligner clusters tumours and lines apart and needs at least 3 of each; got "
            f"{np.sum(~is_line)} tumours and {np.sum(is_line)} lines."
        )
    genes, vectors = _contrast(
        x[~is_line], x[is_line], n_contrastive, n_top_genes, n_components, seed
    )
    aligned = without_components(x, vectors) if vectors.size else x.copy()
    aligned[~is_line] = correct_by_mutual_neighbours(
        aligned[is_line], aligned[~is_line], genes, *n_neighbours
    )
    return aligned


def _contrast(
    tumours: np.ndarray,
    lines: np.ndarray,
    n_contrastive: int,
    n_top_genes: int,
    n_components: int,
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Columns of the genes that tell clusters apart, and the contrastive components."""
    sides = [tumours, lines]
    clusters = [cluster_samples(side, n_components, seed=seed) for side in sides]
    tops = [
        _top_genes(moderated_f(side, labels), n_top_genes)
        for side, labels in zip(sides, clusters, strict=True)
    ]
    genes = np.union1d(*tops) if any(map(len, tops)) else np.arange(tumours.shape[1])
    if not n_contrastive:
        return genes, np.empty((tumours.shape[1], 0))
    residuals = [
        within_clusters(side, labels) for side, labels in zip(sides, clusters, strict=True)
    ]
    if not any(residual.any() for residual in residuals):  # every sample is a cluster of its own
        return genes, np.empty((tumours.shape[1], 0))
    vectors, _ = contrastive_components(*residuals, n_contrastive, seed)
    return genes, vectors


def _top_genes(f: np.ndarray, n_top: int) -> np.ndarray:
    """Columns of the `n_top` genes of largest F above 0, in the order of columns."""
    order = np.argsort(-f, kind="stable")[:n_top]
    return np.sort(order[f[order] > 0])
