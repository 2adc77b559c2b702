"""What clusters are worth.

- `agreement`: with known subtypes, and how far apart they lie
- `cluster_stability`: over seeds, patients, numbers of clusters
- `cluster_survival`: log-rank tests and permutations
- `label_matching`: the same names for the same clusters
"""
