"""Pictures of chapter 1: `classifier_scores`, `confusion`, `reliability`, `matched_dimensions`,
`concordance`.
"""
