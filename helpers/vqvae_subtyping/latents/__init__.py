"""`latent_groups`: latents that go together; `group_recovery`: what a group tells of subtypes."""
