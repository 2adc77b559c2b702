"""Paper 2 (Nagaraj et al.): RNA and open chromatin in one space, peaks on disk, slides.

- `cohorts`, `simulation`: the chapter's cohorts
- `needs`: what it asks of a cohort before anything is trained
- `argument_groups`: what is made in one call in the notebook and handed on
- `donors`: two modalities of the same donors, joined, matched, held out, scaled
- `embeddings`: the co-embedding models, their rivals and controls
- `benchmarks`: what every embedding is judged by
- `atac`: peaks: where they lie, on disk, their models, what they say of genes
- `histology`: slides: their cohort, model and scores
- `annotations`: gene sets and places that features are read with
- `loss_terms`: what its models are trained on
- `claims`: what the paper says and what counts as reproduced; `observed_claims`: what was found;
  `paper_rows`: the paper row by row
- `takeaways`: what a run says, in sentences; `sweep_takeaways`: what published sweeps say;
  `remarks`: what holds for one cohort only
- `figures`: the chapter's pictures
"""
