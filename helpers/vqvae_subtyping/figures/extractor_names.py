"""Names of extractors and clusterers as figures write them."""

EXTRACTOR_LABELS = {
    "vqvae": "VQ-VAE, scalar codes",
    "vqvae_single": "VQ-VAE, one code",
    "vqvae_vector": "VQ-VAE, vector codes",
    "vae": "VAE",
    "ae": "AE",
    "pca": "PCA",
    "pca_white": "PCA, whitened",
    "raw": "raw expression",
}
"""Extractor → its name in figures."""

CLUSTERER_LABELS = {
    "kmeans": "k-means",
    "spectral": "spectral",
    "gmm": "Gaussian\nmixture",
    "snf": "SNF",
    "icluster": "iCluster-\nBayes",
    "cnmf": "consensus\nNMF",
}
"""Clusterer → its name in figures."""
