"""Paper 1 (Dasgupta): one latent space for many cancers, and the hallmarks in it.

- `cohorts`, `simulation`: the chapter's own cohorts
- `sealed_folds`, `neighbouring_settings`: who is held out, and whether the VAE was given a chance
- `classification`, `calibration`, `paired_predictions`: cancer type from the latent space
- `type_geometry`: how cancer types lie in it
- `latent_genes`, `hallmarks`, `camera`, `varimax`: gene sets in axes and directions
- `seed_stability`: whether dimensions come back
- `claims`: what the paper says and what counts as reproduced
- `figures`: the chapter's pictures
"""
