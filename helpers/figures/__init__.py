"""Pictures that two or more papers use: data and an axes in, the axes out.

- `palette`: one colour a cancer type, one style; `columns`: what a table must have
- `loss_curves`, `embedding`, `volcano`
- `umap_layout`: samples in two dimensions; `numba_cache`: what is compiled for it
- `set_names`: names of gene sets as a reader wants them
"""
