"""Pictures of chapter 1.

- `classifier_scores`, `confusion`, `reliability`, `prediction_quality`: cancer type predicted
- `enrichment_heatmap`: gene sets × dimensions, and the named hallmark tasks
- `matched_dimensions`: what comes back under another seed
- `concordance`: survival
"""
