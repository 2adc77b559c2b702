"""What clusters are about.

- `cluster_features`: genes and microRNAs that differ
- `enriched_sets`, `pathways`: the gene sets and pathways they fall into
- `named_panels`: what the paper reads off its figures of genes, sets and pathways
- `regulation`, `hubs`, `repression_network`: which microRNAs repress which genes
"""
