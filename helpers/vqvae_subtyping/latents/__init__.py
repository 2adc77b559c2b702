"""Groups of latents.

- `latent_groups`: latents that go together
- `group_recovery`, `held_out_scores`: what a group tells of subtypes, in patients held out
- `group_findings`: both of one VQ-VAE, beside groups at random
"""
