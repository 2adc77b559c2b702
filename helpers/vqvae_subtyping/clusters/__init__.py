"""What clusters are worth.

- `clusterings`: every extractor with every clusterer from every seed
- `clustering_scores`: with known subtypes, and how far apart they lie
- `label_agreement`: how far two labellings of the same samples agree
- `subtype_flow`: where the known subtypes go
- `cluster_stability`: over seeds, patients, numbers of clusters; `number_of_clusters`: how many
- `cluster_survival`: log-rank tests and permutations; `survival_comparison`: of all clusterings
- `transform_comparison`: does undoing the skew of the values matter
- `label_matching`: the same names for the same clusters
"""
