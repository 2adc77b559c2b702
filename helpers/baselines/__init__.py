"""What the papers' models are compared with, each fitted on training samples only.

pca  principal components, with as many dimensions as the latent space
"""
