"""Pictures of chapter 2.

- `chapter_figures`: the chapter's figures, from its results
- `donor_map`: held-out donors where they lie
- `embedding_benchmarks`, `imputed_features`, `slide_expression_scores`: what they are drawn with
"""
