"""What every model is made of; nothing of the rest of helpers.

- `networks`, `dropout`, `losses`, `vae`: layers, loss terms, and the VAE of Kingma and Welling
- `schedules`: weights that change over the epochs
- `training`, `training_step`, `adam`, `checkpoints`, `history`: the one trainer
- `row_source`: what it trains on, in memory or on disk
- `adversarial_turns`: the adversarial one, two optimisers in turns
- `readout`: a trained model read out
- `pca`: the linear rival of every latent space
"""
