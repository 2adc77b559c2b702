"""What the papers' models are compared with, each fitted on training samples only or said
to be transductive.

pca                  principal components, with as many dimensions as the latent space
mean_shift           tumours moved by a constant, overall or for each cancer type
linear_projection    tumours read off a regression on purity, at purity 1
combat               ComBat with origin as the batch, from scanpy
celligner            contrastive PCA and mutual nearest neighbours
mober                an autoencoder whose latent space does not tell the origin
contrastive_pca, expression_clusters, mutual_neighbours   Celligner's steps
origins              what they all check of their samples
rivals               all of these on the same samples and genes
clusterers           k-means, spectral, Gaussian mixture, and the three below, under one call
snf, icluster, consensus_nmf   the integrative clusterers of chapter 3
held_out_subtypes    clusters of patients that nothing was fitted on
ridge                a linear map between two measurements of a patient
coembeddings, coembedding_benchmark   every embedding of chapter 2 on one split, and its scores
peak_models          models of peaks on disk and what they give back of held-out samples
slide_expression, slide_benchmark     expression predicted from slides, and what it says
"""
