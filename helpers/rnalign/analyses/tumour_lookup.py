"""Which cell lines for this tumour? Its nearest lines, and their drugs."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.rnalign.analyses.gdsc import load_drug_sensitivity
from helpers.rnalign.gene_selection import StandardisedSamples
from helpers.rnalign.metrics.nearest_lines import drug_table, nearest_lines

MIN_SCREENED = 10
NO_SCREEN = "No drug screen is known for ten cell lines of this cohort."


@dataclass(frozen=True)
class TumourLookup:
    """A tumour's nearest lines, nearest first, and their drugs, most sensitive first, or None."""

    tumour: str
    known: dict[str, object]
    lines: pd.DataFrame
    drugs: pd.DataFrame | None

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """nearest_lines, and drugs where a screen is known."""
        tables = {"nearest_lines": self.lines}
        return tables if self.drugs is None else tables | {"drugs": self.drugs}

    @property
    def metrics(self) -> dict[str, float]:
        """None: one tumour is an example."""
        return {}

    @property
    def best_drugs(self) -> pd.DataFrame:
        """The first eight drugs; a note where no screen is known."""
        if self.drugs is None:
            return pd.DataFrame({"note": [NO_SCREEN]})
        return self.drugs.head(8).round(2)


def tumours_asked(data: StandardisedSamples) -> np.ndarray:
    """Rows of the user's own tumours (obs["is_own"]), of all tumours where there are none."""
    is_tumour = ~data.facts.is_line
    if "is_own" not in data.obs:
        return np.flatnonzero(is_tumour)
    return np.flatnonzero(is_tumour & data.obs["is_own"].to_numpy(bool))


def look_up_tumour(x: np.ndarray, data: StandardisedSamples, tumour: str = "") -> TumourLookup:
    """Lines nearest to a tumour in aligned `x` (samples × genes); "" takes the purest scored one.

    Of a user's tumours the purest is taken, whether its type is scored or not.

    Raises:
        ValueError: `tumour` is no tumour of the cohort.
    """
    obs, is_line = data.obs, data.facts.is_line
    candidates = obs.iloc[tumours_asked(data)]
    scored = candidates[candidates["cancer_type"].isin(data.scored)]
    asked = tumour or (scored if len(scored) else candidates)["purity"].idxmax()
    if asked not in obs.index[~is_line]:
        raise ValueError(f"`tumour` must be one of the cohort's tumour samples; got {asked!r}")
    profile, names = x[obs.index.get_loc(asked)], obs.index[is_line]
    ranked = nearest_lines(profile, x[is_line], names, k=min(10, len(names)))
    about = [c for c in ("line_name", "cancer_type", "disease", "subtype") if c in obs]
    known = obs.loc[asked, ["cancer_type", "purity"]].to_dict()
    drugs = _drugs(profile, x, data)
    return TumourLookup(asked, known, ranked.join(obs[about], on="line"), drugs)


def sensitivity_of(data: StandardisedSamples) -> pd.DataFrame | None:
    """Drug screens of the cohort's lines; None with fewer than `MIN_SCREENED` screened lines."""
    if "model_id" not in data.obs:
        return None
    sensitivity, model_id = load_drug_sensitivity(), data.obs["model_id"]
    is_screened = data.facts.is_line & model_id.isin(sensitivity["model_id"]).to_numpy()
    return None if is_screened.sum() < MIN_SCREENED else sensitivity


def _drugs(profile: np.ndarray, x: np.ndarray, data: StandardisedSamples) -> pd.DataFrame | None:
    """Drugs of the nearest screened lines; None with too few screened lines."""
    sensitivity, obs = sensitivity_of(data), data.obs
    if sensitivity is None:
        return None
    is_screened = data.facts.is_line & obs["model_id"].isin(sensitivity["model_id"]).to_numpy()
    near = nearest_lines(profile, x[is_screened], obs["model_id"][is_screened])
    return drug_table(near, sensitivity, key="model_id")
