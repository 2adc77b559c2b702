"""Open chromatin.

- `components`, `breast_peaks`, `paper_peaks`: the loaders of ATAC cohorts
- `genome`: chromosomes of hg38; `gene_activity`: what peaks say of genes
- `peak_windows`: peaks on disk, a window at a time
- `peak_vae`, `window_training`, `peak_models`: the hierarchical VAE, its training, its rivals
- `peak_comparison`: all of that over seeds, as the chapter shows it
- `peak_gene_links`, `region_enrichment`: what peaks are about
"""
