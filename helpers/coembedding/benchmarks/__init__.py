"""What an embedding is judged by.

- `benchmark`: all of it for every embedding of one split
- `coembedding_scores`: the paper's numbers of one embedding, from `cohort_accuracy` (XGBoost),
  `grassmann` and `foscttm`
- `survival_folds`, `uno_c`: overall survival in five folds
- `reconstruction_differential`: features that differ once rebuilt
- `imputation`: one modality from the other
"""
