"""Clusterers: `cluster` calls every one; `snf`, `icluster` and `consensus_nmf` are written here."""
