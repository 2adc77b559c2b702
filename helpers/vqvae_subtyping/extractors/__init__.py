"""Feature extractors.

- `extractor`: each trained and read out by one call
- `vqvae`, `quantizer`, `codebook_usage`: the VQ-VAE, its codebooks, how they are used
- `autoencoder`: its frame and deterministic relative; `pca_start`: training from PCA on
"""
