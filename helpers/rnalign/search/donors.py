"""Donors dealt to three parts, so that settings are chosen without looking at what is scored."""

from typing import NamedTuple

import anndata
import numpy as np

from helpers.rnalign.samples import split_both_origins

SPLIT_SEED = 0
"""Of the final donors, everywhere in the chapter: they stay the same whatever a run's seeds are."""

_MOST_FRESH = 0.8  # of the donors that only train, so that some of them still do


class Donors(NamedTuple):
    """Which samples each part has, a mask each; a patient's or donor's samples never part.

    train: models are fitted to them. validation: settings are chosen by them. test: the final
    score; nothing is fitted to or chosen by them.
    """

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """All that a chosen model may be fitted to: train and validation."""
        return self.train | self.validation


def final_donors(samples: anndata.AnnData, test_fraction: float) -> np.ndarray:
    """Mask of the samples of the final score, as `split_both_origins` holds them out."""
    _, test = split_both_origins(samples, test_fraction, SPLIT_SEED)
    return samples.obs_names.isin(test.obs_names)


def deal_fresh_donors(samples: anndata.AnnData, test_fraction: float, seed: int) -> Donors:
    """Other donors for a final score: of those by whom `deal_donors` neither chooses nor scores.

    The settings and ideas that a search chose were chosen by others then, whatever was seen of its
    own test donors; tables that fit and score everybody hold these too. As many of the donors as
    there; the rest train and choose as there.

    Raises:
        ValueError: as `split_by_patient`.
    """
    only_trained = deal_donors(samples, test_fraction).train
    share = min(test_fraction / (1 - test_fraction) ** 2, _MOST_FRESH)
    _, test = split_both_origins(samples[only_trained], share, seed)
    is_test = samples.obs_names.isin(test.obs_names)
    is_validation = np.zeros(samples.n_obs, dtype=bool)
    is_validation[~is_test] = final_donors(samples[~is_test], test_fraction)
    return Donors(~(is_test | is_validation), is_validation, is_test)


def deal_donors(samples: anndata.AnnData, test_fraction: float) -> Donors:
    """`test_fraction` of the donors of each type and origin for the final score, then of the rest.

    Raises:
        ValueError: as `split_by_patient`.
    """
    is_test = final_donors(samples, test_fraction)
    is_validation = np.zeros(samples.n_obs, dtype=bool)
    is_validation[~is_test] = final_donors(samples[~is_test], test_fraction)
    return Donors(~(is_test | is_validation), is_validation, is_test)
