"""Demo cohorts: simulated tumours whose truth is known, made in seconds from a seed."""

from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

# Shared pathway programs, named after the hallmark tasks they stand for where there is one.
PROGRAMS = (
    "SIM_PROLIFERATION",
    "SIM_APOPTOSIS",
    "SIM_ANGIOGENESIS",
    "SIM_IMMUNE_EVASION",
    "SIM_GLYCOLYSIS",
    "SIM_STROMA",
    "SIM_HYPOXIA",
    "SIM_INTERFERON",
)
# Genes per program; unequal, since axes of equal variance cannot be told apart.
PROGRAM_SIZES = (20, 26, 32, 40, 50, 62, 76, 94)
SIM_TASKS = {
    "proliferation": ["SIM_PROLIFERATION"],
    "evading apoptosis": ["SIM_APOPTOSIS"],
    "angiogenesis": ["SIM_ANGIOGENESIS", "SIM_HYPOXIA"],
    "immune evasion": ["SIM_IMMUNE_EVASION", "SIM_INTERFERON"],
    "metabolic reprogramming": ["SIM_GLYCOLYSIS"],
}
# Patients per simulated type; TWIN_A and TWIN_B share most of their tissue program (as colon and
# rectum do) and BLOOD has the strongest one (as leukaemia does).
TYPES = {
    "TWIN_A": 200,
    "TWIN_B": 120,
    "BLOOD": 120,
    "GLAND": 300,
    "KIDNEY": 220,
    "LUNG": 240,
    "SKIN": 160,
    "THYROID": 240,
}
N_GENES = 1500
N_TISSUE_GENES = 60  # marker genes of a tissue; blood has three times as many
MEDIAN_DEPTH = 2e6  # counts per sample
OVERDISPERSION = 0.08  # squared biological coefficient of variation of a gene's count


@dataclass(frozen=True)
class _Blueprint:
    """Everything that is drawn once for the cohort rather than per sample."""

    baseline: np.ndarray  # gene: log2 relative abundance
    loadings: np.ndarray  # program × gene: log2 change per unit of activity
    tissue: np.ndarray  # type × gene: log2 change
    machine: np.ndarray  # gene: log2 change on machine B
    gene_sets: dict[str, list[str]]


def simulate_pancan(seed: int = 0) -> anndata.AnnData:
    """1,600 simulated tumours of 8 types × 1,500 genes, log2(CPM+1), as cohort `demo-pancan`.

    log2 abundance = baseline + tissue program of the type + Σ activity · program loadings
    + machine effect; counts are Poisson–gamma around it at a log-normal sequencing depth.
    Activities are standard normal with a shift per type; programs have disjoint genes. Survival is
    Weibull with a hazard that rises with the first program and falls with the fourth, censored
    uniformly.

    Truth: `obsm["program_activity"]` (sample × program), `uns["truth"]` with `programs`,
    `gene_sets` (program → its genes), `tasks` (hallmark task → its sets), `hazard_programs`,
    `twin_types`, `separate_type`.
    """
    rng = np.random.default_rng(seed)
    genes = np.array([f"SIMG{i:04d}" for i in range(N_GENES)])
    obs = _samples(rng)
    blueprint = _draw_blueprint(rng, genes)
    type_index = pd.Categorical(obs["cancer_type"], categories=list(TYPES)).codes
    activity = _activities(rng, type_index)
    log_abundance = (
        blueprint.baseline
        + blueprint.tissue[type_index]
        + activity @ blueprint.loadings
        + np.outer(obs["batch"] == "machine B", blueprint.machine)
    )
    obs["os_time"], obs["os_event"] = _survival(rng, activity)
    cohort = anndata.AnnData(
        X=_log_cpm(_counts(rng, log_abundance)),
        obs=obs,
        var=pd.DataFrame({"symbol": genes}, index=genes),
        obsm={"program_activity": activity.astype(np.float32)},
    )
    cohort.uns.update(
        name="demo-pancan",
        unit="log2(CPM+1)",
        feature="gene",
        default_types=[],
        notes=["Simulated data with known truth: nothing here is a finding about cancer."],
        truth={
            "programs": list(PROGRAMS),
            "gene_sets": blueprint.gene_sets,
            "tasks": SIM_TASKS,
            "hazard_programs": [PROGRAMS[0], PROGRAMS[3]],
            "twin_types": ["TWIN_A", "TWIN_B"],
            "separate_type": "BLOOD",
        },
    )
    return cohort


def _samples(rng: np.random.Generator) -> pd.DataFrame:
    types = np.repeat(list(TYPES), list(TYPES.values()))
    n = len(types)
    patients = [f"SIM-{i:04d}" for i in range(n)]
    return pd.DataFrame(
        {
            "patient": patients,
            "cancer_type": types,
            "sample_type": np.where(types == "BLOOD", "blood", "primary"),
            "batch": np.where(rng.random(n) < 0.35, "machine B", "machine A"),
            "age": rng.normal(62, 11, n).clip(20, 90).round(),
            "sex": rng.choice(["female", "male"], n),
        },
        index=patients,
    )


def _draw_blueprint(rng: np.random.Generator, genes: np.ndarray) -> _Blueprint:
    order = rng.permutation(N_GENES)
    loadings = np.zeros((len(PROGRAMS), N_GENES))
    gene_sets, start = {}, 0
    for i, (program, size) in enumerate(zip(PROGRAMS, PROGRAM_SIZES, strict=True)):
        members = order[start : start + size]
        loadings[i, members] = rng.uniform(0.8, 1.6, len(members))
        gene_sets[program] = genes[members].tolist()
        start += len(members)
    return _Blueprint(
        baseline=rng.normal(8, 1.5, N_GENES),
        loadings=loadings,
        tissue=_tissue_programs(rng, order[start:]),
        machine=rng.normal(0, 0.4, N_GENES),
        gene_sets=gene_sets,
    )


def _tissue_programs(rng: np.random.Generator, free_genes: np.ndarray) -> np.ndarray:
    tissue, start = np.zeros((len(TYPES), N_GENES)), 0
    for i, name in enumerate(TYPES):
        is_blood = name == "BLOOD"
        members = free_genes[start : start + N_TISSUE_GENES * (3 if is_blood else 1)]
        tissue[i, members] = rng.normal(3.0 if is_blood else 2.0, 0.5, len(members))
        start += len(members)
    a, b = list(TYPES).index("TWIN_A"), list(TYPES).index("TWIN_B")
    tissue[b] = 0.85 * tissue[a] + 0.15 * tissue[b]
    return tissue


def _activities(rng: np.random.Generator, type_index: np.ndarray) -> np.ndarray:
    shift = rng.normal(0, 0.2, (len(TYPES), len(PROGRAMS)))
    activity = rng.standard_normal((len(type_index), len(PROGRAMS))) + shift[type_index]
    return (activity - activity.mean(axis=0)) / activity.std(axis=0)


def _counts(rng: np.random.Generator, log_abundance: np.ndarray) -> np.ndarray:
    share = np.exp2(log_abundance)
    share /= share.sum(axis=1, keepdims=True)
    depth = MEDIAN_DEPTH * np.exp(rng.normal(0, 0.4, len(share)))
    gamma = rng.gamma(1 / OVERDISPERSION, OVERDISPERSION, share.shape)
    return rng.poisson(share * depth[:, None] * gamma)


def _log_cpm(counts: np.ndarray) -> np.ndarray:
    return np.log2(1e6 * counts / counts.sum(axis=1, keepdims=True) + 1).astype(np.float32)


def _survival(rng: np.random.Generator, activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days and event: Weibull with shape 1.2 and scale 1,500 days, censored uniformly to 4,000."""
    log_hazard = 0.7 * activity[:, 0] - 0.5 * activity[:, 3]
    death = 1500 * (rng.exponential(size=len(activity)) / np.exp(log_hazard)) ** (1 / 1.2)
    censored = rng.uniform(100, 4000, len(activity))
    return np.ceil(np.minimum(death, censored)), (death <= censored).astype(int)
