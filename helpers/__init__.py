"""Latent representations of cancer transcriptomes: the code behind four notebooks and one book.

A room for each paper, with everything that only its chapter uses:

- `pancan_vae`: notebook 01, a VAE over many cancer types
- `coembedding`: notebook 02, RNA and open chromatin in one space, and histology
- `vqvae_subtyping`: notebook 03, discrete codes and cancer subtypes
- `rnalign`: notebook 04, tumours and cell lines aligned

A ground floor that the papers share:

- `cohorts`: public files and your own → AnnData
- `models`: networks, losses and the one trainer
- `evaluate`: metrics, arrays in and numbers out
- `figures`: pictures, data and axes in, axes out

And what makes a book of it: `runs` (one run of a notebook), `sweeps` (many), `book` (pages),
`course` (exercises handed out), `conversion` (tables of text made a cohort file); `cli`,
`commands`, `data_commands` and `console` (`python -m helpers …`). Beneath everything lie `files`
(the project's folder, files that appear whole), `imports` (which code a result rests on) and
`processes` (who still lives).
"""
