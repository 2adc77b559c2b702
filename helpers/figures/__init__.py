"""Pictures: data and an axes in, the axes out; nothing is fitted, shown or saved here.

palette      one colour per cancer type across the book, and the common style
alignment    tumours and cell lines before and after, lines matched by type
calibration  reliability diagram
confusion    confusion matrix
embedding    a two-dimensional embedding by cancer type or by batch
enrichment   NES of dimensions × sets, the named hallmark tasks
history      loss terms per epoch
methods      methods of alignment by metric, and what each part is worth
scores       scores by representation, precision and recall by class
stability    matched |r| per dimension beside its control
survival     held-out concordance per cancer type
sweeps       a metric against what a sweep varied
clustering, panels, label_flow, latent_heatmap   chapter 3's grids, small scatters, flows, latents
groups, volcano, over_representation, pathway_map, regulation, kaplan_meier   what clusters mean
coembedding, imputation, histology               chapter 2's benchmarks and predictions
"""
