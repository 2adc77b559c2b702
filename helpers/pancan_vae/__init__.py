"""Paper 1 (Dasgupta): one latent space for many cancers, and the hallmarks in it.

- `cohorts`, `simulation`: the chapter's own cohorts
- `needs`: what it asks of a cohort before anything is trained
- `argument_groups`: what travels together, as small frozen objects
- `sealed_folds`, `folds`: who is held out; one fold prepared, trained and seen by its models
- `fold_rows`, `row_components`: the matrix of a fold, in memory or on disk; its PCA from there
- `paper_model`: the paper's own model on the same folds, and what differs
- `neighbouring_settings`: whether the VAE was given a chance
- `latent_space`: how cancer types and machines lie in it, whether its dimensions come back
- `classifiers`: cancer type from the latent space, and its mistakes
- `enrichment`: gene sets in axes and directions
- `planted_truth`: simulated cohorts, whether what was planted is found
- `prognosis`: survival from the latent space
- `claims`: what the paper says and what counts as reproduced
- `paper_rows`: every row of the paper, done as written or what differs
- `takeaways`, `biology_takeaways`: sentences made from a run's numbers
- `remarks`: what holds for one cohort only
- `figures`: the chapter's pictures
"""
