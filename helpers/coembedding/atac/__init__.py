"""Open chromatin.

- `components`, `breast_peaks`, `paper_peaks`: the loaders of ATAC cohorts
- `genome`: chromosomes of hg38; `gene_activity`: what peaks say of genes
- `peak_windows`: peaks on disk, a window at a time, with the `peak_demographics` it removes;
  `peak_store`: whose peaks a run has
- `peak_vae`, `window_training`, `peak_models`: the hierarchical VAE, its training, its rivals
- `peak_comparison`: all of that over seeds, as the chapter shows it
- `peak_coembedding`, `peak_benchmarks`: the hierarchical VAE as a co-embedding's ATAC side, and the
  paper's benchmarks of it
- `peak_gene_links`, `region_enrichment`: what peaks are about
"""
