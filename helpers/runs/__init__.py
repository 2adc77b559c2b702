"""One run of a notebook, in the order in which it is made.

- `parameters`, `ranges`: what a notebook may be given
- `chapter_needs`, `opened_notebook`: what it asks of machine and data; the same, opened by hand
- `cohort_report`, `template_file`: what a cohort is good for; a small valid file of one
- `plans`, `identity`, `inputs`: checked, named, its files fetched
- `execution`, `kernel`, `folders`, `provenance`: executed into its folder, whole or not at all
- `light_imports`: what of papermill need not be imported
- `record`, `shown_figure`, `published`: what the notebook reports and shows, and what published
  tables it reads
- `number_format`: how durations, sizes and numbers are written
"""
