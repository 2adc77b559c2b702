"""What an alignment is judged by.

- `delta_d`: ΔD, and one table of every metric and method
- `pvca`, `kbet`, `line_match`: variance, mixing, matched types
- `held_out_alignment`, `subtypes`, `planted`, `purest_tumours`: on unseen samples, within types,
  against the simulated truth, and among the purest tumours
- `retention`: what is left of the samples that were aligned
- `misalignment`: one number for what is left to wish for, by which a search chooses
- `dependence`: whether z knows the labels
- `nearest_lines`, `line_ranks`: lines for a tumour with their drugs, and for groups of tumours
- `marker_agreement`: whether nearest tumours agree with a line in genes that no method saw
"""
