"""Slides.

- `slides`: the cohorts of HIPT embeddings and expression; `slide_listing`: those of all cancers
- `slide_model`: regions → expression; `slide_expression`: predicted in folds, beside ridge
- `slide_folds`: all of it over folds, as the chapter shows it
- `slide_scores`, `slide_benchmark`: how good it is, and what it is good for
"""
