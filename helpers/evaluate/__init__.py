"""Metrics that two or more papers use: arrays and tables in, numbers and tables out.

- `arrays`: what every metric checks of its input
- `active_units`: which latent dimensions are used
- `survival`: held-out Cox models, and concordance per cancer type
- `differential`, `assignment`: limma's moderated t; clusters of patients held out
- `gsea`, `over_representation`: gene sets
- `results`, `wording`: what an analysis hands back, and orders in words with their spread
- `reproduction`: claims, tolerances and verdicts
"""
