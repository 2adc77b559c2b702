"""Gene sets in latent dimensions.

- `latent_genes`: which genes go with a dimension, and the named hallmark tasks
- `camera`: a test that allows for genes moving together
- `hallmarks`: both tests on every space, beside their controls
"""
