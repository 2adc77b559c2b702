"""TCGA, as several papers use it.

- `barcodes`, `clinical`, `genes`: names of samples, patients, places of genes
- `mirna`, `mrna`, `mrna_z`, `pancanatlas`: what was measured, one loader a source
- `subtype_cohorts`: mRNA and microRNA of the same patients
- `tcga_cohorts`: those of them that are registered
"""
