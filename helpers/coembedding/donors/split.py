"""From a multi-omics cohort to a model's input: who is held out, how each modality is scaled.

Everything is learnt from training donors and frozen then; held-out donors have both modalities and
are in neither modality's training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.atac.gene_activity import gene_activity, gene_weights
from helpers.coembedding.donors.batch_effect import BatchEffect
from helpers.coembedding.donors.matching import bridge_to_rna, match_correlated, match_unpaired
from helpers.coembedding.donors.modalities import modality, paired_split
from helpers.coembedding.donors.quantile import QuantileNormaliser, low_variance_filter

MATCHINGS = ("type", "demographic", "paper")
_N_CORRELATED = 4  # RNA samples that the paper adds for each ATAC sample


class ModalityScaling:
    """Features that vary → quantile-normalised → batch effect removed → centred and scaled.

    min_mean: features with a lower training mean are dropped (log2 unit). quantile: give every
    sample the training samples' distribution. batch: column of obs whose effect is removed beside
    the cancer type, None for none. each: divide each feature by its own deviation (else all by one
    number, so that principal components keep what they weigh).

    After `fit`: kept_ (bool per feature), mean_ and scale_ (of the kept ones).
    """

    def __init__(
        self,
        min_mean: float = -np.inf,
        quantile: bool = False,
        batch: str | None = None,
        each: bool = True,
    ):
        self.min_mean, self.quantile, self.batch, self.each = min_mean, quantile, batch, each

    def fit(self, x: np.ndarray, obs: pd.DataFrame) -> "ModalityScaling":
        """Learn from training samples: x sample × feature, obs their facts.

        Raises:
            ValueError: no feature is left, or a value is not finite.
        """
        self.kept_ = low_variance_filter(x) & (x.mean(axis=0) > self.min_mean)
        if not self.kept_.any():
            raise ValueError(
                f"one feature or more must have a training mean above {self.min_mean}; the highest "
                f"is {x.mean(axis=0).max():.2g}. Lower min_mean"
            )
        x = x[:, self.kept_]
        self._quantile = QuantileNormaliser().fit(x) if self.quantile else None
        x = self._quantile.transform(x) if self._quantile else x
        self._batch = None
        if self.batch in obs and len(set(obs[self.batch])) > 1:
            self._batch = BatchEffect(batches=(self.batch,)).fit(x, obs)
            x = self._batch.transform(x, obs)
        self.mean_ = x.mean(axis=0, dtype=np.float64)
        deviation = x.std(axis=0, dtype=np.float64)
        common = np.full_like(deviation, np.sqrt((deviation**2).mean()))
        self.scale_ = np.maximum(deviation if self.each else common, 1e-6)
        return self

    def in_unit(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        """Kept features of samples, normalised and corrected but in the cohort's unit, float32."""
        x = np.asarray(x)[:, self.kept_]
        x = self._quantile.transform(x) if self._quantile else x
        return self._batch.transform(x, obs) if self._batch else np.asarray(x, np.float32)

    def transform(self, x: np.ndarray, obs: pd.DataFrame) -> np.ndarray:
        """Model input of samples, float32 sample × kept feature."""
        return ((self.in_unit(x, obs) - self.mean_) / self.scale_).astype(np.float32)

    def undo(self, scaled: np.ndarray) -> np.ndarray:
        """What a model returned, back in the unit of `in_unit`."""
        return np.asarray(scaled) * self.scale_ + self.mean_


@dataclass(frozen=True)
class MultiomicsSplit:
    """One split of a cohort, scaled; arrays float32 sample × feature.

    rna, atac (and rna_obs, atac_obs): training samples of the cancer types that both modalities
    have. test_rna, test_atac: held-out donors (test_obs), row i of both the same. pairs: training
    donors with both, as (ATAC row, RNA row). matches: who stands in for whom, as (ATAC row, RNA
    row), of different patients. rna_scaling, atac_scaling: fitted on the training samples.
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

    def paired(self) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
        """(RNA, ATAC, obs) of all donors with both, trained on and held out."""
        atac_rows, rna_rows = self.pairs.T
        obs = pd.concat([self.atac_obs.iloc[atac_rows], self.test_obs])
        rna = np.concatenate([self.rna[rna_rows], self.test_rna])
        return rna, np.concatenate([self.atac[atac_rows], self.test_atac]), obs


def split_multiomics(
    cohort: anndata.AnnData,
    test_fraction: float = 0.3,
    seed: int = 0,
    *,
    min_mean: float = 0.5,
    quantile: bool = True,
    batch: str | None = "batch",
    matching: str = "paper",
) -> MultiomicsSplit:
    """Hold out donors with both modalities, scale both on the others, and match the unpaired.

    Quantile normalisation and one scale a feature are for RNA and peaks; components of ATAC are
    divided by one number. matching: "type" (any two of one cancer type), "demographic"
    (`match_unpaired`) or "paper" (that and the 4 most correlated RNA samples of the type).

    Raises:
        ValueError: no such matching, no cancer type that both modalities have, or as
            `paired_split` and `ModalityScaling`.
    """
    if matching not in MATCHINGS:
        raise ValueError(f"matching must be one of {', '.join(MATCHINGS)}; got {matching!r}")
    train, test = paired_split(cohort, test_fraction, seed)
    is_peak = cohort.uns["atac_feature"] == "peak"
    rna, rna_obs = _of_types(train, "rna", "atac")
    atac, atac_obs = _of_types(train, "atac", "rna")
    scalings = (
        ModalityScaling(min_mean, quantile, batch).fit(rna, rna_obs),
        ModalityScaling(quantile=quantile and is_peak, each=is_peak).fit(atac, atac_obs),
    )
    row = {patient: number for number, patient in enumerate(rna_obs["patient"])}
    own = [row.get(patient, -1) for patient in atac_obs["patient"]]
    pairs = np.array([(a, r) for a, r in enumerate(own) if r >= 0]).reshape(-1, 2)
    scaled = scalings[0].transform(rna, rna_obs), scalings[1].transform(atac, atac_obs)
    genes = cohort.var[scalings[0].kept_]
    peaks = pd.DataFrame(cohort.uns["atac_var"])[scalings[1].kept_] if is_peak else None
    matches = matched_rows(*scaled, rna_obs, atac_obs, genes, peaks, matching)
    return MultiomicsSplit(
        *scaled, rna_obs, atac_obs,
        scalings[0].transform(np.asarray(test.X), test.obs),
        scalings[1].transform(np.asarray(test.obsm["atac"]), test.obs),
        test.obs, pairs, matches, *scalings,
    )  # fmt: skip


def peaks_of(cohort: anndata.AnnData) -> anndata.AnnData | None:
    """The ATAC of a multi-omics cohort as a cohort of peaks; None if its ATAC is components."""
    if cohort.uns["atac_feature"] != "peak":
        return None
    values, rows = modality(cohort, "atac")
    return anndata.AnnData(values, cohort.obs.iloc[rows], pd.DataFrame(cohort.uns["atac_var"]))


def matched_rows(
    rna: np.ndarray,
    atac: np.ndarray,
    rna_obs: pd.DataFrame,
    atac_obs: pd.DataFrame,
    genes: pd.DataFrame,
    peaks: pd.DataFrame | None,
    matching: str,
) -> np.ndarray:
    """(ATAC row, RNA row) of samples that stand in for each other, never of one patient.

    `peaks` None: ATAC has no peaks, so RNA is predicted through the demographic pairs before the
    most correlated are looked for; with peaks it is gene activity, where genes have chrom and tss.
    """
    different = atac_obs["patient"].to_numpy()[:, None] != rna_obs["patient"].to_numpy()
    if matching == "type":
        alike = atac_obs["cancer_type"].to_numpy()[:, None] == rna_obs["cancer_type"].to_numpy()
        return np.argwhere(alike & different)
    demographic = match_unpaired(atac_obs, rna_obs)[["atac_row", "rna_row"]]
    if matching == "demographic":
        return demographic.to_numpy()
    if peaks is not None and {"chrom", "tss"} <= set(genes):
        in_genes = gene_activity(atac, gene_weights(peaks, genes))
    else:
        in_genes = bridge_to_rna(atac, rna, demographic)
    facts = [(atac_obs[name].to_numpy(), rna_obs[name].to_numpy()) for name in _FACTS]
    n = min(_N_CORRELATED, _fewest_candidates(*facts))
    tables = [demographic]
    if n:
        close = match_correlated(in_genes, rna, n, patients=facts[0], cancer_types=facts[1])
        tables.append(close[["atac_row", "rna_row"]])
    return pd.concat(tables).drop_duplicates().to_numpy()


_FACTS = ("patient", "cancer_type")


def _fewest_candidates(patients: Sequence[np.ndarray], types: Sequence[np.ndarray]) -> int:
    """RNA samples of the type and of another patient that the worst served ATAC sample has."""
    return int((np.equal.outer(*types) & ~np.equal.outer(*patients)).sum(axis=1).min())


def _of_types(train: anndata.AnnData, name: str, other: str) -> tuple[np.ndarray, pd.DataFrame]:
    """Values and obs of a modality's training samples whose cancer type the other has too."""
    values, rows = modality(train, name)
    obs = train.obs.iloc[rows]
    others = train.obs.loc[train.obs[f"has_{other}"].astype(bool), "cancer_type"]
    kept = obs["cancer_type"].isin(set(others)).to_numpy()
    if not kept.any():
        raise ValueError(
            "one cancer type or more must have training samples of both RNA and ATAC; none has. "
            "Give both modalities the same names of cancer types"
        )
    return values[kept], obs[kept]
