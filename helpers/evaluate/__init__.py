"""Metrics: arrays and tables in, numbers and tables out; nothing is drawn, nothing is loaded.

Shared
  arrays          what every metric checks of its input
  calibration     is a predicted probability an honest one
  classification  cancer type from features, held-out scores and the errors made
  differential    limma's moderated t between groups, and what clustering did to its p
  geometry        how the cancer types lie in a space, one row a space or a type
  paired          two predictions of the same samples, McNemar's test
  representation  what a latent space keeps: neighbourhoods, classes, batch
  reproduction    the paper's claims against the values found here
  rotation        varimax: which directions of a latent space to read
  stability       the same dimensions, the same subspace under another seed
  survival        held-out concordance of the latent space, per cancer type
  trials          the neighbourhood of a model's settings, one change each
Sets of genes
  camera          set enrichment that allows for genes moving together
  enrichment      latent dimension ↔ gene association, controls, the named hallmark tasks
  gsea            preranked gene-set enrichment of every dimension
  hallmarks       both enrichment tests of several spaces beside their controls
  over_representation  sets that a cluster's differential genes fall into
  pathways        the genes of the pathways named for breast cancer subtypes
  region_enrichment    sets that genomic regions act on
Chapter 1
  pancan_claims   what the paper claims and what will count as reproduced
Chapter 2
  coembedding_claims, coembedding_scores   the paper's claims; its benchmarks of an embedding
  cohort_accuracy, foscttm, grassmann      which cancer type, which donor, which subspace
  imputation, peak_gene_links, reconstruction_differential   what is predicted of the other modality
  survival_folds, uno   overall survival over all types, Uno's C
  histology_scores      expression predicted from slides
Chapter 3
  clustering, cluster_stability, label_matching   scores of clusterings, do they come back, names
  group_recovery, latent_groups   latents that go together, what they and random groups tell
  assignment, cluster_survival    patients held out; do clusters differ in survival
  regulation, hubs                microRNA–gene networks
  subtyping_claims                what the paper claims and what will count as reproduced
Chapter 4
  alignment       ΔD of tumours and cell lines, and every alignment metric by method
  dependence      unbiased distance correlation
  held_out        alignment of samples no model was fitted on
  kbet, pvca      are the origins mixed; how much variance they explain
  line_match, nearest_lines   do lines lie among their own tumours; lines nearest to a tumour
  origin, purity  what every alignment metric checks; the purest tumours
  planted         was a simulated difference removed
  rnalign_claims  what the paper claims and what will count as reproduced
  subtypes        are subtypes kept
"""
