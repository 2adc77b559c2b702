"""RNAlign: a conditional VAE that decodes tumours as if they were cell lines.

Paper 4 (Alvarez, Krishnamachari & Skanderup, "RNAlign: alignment of tumor and cell line
transcriptomes using conditional VAEs"): encoder q(z|x, y), decoder p(x|z, y), labels y = cancer
type, sample type and purity; Sohn, Lee & Yan (2015) for the conditional VAE. Two regularisers:
L_cor, the distance correlation of labels and z, and L_grad, minus the norm of the ELBO's gradient
with respect to the labels. To align, z is decoded with the labels of a pure cell line.

Departures: plain PyTorch instead of Pyro; each loss term is in nats per sample, so that the
paper's λ, whose scale it does not give, are parameters of the notebook.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.distributions import Normal

from helpers.models.history import History
from helpers.models.losses import FixedNormal, kl_loss
from helpers.models.networks import GaussianHead, dense_layers
from helpers.models.readout import read_in_parts
from helpers.models.schedules import cyclical_annealing
from helpers.models.training import fit
from helpers.models.training_step import without_autocast
from helpers.rnalign.argument_groups import Network, Settings
from helpers.rnalign.conditions import Conditions
from helpers.rnalign.label_correlation import label_correlation
from helpers.rnalign.label_pass import Draws, Weights, label_pass
from helpers.rnalign.loss_terms import (
    batch_label_gradient_loss,
    label_gradient_loss,
    length,
    log_label_gradient_loss,
    unbiased_distance_correlation,
)

CHANGES = ("both", "origin", "purity", "none")
Samples = Float[Tensor, "sample gene"]
Labels = Float[Tensor, "sample label"]


class RNAlign(nn.Module):
    """log p(x|y) ≥ E_q(z|x,y)[log p(x|z, y)] − KL(q(z|x, y) ‖ N(0, I)).

    Args:
        n_genes: columns of x, standardised.
        n_labels: columns of y.
        network: its layers, noises and form of L_grad.
    """

    def __init__(self, n_genes: int, n_labels: int, network: Network) -> None:
        super().__init__()
        n_hidden, n_latent = network.n_hidden, network.n_latent
        self.network = network
        is_learnt = network.likelihood == "learnt"
        log_sd = torch.tensor(math.log(network.noise_sd))
        self.log_noise_sd = nn.Parameter(log_sd) if is_learnt else None
        n_seen = n_genes + (n_labels if network.encoder_sees_labels else 0)
        self.encoder = dense_layers([n_seen, *n_hidden], network.dropout)
        self.posterior = GaussianHead(n_hidden[-1], n_latent)
        self.decoder = dense_layers([n_latent + n_labels, *reversed(n_hidden)], network.dropout)
        self.output = nn.Linear(n_hidden[0], n_genes)

    @property
    def noise_sd(self) -> float | Tensor:
        """σ of p(x|z, y), which may be learnt."""
        return self.network.noise_sd if self.log_noise_sd is None else self.log_noise_sd.exp()

    def encode(self, x: Samples, y: Labels) -> Normal:
        """q(z|x, y), one Gaussian a sample."""
        seen = torch.cat([x, y], dim=-1) if self.network.encoder_sees_labels else x
        return self.posterior(self.encoder(seen))  # sample × latent

    def decode(self, z: Float[Tensor, "sample latent"], y: Labels) -> Normal:
        """p(x|z, y) with the standard deviation `noise_sd`, the same for all genes."""
        mean = self.output(self.decoder(torch.cat([z, y], dim=-1)))  # sample × gene
        return FixedNormal(mean, float(self.noise_sd))

    def loss_terms(self, x: Samples, y: Labels) -> dict[str, Float[Tensor, ""]]:
        """The CVAE's two terms, L_cor and, unless it is off, L_grad; unweighted.

        z is drawn in training and is the posterior mean in `eval()`. L_grad differentiates the
        reconstruction with respect to the labels, through the decoder and the encoder. The paper's
        ELBO has the KL too, at β ≤ 0.1; a term that knows no weights cannot, and with a weight of
        1 the encoder is rewarded for writing labels into z: tried, and ΔD doubled.
        """
        with without_autocast(x.device):
            found = label_pass(
                x,
                y,
                self._weights(),
                self._draws(x),
                sees_labels=self.network.encoder_sees_labels,
                with_gradient=self.network.gradient != "off",
            )
            is_biased = self.network.correlation == "biased"
            dependence = label_correlation if is_biased else unbiased_distance_correlation
            sd = self.noise_sd
            terms = {
                "reconstruction": negative_log_likelihood(found.squared, x.shape[1], sd),
                "kl": kl_loss(self._beside_prior(found.mean, found.log_var)),
                "distance_correlation": dependence(y, found.z),
            }
            if self.network.gradient != "off":
                terms["label_gradient"] = self._gradient_loss(length(found.gradient) / sd**2)
        return terms

    def _beside_prior(self, mean: Tensor, log_var: Tensor) -> Normal:
        """q(z|x, y) in units of the prior, whose SD is 1 unless the likelihood is learnt."""
        unit = 1.0 if self.log_noise_sd is None else self.network.sampling_sd
        return Normal(mean / unit, torch.exp(0.5 * log_var) / unit, validate_args=False)

    def _weights(self) -> Weights:
        encoder, decoder = (
            [(layer.weight, layer.bias) for layer in layers if isinstance(layer, nn.Linear)]
            for layers in (self.encoder, self.decoder)
        )
        heads = self.posterior.mean, self.posterior.log_var, self.output
        mean, log_var, output = ((layer.weight, layer.bias) for layer in heads)
        return Weights(encoder, mean, log_var, decoder, output)

    def _draws(self, x: Samples) -> Draws:
        """ε and the dropout of this step; none in `eval()`."""
        noise = x.new_zeros(len(x), self.posterior.mean.out_features)
        if self.training:
            factor = self.network.sampling_sd if self.log_noise_sd is None else 1.0
            noise = noise.normal_(std=factor)
        encoder, decoder = (self._kept(x, layers) for layers in (self.encoder, self.decoder))
        return Draws(noise, encoder, decoder)

    def _kept(self, x: Samples, layers: nn.Sequential) -> list[Tensor]:
        """What each hidden unit is multiplied with: 0 or 1 / (1 − p), and 1 in `eval()`."""
        kept: list[Tensor] = []
        for layer in layers:
            if isinstance(layer, nn.Linear):
                kept.append(x.new_ones(len(x), layer.out_features))
            elif not isinstance(layer, nn.ReLU):
                kept[-1] = layer(kept[-1])
        return kept

    def _gradient_loss(self, norm: Float[Tensor, " sample"]) -> Float[Tensor, ""]:
        if self.network.gradient == "log_norm":
            return log_label_gradient_loss(norm)
        if self.network.gradient == "norm_of_batch":
            return batch_label_gradient_loss(norm)
        return label_gradient_loss(norm.detach() if self.network.gradient == "inert" else norm)


def negative_log_likelihood(
    squared: Float[Tensor, " sample"], n_genes: int, sd: float | Float[Tensor, ""]
) -> Float[Tensor, ""]:
    """−log N(x | mean, sd²·I) of the squares ‖x − mean‖², nats per sample; lower is better."""
    log_sd = math.log(sd) if isinstance(sd, float) else sd.log()
    return squared.mean() / (2 * sd**2) + n_genes * (log_sd + 0.5 * math.log(2 * math.pi))


@dataclass(frozen=True)
class TrainedRNAlign:
    """A trained model with the labels it knows: profiles and their facts in, arrays out.

    `x` is samples × genes, standardised as in training; `is_line`, `cancer_type` and `purity` have
    one value a sample. A cancer type that was not trained on is told as none.
    """

    model: RNAlign
    conditions: Conditions
    history: History

    def loss_terms(self, x, is_line, cancer_type, purity) -> dict[str, float]:
        """Unweighted loss terms of samples as one minibatch, nats per sample, without dropout.

        z is the posterior mean; L_cor has the bias of as many samples.
        """
        place = next(self.model.parameters()).device
        y = self.conditions.encode(cancer_type, is_line, purity).to(place)
        samples = torch.as_tensor(x, dtype=torch.float32, device=place)
        with torch.no_grad():
            terms = self.model.loss_terms(samples, y)
        return {name: float(value) for name, value in terms.items()}

    def latent(self, x, is_line, cancer_type, purity):
        """E[z|x, y] as an array, sample × latent."""
        y = self.conditions.encode(cancer_type, is_line, purity)
        encode = self.model.encode
        return read_in_parts(lambda a, b: encode(a, b).mean, self.model, x, y).numpy()

    def align(self, x, is_line, cancer_type, purity, *, change="both", told_type=None):
        """Posterior means decoded with other labels, as an array, sample × gene.

        `change`: "both" (sample type "cell line" and purity 1, as the paper aligns), "origin" or
        "purity" alone, "none" (the sample's own labels: its reconstruction); the rows of the
        paper's Table 4. `told_type`: cancer types to decode with instead of the samples' own, for
        controls; z always comes from the own labels.
        """
        if change not in CHANGES:
            raise ValueError(f"`change` must be one of {', '.join(CHANGES)}; got {change!r}.")
        y = self.conditions.encode(cancer_type, is_line, purity)
        ones = torch.ones(len(y))
        target = self.conditions.encode(
            cancer_type if told_type is None else told_type,
            ones if change in ("both", "origin") else is_line,
            ones if change in ("both", "purity") else purity,
        )
        encode, decode = self.model.encode, self.model.decode
        decoded = read_in_parts(
            lambda a, b, c: decode(encode(a, b).mean, c).mean, self.model, x, y, target
        )
        return decoded.numpy()


def term_weights(settings: Settings, n_genes: int) -> dict[str, float]:
    """Loss term → its weight in nats per sample, after annealing."""
    weight = settings.regularisers
    weights = {
        "reconstruction": 1.0,
        "kl": weight.kl_weight,
        "distance_correlation": weight.correlation_weight * n_genes,
    }
    if settings.network.gradient != "off":
        weights["label_gradient"] = weight.gradient_weight
    return weights


def fit_rnalign(
    x, is_line, cancer_type, purity, *, settings: Settings, seed: int
) -> TrainedRNAlign:
    """RNAlign trained on samples × genes (standardised) with the weights of its last epoch.

    As the paper trains: Adam with weight decay, the KL weight annealed (in cycles, Fu et al. 2019);
    the chapter divides the learning rate by ten after half and three quarters of the epochs.
    λ1 is per gene: in the paper's range of 0.01–0.3 it acts only if the ELBO is a mean over genes,
    so that the weight here, in nats, is λ1 × genes. Samples of a type that is not among those of
    `settings.conditions` are told none.

    Raises:
        ValueError: see `Conditions.encode`; `settings.training` keeps the best epoch, not the last.
        TrainingDiverged: a loss term became infinite; with `gradient="norm"`, lower its weight.
    """
    conditions, weight = settings.conditions, settings.regularisers
    x, y = torch.as_tensor(x, dtype=torch.float32), conditions.encode(cancer_type, is_line, purity)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = RNAlign(x.shape[1], conditions.n_labels, settings.network)
    annealed = cyclical_annealing(weight.kl_weight, settings.training.n_epochs, weight.n_cycles)
    weights = term_weights(settings, x.shape[1]) | {"kl": annealed}
    history = fit(model, (x, y), None, weights=weights, training=settings.training, seed=seed)
    return TrainedRNAlign(model, conditions, history)
