"""Paper 1 (Dasgupta): one latent space for many cancers, and the hallmarks in it.

- `cohorts`, `simulation`: the chapter's own cohorts
- `settings`: what travels together, as small frozen objects
- `sealed_folds`, `folds`: who is held out; one fold prepared, trained and seen by its models
- `neighbouring_settings`: whether the VAE was given a chance
- `type_geometry`, `umap_picture`: how cancer types lie in the latent space
- `machine_effect`: whether the latent space tells sequencing machines
- `classifiers`: cancer type from the latent space, and its mistakes
- `latent_genes`, `hallmarks`, `camera`, `varimax`: gene sets in axes and directions
- `planted_truth`: simulated cohorts, whether what was planted is found
- `seed_stability`: whether dimensions come back
- `prognosis`: survival from the latent space
- `correlation`: columns of one matrix with columns of another
- `claims`: what the paper says and what counts as reproduced
- `takeaways`, `remarks`: sentences made from a run's numbers; what holds for one cohort only
- `figures`: the chapter's pictures
"""
