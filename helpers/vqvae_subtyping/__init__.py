"""Paper 3 (Chen et al.): discrete codes, and whether they find better subtypes.

- `cohorts`, `simulation`, `paper_cohort`: the chapter's own cohorts
- `needs`: what it asks of a cohort before anything is trained
- `patients`, `required_data`: whose subtypes are looked for, and what that needs
- `profiles`: these patients as numbers, what every analysis is given
- `argument_groups`: how extractors are made and trained; `loss_terms`: codes to latents and back
- `extractors`: VQ-VAE, VAE, autoencoder → latents
- `clusterers`: k-means to network fusion
- `clusters`: agreement, stability and survival of clusters
- `latents`: groups of latents and what they tell
- `biology`: genes, pathways, networks, hubs
- `held_out_subtypes`: clusters of patients that nothing has seen
- `validation_cohort`: clusters carried over to another cohort
- `planted_truth`: what of a simulation is found; `ten_cancers`: what the published sweep says
- `annotations`: gene sets and targets that clusters are read with
- `findings`: all results together; `claims`: what the paper says and what counts as reproduced
- `paper_rows`: the paper row by row, faithful, deviating, missing or untestable, and why
- `takeaways`: the results in words; `remarks`: what is true of one cohort only
- `figures`: the chapter's pictures
"""
