"""Demo cohort of chapter 3: simulated patients of five subtypes, genes and microRNAs."""

from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.tcga.subtype_cohorts import UNIT

CANCER = "DEMO"
# Subtype → (patients, programs it has on, log hazard). B and C share a program, so do C and D.
SUBTYPES = {
    "A": (130, ("SIM_LUMINAL", "SIM_SECRETION"), -0.8),
    "B": (95, ("SIM_LUMINAL", "SIM_CYCLE"), 0.0),
    "C": (75, ("SIM_CYCLE", "SIM_KERATIN"), 0.9),
    "D": (60, ("SIM_KERATIN", "SIM_KINASE"), 0.4),
    "E": (40, ("SIM_NEURAL", "SIM_SECRETION"), -0.4),
}
PROGRAMS = (
    *("SIM_LUMINAL", "SIM_SECRETION", "SIM_CYCLE", "SIM_KERATIN", "SIM_KINASE", "SIM_NEURAL"),
    *("SIM_IMMUNE", "SIM_STROMA", "SIM_HYPOXIA"),
)
NUISANCE = PROGRAMS[-3:]  # vary between patients of every subtype alike
N_GENES, N_MICRORNAS = 400, 80
GENES_PER_PROGRAM = 26
N_REGULATORS, TARGETS_EACH = 15, 3  # microRNAs that repress, and the genes each of them represses
N_DECOYS = 45  # pairs of the same microRNAs, supported by experiments, that do nothing here
N_RANDOM_SETS = 10
SUBTYPE_CHANGE = 1.2  # log2 change of a gene of a program that is on
NUISANCE_CHANGE = 0.9  # log2 change per unit of activity
REPRESSION = 0.8  # log2 change of a target per log2 unit of its microRNA
INDIVIDUAL = 0.8  # SD of what is peculiar to one patient, log2 units per gene
MACHINE = 0.6  # SD of the second machine's shift, log2 units per microRNA
MEDIAN_DEPTH = 4e5  # reads per sample
OVERDISPERSION = 0.1  # squared biological coefficient of variation of a count
N_UNKNOWN = 10  # patients without a known subtype
_SHAPE, _SCALE, _CENSORED = 1.2, 1800, (300, 4500)  # Weibull shape, days; uniform censoring, days


@dataclass(frozen=True)
class _Blueprint:
    """What is drawn once for the cohort; log2 units."""

    gene_baseline: np.ndarray
    loadings: np.ndarray  # program × gene: change per unit of activity
    mirna_baseline: np.ndarray
    mirna_of_subtype: np.ndarray  # subtype × microRNA
    machine: np.ndarray  # microRNA: shift on the second machine
    represses: np.ndarray  # microRNA × gene: change per log2 unit


def simulate_subtypes(seed: int = 0) -> anndata.AnnData:
    """400 patients of 5 subtypes × 400 genes and 80 microRNAs, as cohort `demo-subtypes`.

    - log2 abundance of a gene = baseline + Σ activity · program − Σ repression · microRNA + noise;
      a subtype has two of six programs on, and neighbouring subtypes share one. Three programs
      vary between patients of all subtypes alike and are no subtype.
    - microRNAs are log2(RPM+1) on two machines that shift them; 15 of them differ between subtypes
      and between patients, and each represses 3 genes that no program has. Half of the pairs in
      `supported_pairs` do nothing.
    - Counts are Poisson–gamma at a log-normal depth. mRNA is then given as the real cohort has it:
      a z-score of *linear* expression against a reference half of the patients, very skewed.
    - Survival is Weibull with a hazard for each subtype, censored uniformly.

    Truth: obs["true_subtype"] (obs["subtype"] is "" for 10 patients), obsm["program_activity"] and
    uns["truth"]: `hazards` (subtype → log hazard), `pairs` and `supported_pairs` ([microRNA, gene]
    each), `gene_sets` (program or random set → genes), `programs`, `subtype_sets` (subtype → the
    programs it has on), `nuisance_programs`, `tasks` (none).
    """
    rng = np.random.default_rng(seed)
    genes = np.array([f"G{i + 1:03d}" for i in range(N_GENES)])
    mirnas = np.array([f"demo-mir-{i + 1:02d}" for i in range(N_MICRORNAS)])
    obs = _patients(rng)
    blueprint = _draw_blueprint(rng)
    subtype = pd.Categorical(obs["true_subtype"], categories=list(SUBTYPES)).codes
    activity = _activities(rng, subtype)
    log_mirna, expressed = _log_microrna(rng, blueprint, subtype, obs)
    log_gene = blueprint.gene_baseline + activity @ blueprint.loadings
    log_gene += expressed @ blueprint.represses + rng.normal(0, INDIVIDUAL, (len(obs), N_GENES))
    z = _z_scores(rng, _per_million(rng, log_gene))
    x = np.hstack([z, np.log2(_per_million(rng, log_mirna) + 1)]).astype(np.float32)
    names = [*genes, *mirnas]
    kinds = ["gene"] * N_GENES + ["microRNA"] * N_MICRORNAS
    cohort = anndata.AnnData(
        x,
        obs,
        pd.DataFrame({"feature_type": kinds, "symbol": names}, index=names),
        obsm={"program_activity": activity.astype(np.float32)},
    )
    cohort.uns = {
        "name": "demo-subtypes",
        "unit": UNIT,
        "feature": "gene",
        "default_types": [],
        "notes": ["Simulated data with known truth: nothing here is a finding about cancer."],
        "truth": _truth(rng, genes, mirnas, blueprint),
    }
    return cohort


def _patients(rng: np.random.Generator) -> pd.DataFrame:
    sizes = [size for size, _, _ in SUBTYPES.values()]
    subtype = rng.permutation(np.repeat(list(SUBTYPES), sizes)).astype(object)
    n = len(subtype)
    names = [f"DEMO-{i + 1:04d}" for i in range(n)]
    known = subtype.copy()
    known[rng.choice(n, N_UNKNOWN, replace=False)] = ""
    time, event = _survival(rng, subtype)
    return pd.DataFrame(
        {
            "patient": names,
            "cancer_type": CANCER,
            "sample_type": "primary",
            "microrna_batch": np.where(rng.random(n) < 0.3, "machine B", "machine A"),
            "age": rng.normal(60, 11, n).clip(25, 90).round(),
            "sex": "female",
            "stage": rng.choice(["Stage I", "Stage II", "Stage III"], n, p=[0.3, 0.5, 0.2]),
            "os_time": time,
            "os_event": event,
            "subtype": known,
            "true_subtype": subtype,
        },
        index=names,
    )


def _survival(rng: np.random.Generator, subtype: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days (1 or more) and event (1 died)."""
    hazard = np.exp([SUBTYPES[name][2] for name in subtype])
    death = _SCALE * (rng.exponential(size=len(subtype)) / hazard) ** (1 / _SHAPE)
    censored = rng.uniform(*_CENSORED, len(subtype))
    return np.ceil(np.minimum(death, censored)), (death <= censored).astype(float)


def _draw_blueprint(rng: np.random.Generator) -> _Blueprint:
    order = rng.permutation(N_GENES)
    loadings = np.zeros((len(PROGRAMS), N_GENES))
    members = order[: len(PROGRAMS) * GENES_PER_PROGRAM].reshape(len(PROGRAMS), -1)
    for program, row, own in zip(PROGRAMS, loadings, members, strict=True):
        size = NUISANCE_CHANGE if program in NUISANCE else SUBTYPE_CHANGE
        row[own] = rng.normal(size, 0.25 * size, len(own))
    free = order[members.size :]
    represses = np.zeros((N_MICRORNAS, N_GENES))
    targets = free[: N_REGULATORS * TARGETS_EACH].reshape(N_REGULATORS, -1)
    for microrna, own in zip(rng.permutation(N_MICRORNAS), targets, strict=False):
        represses[microrna, own] = -rng.uniform(0.8, 1.2, len(own)) * REPRESSION
    is_regulator = represses.any(axis=1)
    of_subtype = rng.normal(0, 1.0, (len(SUBTYPES), N_MICRORNAS)) * is_regulator
    return _Blueprint(
        gene_baseline=rng.normal(8, 2.0, N_GENES),
        loadings=loadings,
        mirna_baseline=rng.normal(9, 2.0, N_MICRORNAS),
        mirna_of_subtype=of_subtype,
        machine=rng.normal(0, MACHINE, N_MICRORNAS),
        represses=represses,
    )


def _activities(rng: np.random.Generator, subtype: np.ndarray) -> np.ndarray:
    """Patient × program: near 1 where the subtype has the program on, near 0 where not."""
    is_on = np.array([[p in on for p in PROGRAMS] for _, on, _ in SUBTYPES.values()], float)
    spread = np.where(np.isin(PROGRAMS, NUISANCE), 1.0, 0.25)
    return is_on[subtype] + spread * rng.standard_normal((len(subtype), len(PROGRAMS)))


def _log_microrna(
    rng: np.random.Generator, blueprint: _Blueprint, subtype: np.ndarray, obs: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray]:
    """(as sequenced, as it acts on genes): log2, patient × microRNA, the latter centred."""
    is_regulator = blueprint.represses.any(axis=1)
    own = rng.normal(0, np.where(is_regulator, 0.9, 0.5), (len(subtype), N_MICRORNAS))
    acting = blueprint.mirna_of_subtype[subtype] + own
    shift = np.outer(obs["microrna_batch"] == "machine B", blueprint.machine)
    return blueprint.mirna_baseline + acting + shift, acting - acting.mean(axis=0)


def _per_million(rng: np.random.Generator, log_abundance: np.ndarray) -> np.ndarray:
    share = np.exp2(log_abundance)
    share /= share.sum(axis=1, keepdims=True)
    depth = MEDIAN_DEPTH * np.exp(rng.normal(0, 0.4, len(share)))
    gamma = rng.gamma(1 / OVERDISPERSION, OVERDISPERSION, share.shape)
    counts = rng.poisson(share * depth[:, None] * gamma)
    return 1e6 * counts / counts.sum(axis=1, keepdims=True)


def _z_scores(rng: np.random.Generator, linear: np.ndarray) -> np.ndarray:
    """Less the mean and over the deviation of a reference half of the patients."""
    reference = linear[rng.permutation(len(linear))[: len(linear) // 2]]
    return (linear - reference.mean(axis=0)) / reference.std(axis=0)


def _truth(
    rng: np.random.Generator, genes: np.ndarray, mirnas: np.ndarray, blueprint: _Blueprint
) -> dict:
    acting = np.argwhere(blueprint.represses)
    is_regulator = blueprint.represses.any(axis=1, keepdims=True)
    idle = np.argwhere((blueprint.represses == 0) & is_regulator)
    decoys = rng.choice(idle, N_DECOYS, replace=False)
    supported = rng.permutation(np.concatenate([acting, decoys]))
    sets = {
        name: genes[row != 0].tolist()
        for name, row in zip(PROGRAMS, blueprint.loadings, strict=True)
    }
    for i in range(N_RANDOM_SETS):
        members = rng.choice(genes, GENES_PER_PROGRAM, replace=False)
        sets[f"SIM_RANDOM_{i + 1:02d}"] = sorted(members.tolist())
    return {
        "hazards": {name: hazard for name, (_, _, hazard) in SUBTYPES.items()},
        "pairs": [[str(mirnas[m]), str(genes[g])] for m, g in acting],
        "supported_pairs": [[str(mirnas[m]), str(genes[g])] for m, g in supported],
        "gene_sets": sets,
        "programs": list(PROGRAMS),
        "subtype_sets": {name: list(on) for name, (_, on, _) in SUBTYPES.items()},
        "nuisance_programs": list(NUISANCE),
        "tasks": {},
    }
