"""Feature extractors.

- `extractor`: each trained and read out by one call; `extractions`: all of them, from every seed
- `vqvae`, `quantizer`, `codebook_usage`: the VQ-VAE, its codebooks, how they are used
- `code_forms`: the VQ-VAEs side by side, and whose form each is
- `autoencoder`: its deterministic relative; `pca_start`: training from PCA on
"""
