"""Pictures of chapter 1.

- `classifier_scores`, `confusion`, `reliability`, `prediction_quality`: cancer type predicted
- `matched_dimensions`: what comes back under another seed
- `concordance`: survival
"""
