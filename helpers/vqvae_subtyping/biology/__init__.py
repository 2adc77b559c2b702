"""What clusters are about.

- `cluster_features`: genes and microRNAs that differ
- `enriched_sets`, `pathways`: the gene sets and pathways they fall into
- `regulation`, `hubs`, `repression_network`: which microRNAs repress which genes
"""
