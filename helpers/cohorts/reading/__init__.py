"""One reading of a stranger's file: what the field's tools write, turned into our words.

Each module reads one thing in place and says in counted sentences what it made of it; what can be
read in two ways is refused with both readings.

- `file_shape`: whether there is anything to read
- `column_names`, `sample_table`: whose column is which, and all of them in order
- `plain_names`: names that a page or a figure would obey
- `missing_words`: "NA", "[Not Available]" and the like; numbers that are kept as text
- `sample_names`: what barcodes and names of cell lines say
- `sample_words`, `follow_up`, `clinical_words`: tumour or not, time and death, stage, sex and age
- `gene_names`, `feature_words`: which gene a name means, and whether it is a gene at all
- `previous_names`, `renamed_genes`: what genes were called before, for files and gene sets alike
- `asked_types`: cancer types by labels that may hold spaces and commas
- `value_scale`: counts, linear, logarithms or z-scores, by looking at every value
- `mending`: the lines of code that errors give
"""
