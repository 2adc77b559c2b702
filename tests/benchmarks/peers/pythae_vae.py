"""An epoch of pythae's VAE, by its trainer: `pythae_vae.py SAMPLES.npy MINIBATCH_SIZE FOLDER`."""

from itertools import pairwise

import numpy as np
import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from torch import nn
from turn_taking import serve

WIDTHS, N_LATENT = (512, 256), 32


def layers(*sizes: int) -> nn.Sequential:
    """Linear → ReLU for each step."""
    steps = [(nn.Linear(n_in, n_out), nn.ReLU()) for n_in, n_out in pairwise(sizes)]
    return nn.Sequential(*(module for step in steps for module in step))


class Encoder(BaseEncoder):
    """The layers that the other contenders have."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.layers = layers(n_features, *WIDTHS)
        self.mean, self.log_var = (nn.Linear(WIDTHS[-1], N_LATENT) for _ in range(2))

    def forward(self, x: torch.Tensor) -> ModelOutput:
        """Mean and log variance of q(z|x)."""
        hidden = self.layers(x)
        return ModelOutput(embedding=self.mean(hidden), log_covariance=self.log_var(hidden))


class Decoder(BaseDecoder):
    """The mirror of the encoder."""

    def __init__(self, n_features: int) -> None:
        super().__init__()
        self.layers = layers(N_LATENT, *reversed(WIDTHS))
        self.output = nn.Linear(WIDTHS[0], n_features)

    def forward(self, z: torch.Tensor) -> ModelOutput:
        """E[x|z]."""
        return ModelOutput(reconstruction=self.output(self.layers(z)))


def prepare(path: str, minibatch_size: str, folder: str):
    """A function that trains one epoch."""
    x = torch.from_numpy(np.load(path))
    n_features = x.shape[1]
    config = VAEConfig(input_dim=(n_features,), latent_dim=N_LATENT, reconstruction_loss="mse")
    torch.manual_seed(0)
    model = VAE(config, encoder=Encoder(n_features), decoder=Decoder(n_features))
    settings = BaseTrainerConfig(
        output_dir=folder,
        num_epochs=1,
        per_device_train_batch_size=int(minibatch_size),
        optimizer_cls="Adam",
        learning_rate=1e-3,
        no_cuda=not torch.cuda.is_available(),
    )
    trainer = BaseTrainer(model, BaseDataset(x, torch.ones(len(x))), training_config=settings)
    trainer.prepare_training()
    return lambda: trainer.train_step(1)


if __name__ == "__main__":
    serve(prepare, "pythae", "torch")
