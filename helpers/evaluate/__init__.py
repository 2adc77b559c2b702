"""Metrics: arrays and tables in, numbers and tables out; nothing is drawn, nothing is loaded.

arrays          what every metric checks of its input
calibration     is a predicted probability an honest one
classification  cancer type from features, held-out scores and the errors made
camera          set enrichment that allows for genes moving together
enrichment      latent dimension ↔ gene association, controls, the named hallmark tasks
geometry        how the cancer types lie in a space, one row a space or a type
gsea            preranked gene-set enrichment of every dimension
hallmarks       both enrichment tests of several spaces beside their controls
paired          two predictions of the same samples, McNemar's test
pancan_claims   what paper 1 claims and what will count as reproduced
representation  what a latent space keeps: neighbourhoods, classes, batch
reproduction    the paper's claims against the values found here
rotation        varimax: which directions of a latent space to read
stability       the same dimensions, the same subspace under another seed
survival        held-out concordance of the latent space
trials          the neighbourhood of a model's settings, one change each
"""
