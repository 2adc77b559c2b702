"""The neighbourhood of a model's settings: one change each, so that a weak model had its chance."""

from typing import Any


def neighbouring_settings(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Name → what it changes of the VAE's `settings`; the first, "this chapter", changes nothing.

    `settings`: n_hidden (widths, input side first), linear_skip, n_latent, dropout, kl_weight,
    kl_warmup (epochs) and patience (epochs). Latent size, KL weight and its warm-up, width, depth,
    linear path, dropout and training length are varied: what Tybalt and BioBombe varied, and what
    the paper leaves open.
    """
    widths = tuple(settings["n_hidden"])
    if len(widths) == 1:
        depth = {"two layers instead of one": {"n_hidden": widths * 2}}
    else:
        depth = {"one layer instead of two": {"n_hidden": widths[:1]}}
    path = "no linear path" if settings["linear_skip"] else "with a linear path"
    return {
        "this chapter": {},
        "8 latent dimensions": {"n_latent": 8},
        "64 latent dimensions": {"n_latent": 64},
        "KL weight × 16": {"kl_weight": 16 * settings["kl_weight"]},
        "KL weight ÷ 4": {"kl_weight": settings["kl_weight"] / 4},
        "no warm-up": {"kl_warmup": 0},
        "a quarter as wide": {"n_hidden": tuple(max(1, width // 4) for width in widths)},
        "twice as wide": {"n_hidden": tuple(2 * width for width in widths)},
        **depth,
        path: {"linear_skip": not settings["linear_skip"]},
        "three times the patience": {"patience": 3 * settings["patience"]},
        "dropout 0.1": {"dropout": 0.1},
    }
