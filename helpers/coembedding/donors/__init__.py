"""Two modalities of the same donors.

- `modalities`: one cohort of both: loaded, joined and checked; `overview`: what it holds
- `matching`: who stands in for whom where donors have one modality only
- `split`: who is held out
- `scaling`: how each modality is scaled, with `batch_effect` and the `demographics` it removes
"""
