"""Metrics that two or more papers use: arrays and tables in, numbers and tables out.

- `arrays`: what every metric checks of its input
- `active_units`: which latent dimensions are used
- `survival`, `cox`, `harrell`: concordance per cancer type; the ridge Cox model and C behind it
- `differential`, `assignment`: limma's moderated t; clusters of patients held out
- `gsea`, `running_sum`, `rare_enrichment`: preranked gene sets; their sums, their smallest p
- `over_representation`: gene sets among chosen genes
- `results`, `wording`: what an analysis hands back, and orders in words with their spread
- `reproduction`, `fidelity`: claims, tolerances and verdicts; a paper row by row
"""
