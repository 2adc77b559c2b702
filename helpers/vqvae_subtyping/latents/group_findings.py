"""What the VQ-VAE's groups of latents tell of the known subtypes, beside groups at random."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.evaluate.results import spread_metrics
from helpers.vqvae_subtyping.extractors.extractor import Extracted
from helpers.vqvae_subtyping.latents.group_recovery import (
    compare_with_random,
    group_spaces,
    random_group_auc,
    subtype_auc,
)
from helpers.vqvae_subtyping.latents.latent_groups import latent_groups
from helpers.vqvae_subtyping.profiles import Profiles

ALL = "all latents"
N_GROUPS = 3  # as many as the paper draws
BASAL = "Basal"  # the subtype that, the paper says, one group tells by itself
_READABLE = {
    "best": "best group",
    "random_mean": "best of random groups, mean of draws",
    "random_sd": "SD of draws",
    "share_as_good": "share of draws as good as the best group",
}


@dataclass(frozen=True)
class GroupFindings:
    """Groups of latents and how well each tells each subtype.

    levels: patient × latent, the code of each latent in order, less its mean.
    groups: a row a latent, columns group and position.
    auc: a row a space (all latents, each group) and subtype, patients held out.
    random_auc: draw × subtype, the best of random groups of the same sizes.
    control: a row a subtype, the best group beside the best random ones.
    """

    levels: np.ndarray
    groups: pd.DataFrame
    auc: pd.DataFrame
    random_auc: pd.DataFrame
    control: pd.DataFrame

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Groups, AUCs and their control."""
        return {
            "latent_groups": self.groups,
            "latent_group_auc": self.auc,
            "latent_group_control": self.control,
        }

    @property
    def metrics(self) -> dict[str, float]:
        """`latent_groups.auc`, that of random groups, and both for basal-like tumours if any."""
        if not len(self.control):
            return {}
        best, drawn = self.control["best"], self.random_auc
        metrics = {"latent_groups.auc": best.mean()}
        metrics |= spread_metrics("latent_groups.auc.random", drawn.mean(axis=1))
        if BASAL in best:
            metrics[f"latent_groups.auc.{BASAL}"] = best[BASAL]
            metrics |= spread_metrics(f"latent_groups.auc.random.{BASAL}", drawn[BASAL])
        return metrics

    @property
    def summary(self) -> pd.DataFrame:
        """AUC of each group and the control, a column a subtype."""
        each = self.auc.pivot_table("auc", "space", "subtype", sort=False)
        return pd.concat([each, self.control.rename(columns=_READABLE).T]).round(3)

    @property
    def sizes(self) -> str:
        """How many latents each group has, in words."""
        sizes = self.groups["group"].value_counts().sort_index()
        return "latents in group " + ", ".join(f"{group}: {n}" for group, n in sizes.items())


def study_groups(
    profiles: Profiles, vqvae: Extracted, n_latent: int, n_draws: int, seed: int
) -> GroupFindings:
    """Group the latents of a trained VQ-VAE and see what each group tells by itself.

    Where fewer latents vary than there are groups, each is a group.

    `n_draws`: random groupings of the control.

    Raises:
        ValueError: as `latent_groups` and `subtype_auc`.
    """
    levels = np.asarray(vqvae.levels, float)
    levels -= levels.mean(axis=0)
    n_varying = int((np.ptp(levels, axis=0) > 0).sum())
    groups = latent_groups(levels, n_groups=min(N_GROUPS, n_varying))
    of_latent = groups["group"].to_numpy()
    latent = np.asarray(vqvae.latent)
    by_latent = latent.reshape(len(latent), n_latent, -1)  # patient × latent × dimension of a code
    blocks = {ALL: latent} | group_spaces(by_latent, of_latent)
    auc = subtype_auc(blocks, profiles.subtype, seed=seed)
    drawn = random_group_auc(by_latent, of_latent, profiles.subtype, n_draws=n_draws, seed=seed)
    control = compare_with_random(auc[auc["space"] != ALL], drawn)
    return GroupFindings(levels, groups, auc, drawn, control)
