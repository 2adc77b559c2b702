"""From public files and user's files to cohorts ready for a model.

- `sources`, `download`: `data/sources.toml` to verified local files
- `cohorts`, `cohort_cache`: a name to an AnnData; one loader a cohort in `tcga_mirna`, `tcga_mrna`,
  `xena`, `ccle`, `treehouse`, `h5ad` (your own file), `simulate` and `simulate_rnalign`
- `alignment_input`, `alignment_checks`, `purity`, `gdsc`: tumours beside cell lines
- `clinical`, `annotation`, `gene_sets`, `microrna`: what is known of patients, genes, microRNAs
- `barcodes`, `r_data`: how TCGA names samples, how R stores tables
- `selection`, `splits`, `sealing`, `preprocess`: which samples, which fold, what is fitted on it
"""
