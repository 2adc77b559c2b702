"""Pictures of chapter 4.

- `before_after`: tumours and lines before and after alignment, and lines matched by type
- `method_scores`: methods against each other, and what each part is worth
- `choice`: what a search of so many draws chooses
- `frontier`: mixing against what is left of the samples
- `line_distances`: how near lines are to groups of tumours
"""
