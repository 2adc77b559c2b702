"""The chapter's analyses, in its order: samples and a plan in, one result with its tables out.

- `every_method`: RNAlign, its ablations, controls and rivals, for every seed (tables 1, 4 and 5)
- `regulariser_effects`: whether z knows the labels, and whether the gradient loss trains
- `projection`: samples before and after in two dimensions
- `type_matches`: which cancer types find their tumours, and whether that is the label told
- `label_question`: whether that is alignment, by genes that no method saw and by wrong labels
- `told_types`: the alignments it asks: genes hidden, types right, wrong, inferred or untold
- `unseen`: samples, and cancer types, that the model was not trained on
- `purity_gap`: what is left beside the purest tumours
- `subtype_keeping`: table 3
- `planted_removal`: on simulated cohorts, against the truth
- `tumour_lookup`, `line_ranking`: cell lines for one tumour and for groups of them, and their
  drugs, by the screens in `gdsc`
- `rnalign_rows`: the paper row by row
"""
