"""Patients as numbers: what every analysis of the chapter is given."""

from dataclasses import dataclass
from functools import cached_property

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.expression_transform import ExpressionTransform, default_transform
from helpers.models.pca import fit_pca
from helpers.vqvae_subtyping.required_data import parts_of

N_COMMON = 50  # principal components of the space in which all methods' silhouettes are taken
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Profiles:
    """Transformed features of one cancer's patients, and what is known of them.

    Attributes:
        patients: as `select_subtyping` gives them.
        transform: of the expression, "shifted_log" and so on.
        feature_names: of the columns of `x`.
        x: patient × feature, standardised.
        common: patient × component, the space that no extractor made.
    """

    patients: anndata.AnnData
    transform: str
    feature_names: tuple[str, ...]
    x: np.ndarray
    common: np.ndarray

    @cached_property
    def has(self) -> dict[str, bool]:
        """Which of "gene", "microRNA", "subtype" and "survival" the cohort has."""
        return parts_of(self.patients)

    @cached_property
    def is_gene(self) -> np.ndarray:
        """Of each feature, whether it is a gene; the others are microRNAs."""
        kinds = self.patients.var.loc[list(self.feature_names), "feature_type"]
        return (kinds == "gene").to_numpy()

    @property
    def genes(self) -> np.ndarray:
        """Names of the features that are genes."""
        return np.asarray(self.feature_names)[self.is_gene]

    @property
    def views(self) -> dict[str, np.ndarray]:
        """Kind of data → patient × its features, for clusterers that take several kinds."""
        both = {"gene": self.x[:, self.is_gene], "microRNA": self.x[:, ~self.is_gene]}
        return {kind: view for kind, view in both.items() if view.shape[1]}

    @cached_property
    def table(self) -> pd.DataFrame:
        """`x` with the features' names; a row a patient, numbered."""
        return pd.DataFrame(self.x, columns=list(self.feature_names))

    @cached_property
    def subtype(self) -> np.ndarray:
        """Known subtype of each patient, "" where it is not known."""
        return self.patients.obs["subtype"].to_numpy(str)

    @property
    def shown_subtype(self) -> np.ndarray:
        """The same for figures, where what is not known is called so."""
        return np.where(self.subtype == "", UNKNOWN, self.subtype)

    @cached_property
    def is_followed(self) -> np.ndarray:
        """Patients of survival analyses: followed and, where subtypes are known, of a known one."""
        obs = self.patients.obs
        followed = obs["os_time"].notna().to_numpy() & obs["os_event"].notna().to_numpy()
        return followed & ((self.subtype != "") | (not self.has["subtype"]))

    @property
    def days(self) -> np.ndarray:
        """Survival times of the followed patients."""
        return self.patients.obs.loc[self.is_followed, "os_time"].to_numpy(float)

    @property
    def died(self) -> np.ndarray:
        """1 for each followed patient who died, else 0."""
        return self.patients.obs.loc[self.is_followed, "os_event"].to_numpy(int)

    @property
    def truth(self) -> dict | None:
        """What was planted, of simulated patients."""
        return self.patients.uns.get("truth")


def prepare(patients: anndata.AnnData, transform: str, seed: int) -> Profiles:
    """Transform and standardise the features of selected patients.

    `transform`: as `ExpressionTransform`, or "default", which goes by the unit.

    Raises:
        ValueError: as `ExpressionTransform`.
    """
    chosen = default_transform(patients) if transform == "default" else transform
    scaling = ExpressionTransform(chosen).fit(patients)
    x = scaling.transform(patients)
    common = fit_pca(x, min(N_COMMON, *x.shape), seed).transform(x)
    return Profiles(patients, chosen, tuple(scaling.feature_names), x, common)


def subtype_overview(patients: anndata.AnnData) -> pd.DataFrame:
    """Index subtype; columns patients and, where survival is known, deaths."""
    subtype = patients.obs["subtype"].to_numpy(str)
    known = pd.Series(subtype).replace("", UNKNOWN)
    overview = known.value_counts().rename("patients").to_frame()
    if parts_of(patients)["survival"]:
        died = pd.Series(patients.obs["os_event"].to_numpy() == 1).groupby(subtype).sum()
        overview["deaths"] = died.rename({"": UNKNOWN})
    return overview.rename_axis("subtype")
