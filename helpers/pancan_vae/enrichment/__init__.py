"""Gene sets in latent dimensions.

- `latent_genes`: which genes go with a dimension, and the named hallmark tasks
- `camera`: a test that allows for genes moving together
- `hallmarks`: both tests on every space, beside their controls
- `every_fold`: CAMERA on all folds, and what noise carries
- `cluster_scores`: hallmark tasks across latent clusters
"""
