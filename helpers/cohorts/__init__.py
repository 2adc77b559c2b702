"""From public files and users' files to cohorts ready for a model.

- `registry`, `spec`, `cohort_cache`: a name to an AnnData; every room announces its own in a module
  named `cohorts`
- `h5ad`, `checks`: your own file, and what it must be
- `sources`, `download`, `r_files`: `data/sources.toml` to verified local files, R's among them
- `tcga`: how TCGA names, measures and follows its patients
- `selection`, `splits`, `preprocess`: which samples, which fold, what is fitted on it, of which
  `batch_shift` and `standardiser` are the last two steps
- `expression_transform`, `skewness`: the skew of linear expression undone on training rows
- `gene_sets`, `microrna_targets`, `feature_sets`: what features are read with
"""
