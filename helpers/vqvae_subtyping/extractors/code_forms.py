"""The VQ-VAEs side by side: how many codes a sample has, of which size, and whose form it is."""

from math import log2

import pandas as pd

from helpers.vqvae_subtyping.argument_groups import ExtractorSettings
from helpers.vqvae_subtyping.extractors.extractor import code_layout

_SCALAR = (
    "scalar quantisation: each latent is rounded to the nearest of a few values of its own; the "
    "paper's 64 features can only be grouped if a sample has 64"
)
_SEVERAL = "the paper's 64 features can only be grouped if a sample has 64"
WHOSE = {
    "vqvae_single": (
        "the paper's equation 2 and code",
        "one vector a sample: the latents take as many values as there are codes",
    ),
    "vqvae": ("the paper's figures 7d–e", _SEVERAL),
    "vqvae_vector": (
        "van den Oord et al. 2017",
        "vector codes; a codebook for each, not one for all: a dense encoder's positions, unlike "
        "those of an image, do not mean the same",
    ),
}
"""VQ-VAE → where its form comes from, and what follows or differs and why."""


def code_forms(settings: ExtractorSettings) -> pd.DataFrame:
    """Every VQ-VAE of the settings: its codes, and where they come from.

    Index extractor; columns codes a sample, dimensions of a code, codes in a codebook, bits a
    sample (at most, codes × log2 of the codebook's size), as in, what follows.
    """
    rows = {}
    for extractor, (source, follows) in WHOSE.items():
        layout = code_layout(extractor, settings.network.n_latent, settings.codebooks[extractor])
        n_latent, form, codebook = layout
        n_codes, dim = (1, n_latent) if form == "single" else (n_latent, codebook.code_dim)
        is_scalar = extractor == "vqvae" and dim == 1
        rows[extractor] = {
            "codes a sample": n_codes,
            "dimensions of a code": dim,
            "codes in a codebook": codebook.n_codes,
            "bits a sample": round(n_codes * log2(codebook.n_codes)),
            "as in": source,
            "what follows": _SCALAR if is_scalar else follows,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("extractor")
