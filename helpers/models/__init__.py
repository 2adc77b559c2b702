"""Models of the papers and the parts they share; torch and jaxtyping only.

networks, losses, training, step, history, checkpoints   the parts and the trainer all share
conditions, embedding, pca_start   labels as inputs; reading a trained model; starting at PCA
vae                                chapter 1
atac_vae, window_training, rna_vae, coembedding, coembedding_training, histology   chapter 2
vqvae, quantizer, codes, autoencoder, extract   chapter 3
rnalign                            chapter 4
"""
