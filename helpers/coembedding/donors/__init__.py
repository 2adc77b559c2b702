"""Two modalities of the same donors.

- `modalities`: one cohort of both, how it is joined and checked
- `own_files`: the same from files of your own
- `matching`: who stands in for whom where donors have one modality only
- `split`: who is held out and how each modality is scaled; with `quantile` and `batch_effect`
"""
