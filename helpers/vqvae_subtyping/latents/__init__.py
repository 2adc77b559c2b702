"""Groups of latents.

- `latent_groups`: latents that go together
- `group_recovery`: what a group tells of subtypes
- `group_findings`: both of one VQ-VAE, beside groups at random
"""
