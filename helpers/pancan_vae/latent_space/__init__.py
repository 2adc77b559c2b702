"""What the latent space holds, measured in it and never in a UMAP of it.

- `type_geometry`, `neighbourhoods`: how cancer types lie in it
- `tumour_clusters`: clusters found without labels
- `umap_picture`: its picture, and how far to trust that
- `machine_effect`: whether it tells sequencing machines
- `seed_stability`: whether dimensions come back from another seed
- `varimax`: directions to read instead of axes
- `correlation`: columns of one matrix with columns of another
"""
