"""Two tables of text, values and samples, made one cohort file: `python -m helpers convert`.

- `text_files`: lines of a file, packed or not, in any usual encoding
- `text_tables`: what parts its cells, where its header is, how it writes numbers
- `expression_tables`: values as sample × gene, each of them once, whichever way round they lay
- `cohort_file`: both tables joined, on a log scale, in an .h5ad
"""
