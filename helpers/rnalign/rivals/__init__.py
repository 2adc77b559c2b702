"""What RNAlign is compared with, each on the same samples and genes: `comparison` runs them all.

- `mean_shift`, `linear_projection`, `combat`, `mober`
- `celligner`, in three steps: `expression_clusters`, `contrastive_pca`, `mutual_neighbours`
"""
