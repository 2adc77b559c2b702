"""What an embedding is judged by.

Over seeds, as the chapter shows it:

- `pairing`: whether donors meet; `all_benchmarks`: the paper's figure 2
- `reconstructions`: whether what is rebuilt differs, and what that is about
- `across_modalities`: one modality from the other, and planted links

Of one setting, on donors that choose and on donors that judge: `validation_trial`.

Of one split, and of one embedding:

- `one_split`: all of it for every embedding of one split
- `coembedding_scores`: the paper's numbers of one embedding, from `cohort_accuracy` (XGBoost),
  `grassmann` and `foscttm`
- `survival_folds`, `uno_c`: overall survival in five folds; `stratified_parts`: those folds
- `reconstruction_differential`: features that differ once rebuilt
- `imputation`: features of one modality predicted from the other
"""
