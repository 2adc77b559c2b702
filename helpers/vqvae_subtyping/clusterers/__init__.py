"""Clusterers: `cluster` calls every one.

- `kmeans`: from several starts at once
- `snf`: similarity network fusion; `icluster`: iClusterBayes
- `consensus_nmf`: what `factorisations` from many starts agree on
"""
