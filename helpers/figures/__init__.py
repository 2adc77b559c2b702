"""Pictures that two or more papers use: data and an axes in, the axes out.

- `palette`: one colour a cancer type, one style; `columns`: what a table must have
- `loss_curves`, `embedding`, `methods`, `enrichment`, `volcano`
"""
