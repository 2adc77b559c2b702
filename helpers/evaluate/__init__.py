"""Metrics: arrays and tables in, numbers and tables out; nothing is drawn, nothing is loaded.

alignment       ΔD of tumours and cell lines, and every alignment metric by method
arrays          what every metric checks of its input
calibration     is a predicted probability an honest one
classification  cancer type from features, held-out scores and the errors made
camera          set enrichment that allows for genes moving together
dependence      unbiased distance correlation
enrichment      latent dimension ↔ gene association, controls, the named hallmark tasks
geometry        how the cancer types lie in a space, one row a space or a type
gsea            preranked gene-set enrichment of every dimension
hallmarks       both enrichment tests of several spaces beside their controls
kbet            are tumours and cell lines mixed in every neighbourhood
line_match      do cell lines lie among tumours of their own type
nearest_lines   the cell lines nearest to a tumour and their drug sensitivities
origin          what every alignment metric checks of tumours and cell lines
paired          two predictions of the same samples, McNemar's test
pancan_claims   what paper 1 claims and what will count as reproduced
planted         was a simulated difference removed
pvca            share of variance that origin explains
representation  what a latent space keeps: neighbourhoods, classes, batch
reproduction    the paper's claims against the values found here
rotation        varimax: which directions of a latent space to read
stability       the same dimensions, the same subspace under another seed
survival        held-out concordance of the latent space
trials          the neighbourhood of a model's settings, one change each
"""
