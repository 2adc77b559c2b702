"""Pictures of chapter 1.

- `model_drawing`: the VAE as layers
- `classifier_scores`, `confusion`, `reliability`, `prediction_quality`: cancer type predicted
- `enrichment_heatmap`: gene sets × dimensions, and the named hallmark tasks
- `cluster_tasks`: hallmark tasks × latent clusters
- `matched_dimensions`: what comes back under another seed
- `concordance`: survival
"""
