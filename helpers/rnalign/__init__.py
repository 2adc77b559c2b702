"""Paper 4 (Alvarez et al.): tumours and cell lines in one space.

- `cohorts`, `simulation`: the chapter's cohorts, from `ccle`, `ccle_brca`, `treehouse` and
  `purity_estimates`
- `needs`: what it asks of a cohort before anything is trained
- `gene_selection`: which genes are kept, and on what scale
- `samples`, `origins`: which tumours and lines are aligned, and what is checked of them
- `sides`: tumours and lines from different files: a panel of other lines, a user's tumours
- `model`, `conditions`, `loss_terms`: the conditional VAE, the labels it is told, L_cor and L_grad
- `label_pass` with `linear_residual`, `label_correlation`: what training takes in their place
- `argument_groups`: how RNAlign and MOBER are made, and RNAlign without one part each
- `rivals`: what it is compared with
- `metrics`: what an alignment is judged by
- `search`: how settings are chosen, on donors that are not scored in the end
- `analyses`: the notebook's sections, one result each
- `claims`: what the paper says and what counts as reproduced
- `takeaways`, `remarks`: sentences from a run's numbers, and what holds for one cohort only
- `figures`: the chapter's pictures
"""
