"""From public files and users' files to cohorts ready for a model.

- `registry`, `cohort_spec`, `cohort_cache`: a name to an AnnData; every room announces its own in
  a module named `cohorts`
- `user_files`, `checks`: your own file, and what it must be
- `sources`, `download`, `r_files`, `r_texts`, `text_matrices`: `data/sources.toml` to verified
  local files, R's and tables of gigabytes among them
- `on_disk`: cohorts larger than memory
- `tcga`: how TCGA names, measures and follows its patients
- `reading`: words, names and numbers of other tools' files, understood or refused
- `sample_selection`, `splits`, `preprocess`: which samples, which fold, what is fitted on it; its
  last two steps are `batch_shift` and `standardiser`
- `expression_transform`, `skewness`: the skew of linear expression undone on training rows
- `gene_sets`, `microrna_targets`, `feature_sets`: what features are read with
"""
