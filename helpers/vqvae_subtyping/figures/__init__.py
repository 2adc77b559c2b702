"""Pictures of chapter 3: `clustering_grid`, `panels`, `label_flow`, `latent_heatmap`,
`gene_set_dots`, `pathway_map`, `regulatory_network`, `kaplan_meier`, all with
`group_colours` and `extractor_names`.
"""
