"""Embeddings of two modalities.

- `coembedding_model`: two autoencoders drawn together; `matched_minibatches`: what they train on
- `rna_vae`: one modality alone
- `ridge`: what a linear map gives
- `every_embedding`: all of them on one split or over seeds, rivals and controls
"""
