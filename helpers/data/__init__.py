"""From public files and user's files to cohorts ready for a model.

- `sources`, `download`: `data/sources.toml` to verified local files
- `cohorts`, `cohort_cache`: a name to an AnnData; one loader a cohort in `tcga_mirna`, `tcga_mrna`,
  `xena`, `ccle`, `treehouse`, `subtyping` (with `tcga_mrna_z`), `paper_subtyping`, `h5ad` (your
  own file), `simulate`, `simulate_rnalign` and `simulate_subtypes`; `registry` lists them
- `alignment_input`, `alignment_checks`, `purity`, `gdsc`: tumours beside cell lines
- `subtyping_input`, `subtyping_checks`, `expression_transform`, `skewness`: one cancer's patients,
  genes beside microRNAs, the skew of linear expression undone on training rows
- `clinical`, `annotation`, `gene_sets`, `microrna`, `pam50`: what is known of patients, genes,
  microRNAs and breast-cancer subtypes
- `barcodes`, `r_data`: how TCGA names samples, how R stores tables
- `selection`, `splits`, `sealing`, `preprocess`: which samples, which fold, what is fitted on it
"""
