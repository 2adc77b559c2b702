"""From a multi-omics cohort to a model's input: who is held out, how each modality is scaled.

Everything is learnt from training donors and frozen then; held-out donors have both modalities and
are in neither modality's training.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import anndata
import numpy as np
import pandas as pd
from torch import nn

from helpers.coembedding.argument_groups import Preparation
from helpers.coembedding.donors.matching import MATCHINGS, matched_rows
from helpers.coembedding.donors.modalities import (
    check_multiomics,
    modality,
    splittable_donors,
)
from helpers.coembedding.donors.scaling import ModalityScaling
from helpers.cohorts.splits import split_by_patient


@dataclass(frozen=True)
class MultiomicsSplit:
    """One split of a cohort, scaled; arrays float32 sample × feature.

    rna, atac (and rna_obs, atac_obs): training samples of the cancer types that both modalities
    have. test_rna, test_atac: held-out donors (test_obs), row i of both the same. pairs: training
    donors with both, as (ATAC row, RNA row). matches: who stands in for whom, as (ATAC row, RNA
    row), of different patients. rna_scaling, atac_scaling: fitted on the training samples. n_rna:
    RNA samples that were trained on, of which `rna` may hold a part (see `of_pairs`).
    atac_autoencoder: makes the autoencoder of ATAC that a co-embedding gets, where it is not a VAE.
    """

    rna: np.ndarray
    atac: np.ndarray
    rna_obs: pd.DataFrame
    atac_obs: pd.DataFrame
    test_rna: np.ndarray
    test_atac: np.ndarray
    test_obs: pd.DataFrame
    pairs: np.ndarray
    matches: np.ndarray
    rna_scaling: ModalityScaling
    atac_scaling: ModalityScaling
    n_rna: int = 0
    atac_autoencoder: Callable[[], nn.Module] | None = None

    def of_pairs(self) -> "MultiomicsSplit":
        """The split with the RNA of no training donors but those of `pairs`.

        No benchmark asks for more once models are trained, and RNA of ten thousand donors is kept
        for no seed. `matches` with RNA that is left out are (ATAC row, −1).
        """
        rows, place = np.unique(self.pairs[:, 1].astype(int), return_inverse=True)
        new = np.full(len(self.rna), -1)
        new[rows] = np.arange(len(rows))
        return replace(
            self,
            rna=self.rna[rows],
            rna_obs=self.rna_obs.iloc[rows],
            pairs=np.column_stack([self.pairs[:, 0], place]),
            matches=np.column_stack([self.matches[:, 0], new[self.matches[:, 1]]]),
        )

    def paired(self) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
        """(RNA, ATAC, obs) of all donors with both, trained on and held out."""
        atac_rows, rna_rows = self.pairs.T
        obs = pd.concat([self.atac_obs.iloc[atac_rows], self.test_obs])
        rna = np.concatenate([self.rna[rna_rows], self.test_rna])
        return rna, np.concatenate([self.atac[atac_rows], self.test_atac]), obs


def paired_split(
    cohort: anndata.AnnData, test_fraction: float = 0.3, seed: int = 0
) -> tuple[anndata.AnnData, anndata.AnnData]:
    """(train, test): test is `test_fraction` of the donors with both modalities, of every type.

    Held-out donors appear in neither modality's training. Everyone else is trained on: donors of
    one modality, the other paired ones, and those of a type with a single paired donor.

    Raises:
        ValueError: `test_fraction` is not inside (0, 1), or no type has two paired donors.
    """
    check_multiomics(cohort)
    splittable = splittable_donors(cohort)
    _, held_out = split_by_patient(anndata.AnnData(obs=splittable), test_fraction, seed)
    is_test = cohort.obs["patient"].isin(held_out.obs["patient"]).to_numpy()
    return cohort[~is_test].copy(), cohort[is_test].copy()


def split_multiomics(
    cohort: anndata.AnnData, preparation: Preparation, seed: int
) -> MultiomicsSplit:
    """Hold out donors with both modalities, scale both on the others, and match the unpaired.

    Quantile normalisation and one scale a feature are for RNA and peaks; components of ATAC are
    divided by one number. Matchings: "type" (any two of one cancer type), "demographic"
    (`match_unpaired`) or "paper" (that and the 4 most correlated RNA samples of the type).

    Raises:
        ValueError: no such matching, no cancer type that both modalities have, or as
            `paired_split` and `ModalityScaling`.
    """
    matching, quantile = preparation.matching, preparation.quantile
    if matching not in MATCHINGS:
        raise ValueError(f"matching must be one of {', '.join(MATCHINGS)}; got {matching!r}")
    train, test = paired_split(cohort, preparation.test_fraction, seed)
    is_peak = cohort.uns["atac_feature"] == "peak"
    rna, rna_obs = _of_types(train, "rna", "atac")
    atac, atac_obs = _of_types(train, "atac", "rna")
    del train  # as much as all RNA
    people = {"demographics": preparation.demographics}
    scalings = (
        ModalityScaling(preparation.min_mean, quantile, preparation.batch, **people),
        ModalityScaling(quantile=quantile and is_peak, each=is_peak, **people),
    )
    scaled = scalings[0].fit_transform(rna, rna_obs), scalings[1].fit_transform(atac, atac_obs)
    # The RNA row of each ATAC row's own patient, where that patient has RNA in training.
    row = {patient: number for number, patient in enumerate(rna_obs["patient"])}
    own = [row.get(patient, -1) for patient in atac_obs["patient"]]
    pairs = np.array([(a, r) for a, r in enumerate(own) if r >= 0]).reshape(-1, 2)
    genes = cohort.var[scalings[0].kept_]
    peaks = pd.DataFrame(cohort.uns["atac_var"])[scalings[1].kept_] if is_peak else None
    matches = matched_rows(*scaled, rna_obs, atac_obs, genes, peaks, matching)
    return MultiomicsSplit(
        *scaled, rna_obs, atac_obs,
        scalings[0].transform(np.asarray(test.X), test.obs),
        scalings[1].transform(np.asarray(test.obsm["atac"]), test.obs),
        test.obs, pairs, matches, *scalings, len(rna_obs),
    )  # fmt: skip


def _of_types(train: anndata.AnnData, name: str, other: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Values and obs of a modality's training samples whose cancer type the other has too."""
    values, rows = modality(train, name)
    obs = train.obs.iloc[rows]
    others = train.obs.loc[train.obs[f"has_{other}"].astype(bool), "cancer_type"]
    is_shared = obs["cancer_type"].isin(set(others)).to_numpy()
    if not is_shared.any():
        raise ValueError(
            "one cancer type or more must have training samples of both RNA and ATAC; none has. "
            "Give both modalities the same names of cancer types"
        )
    return values[is_shared], obs[is_shared]
