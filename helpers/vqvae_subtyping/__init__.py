"""Paper 3 (Chen et al.): discrete codes, and whether they find better subtypes.

- `cohorts`, `simulation`, `paper_cohort`: the chapter's own cohorts
- `patients`, `prerequisites`: whose subtypes are looked for, and what that needs
- `extractors`: VQ-VAE, VAE, autoencoder → latents
- `clusterers`: k-means to network fusion
- `clusters`: agreement, stability and survival of clusters
- `latents`: groups of latents and what they tell
- `biology`: pathways, networks, hubs
- `held_out_subtypes`: clusters of patients that nothing has seen
- `reading`: gene sets and targets that clusters are read with
- `claims`: what the paper says and what counts as reproduced
- `figures`: the chapter's pictures
"""
