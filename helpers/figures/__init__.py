"""Pictures that two or more papers use: data and an axes in, the axes out.

- `palette`: one colour a cancer type, one style; `columns`: what a table must have
- `loss_curves`, `embedding`, `volcano`
- `umap_layout`: samples in two dimensions; `numba_cache`: what is compiled for it
- `sample_map`: the samples of a scatter as a table, with what is known of them
- `set_names`: names of gene sets as a reader wants them
"""
