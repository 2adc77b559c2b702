"""Paper 4 (Alvarez et al.): tumours and cell lines in one space.

- `cohorts`, `simulation`, `ccle`, `ccle_brca`, `treehouse`, `purity`: the chapter's cohorts
- `samples`: which tumours and lines are aligned, and panels of other lines
- `model`, `conditions`: the conditional VAE and the labels it is told
- `rivals`: what it is compared with
- `metrics`: what an alignment is judged by
- `gdsc`: drug screens of cell lines
- `claims`: what the paper says and what counts as reproduced
- `figures`: the chapter's pictures
"""
