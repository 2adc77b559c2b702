"""Cohorts larger than memory: their X stays in its file and is gone through in blocks of rows.

Such a cohort is an AnnData whose X is a dask array: choosing samples, splitting and copying it
touch no value. What needs values takes them from here, with the numbers that it would give in
memory.

- `stores`: a `.zarr` or `.h5ad` opened, in memory if it fits
- `row_blocks`: a matrix a block of rows at a time, wherever it is
- `feature_summary`: means, ranges, deviations of features in passes
- `column_groups`: a matrix a group of columns at a time, for their medians
- `quantile_reference`: every sample's values given one distribution
- `scaled_rows`: preprocessed rows in a file of their own, which models train on
"""
