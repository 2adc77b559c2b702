"""Pictures of chapter 2: `embedding_benchmarks`, `imputed_features`, `slide_expression_scores`."""
