"""What clusters are about: `pathways`, `regulation` (microRNAs and genes), `hubs`."""
