"""Embeddings of two modalities.

- `coembedding_model`, `adversarial_training`: two autoencoders drawn together, in turns
- `rna_vae`: one modality alone
- `ridge`: what a linear map gives
- `every_embedding`: all of them on one split, rivals and controls
"""
