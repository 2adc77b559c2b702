"""Demo cohort of chapter 4: simulated tumours and cell lines, mixed in linear space."""

from dataclasses import dataclass

import anndata
import numpy as np
import pandas as pd

N_GENES = 600
# Type → (tumours, cell lines, mean purity of its tumours).
TYPES = {
    "TWIN_A": (170, 60, 0.60),
    "TWIN_B": (110, 45, 0.55),
    "BLOOD": (80, 70, 0.80),
    "GLAND": (160, 55, 0.50),
    "KIDNEY": (130, 40, 0.65),
    "LUNG": (120, 40, 0.45),
    "SKIN": (70, 25, 0.70),
    "THYROID": (60, 15, 0.60),
}
N_SUBTYPES = {"TWIN_A": 2, "TWIN_B": 2, "BLOOD": 3, "GLAND": 3, "LUNG": 3}  # others: 2
UNLIKE_TYPE = "KIDNEY"  # its lines lost most of their tissue program
SIMILAR_TYPES = ("TWIN_A", "TWIN_B")  # share most of their tissue program
PROGRAMS = ("SIM_PROLIFERATION", "SIM_HYPOXIA", "SIM_INTERFERON", "SIM_GLYCOLYSIS", "SIM_EMT")
GENES_PER = {"tissue": 16, "subtype": 16, "program": 36, "fibroblast": 50, "immune": 50}
CHANGES = {"tissue": 1.5, "subtype": 1.8, "program": 0.7, "fibroblast": 2.5, "immune": 2.5}
TISSUE_KEPT = (6.5, 3.5)  # Beta of the share of its tissue program that a line keeps: mean 0.65
PURITY_SPREAD = 7.0  # concentration of the Beta around a type's mean purity
PURITY_ERROR = 0.05  # SD of the purity that is observed around the true one
INDIVIDUAL = 0.3  # SD of what is peculiar to one patient's cancer, log2 units per gene
CULTURE_GENES = 200  # genes the shared culture program changes most
TYPE_CULTURE = 0.45  # SD of what culture changes in one type only, on two genes in five
MEDIAN_DEPTH = 2e6  # counts per sample
OVERDISPERSION = 0.08  # squared biological coefficient of variation of a gene's count


@dataclass(frozen=True)
class _Blueprint:
    """What is drawn once for the cohort; log2 changes, … × gene."""

    baseline: np.ndarray
    tissue: np.ndarray  # type × gene
    line_tissue: np.ndarray  # type × gene: what the lines of a type kept of it
    subtype: np.ndarray  # number of the subtype × gene: the same in every type
    loadings: np.ndarray  # program × gene
    fibroblast: np.ndarray
    immune: np.ndarray
    culture: np.ndarray  # shared by all lines
    type_culture: np.ndarray  # type × gene: what culture does to cells of a type beside that
    line_culture: np.ndarray  # type × gene: what it did to the lines, other cells where unlike


def simulate_rnalign(seed: int = 0) -> anndata.AnnData:
    """900 tumours and 350 cell lines of 8 types × 600 genes, log2(CPM+1): cohort `demo-rnalign`.

    Abundances mix in linear space, so that no shift of log values undoes them:

    - cancer cell = baseline · tissue program of the type · subtype · Σ activity · pathway program
    - tumour = purity · cancer cell + (1 − purity) · stroma, where stroma is a mix of fibroblast and
      immune cells, the share of immune cells different in every patient
    - cell line = cancer cell · culture program, shared by all lines with a part of its own per type

    Counts are Poisson–gamma around that at a log-normal depth. obs["purity"] is the true purity
    with an error of SD 0.05. Subtype 1 differs from subtype 2 in the same genes in every type.
    BLOOD looks like the immune cells of stroma, TWIN_A like TWIN_B, and the lines of KIDNEY lost
    most of their tissue program and changed otherwise in culture: they should not match.

    Truth: layers["expected"] (a sample without noise), layers["aligned"] (the same cancer cells at
    purity 1 in culture; a line's own profile), obs["true_purity"], obsm["program_activity"],
    varm["culture"] (log2 change in every line) and uns["truth"]: `culture_genes` (lowered most
    first, raised most last), `stroma_genes` (cell → genes), `programs`, `gene_sets` (program →
    genes), `types` (type → tissue genes), `subtypes` (type → subtypes), `similar_types`,
    `unlike_type`.
    """
    rng = np.random.default_rng(seed)
    genes = np.array([f"SIMG{i:03d}" for i in range(N_GENES)])
    obs = _samples(rng)
    blueprint = _draw_blueprint(rng)
    activity = rng.standard_normal((len(obs), len(PROGRAMS)))
    expected, aligned = _abundances(rng, obs, blueprint, activity)
    cohort = anndata.AnnData(
        X=_log_cpm(_counts(rng, expected)),
        obs=obs,
        var=pd.DataFrame({"symbol": genes}, index=genes),
        obsm={"program_activity": activity.astype(np.float32)},
        varm={"culture": blueprint.culture[:, None].astype(np.float32)},
        layers={"expected": _log_cpm(expected), "aligned": _log_cpm(aligned)},
    )
    cohort.uns.update(
        name="demo-rnalign",
        unit="log2(CPM+1)",
        feature="gene",
        default_types=[],
        notes=["Simulated data with known truth: nothing here is a finding about cancer."],
        truth=_truth(genes, blueprint),
    )
    return cohort


def subtypes_of(cancer_type: str) -> list[str]:
    """Names of the planted subtypes of a simulated type, in tumours and lines alike."""
    return [f"{cancer_type}-{i + 1}" for i in range(N_SUBTYPES.get(cancer_type, 2))]


def _samples(rng: np.random.Generator) -> pd.DataFrame:
    n_tumours, n_lines, mean_purity = (
        np.array(column) for column in zip(*TYPES.values(), strict=True)
    )
    names = list(TYPES)
    types = np.repeat(names * 2, [*n_tumours, *n_lines])
    is_line = np.arange(len(types)) >= n_tumours.sum()
    mean = np.repeat(np.tile(mean_purity, 2), [*n_tumours, *n_lines])
    drawn = rng.beta(PURITY_SPREAD * mean, PURITY_SPREAD * (1 - mean))
    purity = np.where(is_line, 1.0, drawn)
    observed = np.clip(purity + rng.normal(0, PURITY_ERROR, len(types)), 0.05, 1)
    samples = [f"LINE-{i:04d}" if line else f"SIM-{i:04d}" for i, line in enumerate(is_line)]
    return pd.DataFrame(
        {
            "patient": samples,
            "cancer_type": types,
            "sample_type": np.where(
                is_line, "cell line", np.where(types == "BLOOD", "blood", "primary")
            ),
            "batch": np.where(is_line, "lines", "tumours"),
            "purity": np.where(is_line, 1.0, observed),
            "purity_source": np.where(is_line, "cell line", "simulated estimate"),
            "subtype": [rng.choice(subtypes_of(name)) for name in types],
            "true_purity": purity,
        },
        index=samples,
    )


def _draw_blueprint(rng: np.random.Generator) -> _Blueprint:
    index = list(TYPES).index
    unlike = index(UNLIKE_TYPE)
    free = iter(rng.permutation(N_GENES))
    tissue = _programs(rng, free, len(TYPES), "tissue")
    a, b = map(index, SIMILAR_TYPES)
    tissue[b] = 0.8 * tissue[a] + 0.5 * tissue[b]
    fibroblast, immune = (_programs(rng, free, 1, cell)[0] for cell in ("fibroblast", "immune"))
    tissue[index("BLOOD")] += 0.5 * immune
    line_tissue = tissue.copy()
    line_tissue[unlike] *= 0.15
    type_culture = rng.normal(0, TYPE_CULTURE, (len(TYPES), N_GENES)) * _some(rng)
    line_culture = type_culture.copy()
    line_culture[unlike] = rng.normal(0, 1.5 * TYPE_CULTURE, N_GENES) * _some(rng)
    culture = np.zeros(N_GENES)
    changed = rng.choice(N_GENES, CULTURE_GENES, replace=False)
    culture[changed] = rng.normal(0, 1.0, CULTURE_GENES)
    culture += rng.normal(0, 0.4, len(TYPES)) @ tissue
    n_subtypes = max(len(subtypes_of(name)) for name in TYPES)
    anywhere = iter(rng.permutation(N_GENES))
    return _Blueprint(
        baseline=rng.normal(6, 1.8, N_GENES),
        tissue=tissue,
        line_tissue=line_tissue,
        subtype=_programs(rng, anywhere, n_subtypes, "subtype"),
        loadings=_programs(rng, anywhere, len(PROGRAMS), "program"),
        fibroblast=fibroblast,
        immune=immune,
        culture=culture,
        type_culture=type_culture,
        line_culture=line_culture,
    )


def _some(rng: np.random.Generator) -> np.ndarray:
    """True for about two genes in five."""
    return rng.random(N_GENES) < 0.4


def _programs(rng, genes, n: int, kind: str) -> np.ndarray:
    """`n` sets of the next genes, each raised by about CHANGES[kind]; set × gene."""
    size = CHANGES[kind]
    changes = np.zeros((n, N_GENES))
    for row in changes:
        members = [next(genes) for _ in range(GENES_PER[kind])]
        row[members] = rng.normal(size, 0.25 * size, len(members))
    return changes


def _abundances(
    rng: np.random.Generator, obs: pd.DataFrame, blueprint: _Blueprint, activity: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(as it is, at purity 1 in culture): relative abundance, sample × gene, rows sum to 1."""
    is_line = (obs["sample_type"] == "cell line").to_numpy()[:, None]
    kind = pd.Categorical(obs["cancer_type"], categories=list(TYPES)).codes
    subtype = obs["subtype"].str.rpartition("-")[2].astype(int).to_numpy() - 1
    own = (
        blueprint.baseline
        + blueprint.subtype[subtype]
        + activity @ blueprint.loadings
        + rng.normal(0, INDIVIDUAL, (len(obs), N_GENES))
    )
    tissue = np.where(is_line, blueprint.line_tissue[kind], blueprint.tissue[kind])
    kept = np.where(is_line, rng.beta(*TISSUE_KEPT, (len(obs), 1)), TISSUE_KEPT[0] / 10)
    in_culture = np.where(is_line, blueprint.line_culture[kind], blueprint.type_culture[kind])
    log_cancer = own + tissue
    cultured = _shares(own + kept * tissue + blueprint.culture + in_culture)
    purity = obs["true_purity"].to_numpy()[:, None]
    immune = rng.beta(2, 2, len(obs))[:, None]
    cells = (blueprint.fibroblast, blueprint.immune)
    fibroblast_cell, immune_cell = (_shares(blueprint.baseline + cell) for cell in cells)
    stroma = (1 - immune) * fibroblast_cell + immune * immune_cell
    tumour = purity * _shares(log_cancer) + (1 - purity) * stroma
    return np.where(is_line, cultured, tumour), cultured


def _shares(log_abundance: np.ndarray) -> np.ndarray:
    abundance = np.exp2(log_abundance)
    return abundance / abundance.sum(axis=-1, keepdims=True)


def _counts(rng: np.random.Generator, share: np.ndarray) -> np.ndarray:
    depth = MEDIAN_DEPTH * np.exp(rng.normal(0, 0.4, len(share)))
    gamma = rng.gamma(1 / OVERDISPERSION, OVERDISPERSION, share.shape)
    return rng.poisson(share * depth[:, None] * gamma)


def _log_cpm(counts: np.ndarray) -> np.ndarray:
    return np.log2(1e6 * counts / counts.sum(axis=1, keepdims=True) + 1).astype(np.float32)


def _truth(genes: np.ndarray, blueprint: _Blueprint) -> dict:
    def changed(changes: np.ndarray) -> list[str]:
        return genes[changes != 0].tolist()

    order = np.argsort(blueprint.culture)
    return {
        "culture_genes": genes[order[blueprint.culture[order] != 0]].tolist(),
        "stroma_genes": {
            "fibroblast": changed(blueprint.fibroblast),
            "immune": changed(blueprint.immune),
        },
        "programs": list(PROGRAMS),
        "gene_sets": dict(zip(PROGRAMS, map(changed, blueprint.loadings), strict=True)),
        "types": dict(zip(TYPES, map(changed, blueprint.tissue), strict=True)),
        "subtypes": {name: subtypes_of(name) for name in TYPES},
        "similar_types": list(SIMILAR_TYPES),
        "unlike_type": UNLIKE_TYPE,
    }
