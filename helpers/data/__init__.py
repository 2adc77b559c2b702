"""From public files and user's files to cohorts ready for a model.

- `sources`, `download`: `data/sources.toml` to verified local files
- `cohorts`, `cohort_cache`: a name to an AnnData; one loader a cohort in `tcga_mirna`,
  `tcga_mrna`, `xena`, `ccle`, `ccle_brca`, `treehouse`, `subtyping` (with `tcga_mrna_z`),
  `paper_subtyping`, `atac_components`, `atac_peaks`, `histology`, `xena_peaks`, `h5ad` (your own
  file), `simulate`, `simulate_rnalign`, `simulate_subtypes` and `simulate_multiomics`; `registry`
  and `multiomics_cohorts` list them
- `multiomics`, `multiomics_files`, `multiomics_input`, `matching`: two modalities of the same
  donors, joined, held out, scaled, and who stands in for whom
- `peak_windows`, `genome`, `gene_activity`: peaks on disk, where they may lie, what they say of
  genes
- `quantile`, `batch_effect`: chapter 2's normalisation and `removeBatchEffect`, frozen once fitted
- `alignment_input`, `alignment_checks`, `purity`, `gdsc`: tumours beside cell lines
- `subtyping_input`, `subtyping_checks`, `expression_transform`, `skewness`: one cancer's patients,
  genes beside microRNAs, the skew of linear expression undone on training rows
- `clinical`, `annotation`, `gene_sets`, `microrna`, `pam50`: what is known of patients, genes,
  microRNAs and breast-cancer subtypes
- `cohort_sets`, `subtyping_reading`, `multiomics_reading`: which of it a cohort is read with
- `barcodes`, `r_data`: how TCGA names samples, how R stores tables
- `selection`, `splits`, `sealing`, `preprocess`: which samples, which fold, what is fitted on it
"""
