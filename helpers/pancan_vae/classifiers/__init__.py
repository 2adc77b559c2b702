"""Cancer type from features.

- `classification`: the classifiers and their held-out scores
- `space_comparison`: latents, principal components and whole profiles under the same classifiers
- `mistakes`: which types are taken for which, and how sure the classifier is
- `paired_predictions`: two predictions patient by patient
- `calibration`: whether a probability is an honest one
"""
