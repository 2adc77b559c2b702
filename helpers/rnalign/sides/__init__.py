"""Tumours and cell lines that come from different files, as one cohort.

- `loading`: which files a run's parameters ask for
- `line_panel`: another panel of lines in the place of a cohort's
- `own_tumours`: a user's tumours beside those of a cohort that has lines
- `purity_fill`: the purity of tumours that come without one
"""
