"""Pseudo-pairs for donors measured in one modality: who stands in for whom in training.

The paper matches ATAC and RNA samples by cancer subtype, age, sex and self-reported ethnicity, and
adds for each ATAC sample the 4 most highly correlated RNA samples in gene space. It says neither
what gives way where no sample fits nor how peaks become genes; here both are fixed and reported.
A patient is never matched with itself unless that is asked for: a pair that is known is no match.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from helpers.coembedding.atac.gene_activity import gene_activity, gene_weights
from helpers.evaluate.differential import column_blocks

MATCHINGS = ("type", "demographic", "paper")

# What two samples must share at each level; age counts within the caliper where "age" is listed.
LEVELS = (
    ("cancer_type", "sex", "race", "age"),
    ("cancer_type", "sex", "age"),
    ("cancer_type", "age"),
    ("cancer_type",),
)
_NO_AGE_GAP = 100.0  # years; the gap of two samples one of which has no age
_PAIRS = ["atac_row", "rna_row", "level"]
_N_CORRELATED = 4  # RNA samples that the paper adds for each ATAC sample
_ROWS_AT_ONCE = 256  # RNA samples in float64
_FACTS = ("patient", "cancer_type")


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

    Args:
        rna: sample × gene.
        atac: sample × peak, or × component.
        rna_obs: facts of the RNA samples.
        atac_obs: facts of the ATAC samples.
        genes: of the columns of `rna`; with chrom and tss, peaks become gene activity.
        peaks: of the columns of `atac`; None where they are components, and then RNA is predicted
            through the demographic pairs before the most correlated are looked for.
        matching: one of MATCHINGS.
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


def match_unpaired(
    obs_atac: pd.DataFrame,
    obs_rna: pd.DataFrame,
    caliper: float = 10.0,
    same_patient: bool = False,
    leave_out: bool = False,
) -> pd.DataFrame:
    """One RNA sample for each ATAC sample: atac_row, rna_row (positions), level, age_gap (years).

    The cancer type always agrees. level 0: sex and race too, and age within `caliper` years; level
    1 lets race go, level 2 sex as well, level 3 age as well. Among the candidates the least used
    RNA sample wins, then the lowest level, then the nearest age, then the first row: nobody stands
    in twice while another of the type is unused. Unknown sex or race agrees with nothing. Columns
    that neither table has are not asked for.

    leave_out: ATAC samples of a type without RNA are left out instead of refused.

    Raises:
        ValueError: a modality is empty, a table lacks cancer_type or patient, or an ATAC sample has
            no RNA sample of its cancer type; names it.
    """
    _check_tables(obs_atac, obs_rna)
    columns = [c for c in ("sex", "race", "age") if c in obs_atac and c in obs_rna]
    levels = [tuple(c for c in level if c in (*columns, "cancer_type")) for level in LEVELS]
    rna = {column: obs_rna[column].to_numpy() for column in ("patient", "cancer_type", *columns)}
    n_used, pairs = np.zeros(len(obs_rna), dtype=int), []
    for row, sample in enumerate(obs_atac.to_dict("records")):
        candidates = rna["cancer_type"] == sample["cancer_type"]
        if not same_patient:
            candidates &= rna["patient"] != sample["patient"]
        candidates = np.flatnonzero(candidates)
        if not len(candidates):
            if leave_out:
                continue
            raise ValueError(_no_match(obs_atac, row))
        level, gap = _fit(sample, rna, candidates, levels, caliper)
        best = np.lexsort((candidates, gap, level, n_used[candidates]))[0]
        n_used[candidates[best]] += 1
        pairs.append((row, candidates[best], level[best], gap[best]))
    table = pd.DataFrame(pairs, columns=[*_PAIRS, "age_gap"]).astype({"age_gap": float})
    table["age_gap"] = table["age_gap"].where(table["age_gap"] < _NO_AGE_GAP)
    return table


def match_correlated(
    atac_in_genes: np.ndarray,
    rna: np.ndarray,
    n: int = 4,
    patients: tuple[np.ndarray, np.ndarray] | None = None,
    cancer_types: tuple[np.ndarray, np.ndarray] | None = None,
) -> pd.DataFrame:
    """The `n` RNA samples most correlated with each ATAC sample: atac_row, rna_row, correlation.

    Both sample × gene, the same genes: gene activity (`gene_activity`) or RNA predicted from ATAC
    (`bridge_to_rna`), and expression. Genes are centred and scaled within each modality first;
    otherwise every pair correlates through the genes' mean levels. Genes that are NaN in a sample
    or constant are left out. `patients` (ATAC's, RNA's): a patient is not matched with itself.
    `cancer_types`: only samples of one type are matched.

    Raises:
        ValueError: different genes, fewer than 3 usable ones, or an ATAC sample with fewer than `n`
            candidates.
    """
    correlation = _correlations(np.asarray(atac_in_genes), np.asarray(rna))
    if patients is not None:
        correlation[np.equal.outer(*map(np.asarray, patients))] = -np.inf
    if cancer_types is not None:
        correlation[~np.equal.outer(*map(np.asarray, cancer_types))] = -np.inf
    n_candidates = np.isfinite(correlation).sum(axis=1)
    if (n_candidates < n).any():
        row = int(np.argmin(n_candidates))
        raise ValueError(
            f"every ATAC sample must have {n} RNA samples to be matched with; row {row} has "
            f"{n_candidates[row]}. Lower n, or do not restrict the cancer types"
        )
    best = np.argsort(-correlation, axis=1, kind="stable")[:, :n]
    rows = np.repeat(np.arange(len(best)), n)
    table = pd.DataFrame({"atac_row": rows, "rna_row": best.ravel()})
    table["correlation"] = correlation[rows, best.ravel()]
    return table


def bridge_to_rna(
    atac: np.ndarray, rna: np.ndarray, pairs: pd.DataFrame, ridge: float = 1.0
) -> np.ndarray:
    """RNA predicted for every ATAC sample through pseudo-pairs, for ATAC without peaks.

    Components of ATAC have no place on the genome, so no gene activity can be computed and the
    paper's correlation in gene space is not possible. Instead a ridge regression from ATAC to RNA
    is fitted on the demographic pseudo-pairs (`match_unpaired`), which share a cancer type and no
    more; its predictions lie in gene space and go to `match_correlated`. No true pair is used.

    atac: sample × component; rna: sample × gene; ridge: penalty as a multiple of the components'
    mean sum of squares over the pairs. Returns float32 ATAC sample × gene.

    Raises:
        ValueError: there are fewer than 2 pairs, or ATAC does not vary over them.
    """
    if len(pairs) < 2:
        raise ValueError(f"the bridge must have 2 or more pseudo-pairs; got {len(pairs)}")
    x = np.asarray(atac, float)[pairs["atac_row"]]
    y = np.asarray(rna, float)[pairs["rna_row"]]
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    x = x - x_mean
    penalty = ridge * (x * x).sum() / x.shape[1]
    if not penalty > 0:
        raise ValueError("ATAC must vary over the pseudo-pairs, and ridge be positive")
    # The dual form: pairs are fewer than peaks, and the weights are the same.
    duals = np.linalg.solve(x @ x.T + penalty * np.eye(len(x)), y - y_mean)
    return ((np.asarray(atac, float) - x_mean) @ (x.T @ duals) + y_mean).astype(np.float32)


def _check_tables(obs_atac: pd.DataFrame, obs_rna: pd.DataFrame) -> None:
    for kind, obs in (("ATAC", obs_atac), ("RNA", obs_rna)):
        if obs.empty:
            raise ValueError(f"both modalities must have samples to be matched; {kind} is empty")
        for column in ("patient", "cancer_type"):
            if column not in obs:
                raise ValueError(
                    f'obs of {kind} must have "{column}" to be matched; it has {", ".join(obs)}'
                )


def _no_match(obs_atac: pd.DataFrame, row: int) -> str:
    sample, cancer_type = obs_atac.index[row], obs_atac["cancer_type"].iloc[row]
    n = int((obs_atac["cancer_type"] == cancer_type).sum())
    return (
        f"every ATAC sample must have an RNA sample of its cancer type; {sample} ({cancer_type}, "
        f"{n} ATAC samples) has none. Add RNA of {cancer_type}, leave the type out, or call with "
        "leave_out=True"
    )


def _fit(
    sample: Mapping[str, object],
    rna: Mapping[str, np.ndarray],
    candidates: np.ndarray,
    levels: list[tuple[str, ...]],
    caliper: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Lowest level that each candidate satisfies, and its age gap in years."""
    gap = np.full(len(candidates), _NO_AGE_GAP)
    if "age" in rna and pd.notna(sample["age"]):
        gap = np.abs(rna["age"][candidates].astype(float) - float(sample["age"]))
        gap = np.where(np.isnan(gap), _NO_AGE_GAP, gap)
    agrees = {"age": gap <= caliper, "cancer_type": np.ones(len(candidates), dtype=bool)}
    for column in {"sex", "race"} & set(rna):
        agrees[column] = rna[column][candidates] == sample[column]
    level = np.full(len(candidates), len(levels) - 1)
    for number in range(len(levels) - 2, -1, -1):
        level[np.logical_and.reduce([agrees[column] for column in levels[number]])] = number
    return level, gap


def _correlations(a: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Rows of `a` with rows of `r`, genes scaled within each; float64 copies of few rows of `r`."""
    if a.ndim != 2 or r.ndim != 2 or a.shape[1] != r.shape[1]:
        raise ValueError(
            f"both must be sample × gene with the same genes; got shapes {a.shape} and {r.shape}"
        )
    usable = np.flatnonzero(_varies(a) & _varies(r))
    if len(usable) < 3:
        raise ValueError(
            f"3 or more genes must vary and be finite in both modalities; {len(usable)} do"
        )
    of_a = _unit_rows(a[:, usable], *_column_moments(a, usable))
    moments, found = _column_moments(r, usable), np.empty((len(a), len(r)))
    for start in range(0, len(r), _ROWS_AT_ONCE):
        rows = slice(start, start + _ROWS_AT_ONCE)
        found[:, rows] = of_a @ _unit_rows(r[rows, usable], *moments).T
    return found


def _varies(x: np.ndarray) -> np.ndarray:
    """Bool per gene: finite everywhere and not constant."""
    low, high = x.min(axis=0), x.max(axis=0)
    return np.isfinite(low) & np.isfinite(high) & (low < high)


def _column_moments(x: np.ndarray, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    blocks = [columns[block] for block in column_blocks(len(x), len(columns))]
    mean = [x[:, block].mean(axis=0, dtype=np.float64) for block in blocks]
    return np.concatenate(mean), np.concatenate([x[:, b].std(axis=0, dtype=float) for b in blocks])


def _unit_rows(x: np.ndarray, mean: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """Genes scaled, rows of unit length and mean 0; float64."""
    z = (x - mean) / sd
    z -= z.mean(axis=1, keepdims=True)
    z /= np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-12)
    return z


def _fewest_candidates(patients: Sequence[np.ndarray], types: Sequence[np.ndarray]) -> int:
    """RNA samples of the type and of another patient that the worst served ATAC sample has."""
    return int((np.equal.outer(*types) & ~np.equal.outer(*patients)).sum(axis=1).min())
