"""Cohorts `demo-multiomics` and `demo-histology`: RNA, ATAC and slides of simulated donors.

Programs act on genes; a gene's regulatory state opens the peaks linked to it, the nearer to its
start the more; expression and accessibility are two noisy views of it. What only one modality sees
(its batches, its own noise, peaks without a gene) is there too. All of it is in uns["truth"].
"""

import anndata
import numpy as np
import pandas as pd

from helpers.coembedding.atac.genome import CHROMOSOME_SIZES, genomic_order, peak_names
from helpers.coembedding.histology.slides import slide_cohort

# Donors with RNA and ATAC, with RNA only and with ATAC only.
TYPES = {
    "COLON": (55, 40, 30),
    "RECTUM": (40, 30, 25),
    "BREAST": (60, 50, 35),
    "KIDNEY": (40, 30, 25),
    "LUNG": (35, 30, 20),
    "SKIN": (20, 20, 15),
}
N_GENES, N_PEAKS, N_PROGRAMS = 250, 1_250, 8
CHROMOSOMES = ("chr19", "chr20", "chr21", "chr22")  # where the simulated genes and peaks lie
LINKS_PER_GENE = 3
LINK_DECAY = 25_000.0  # bp; a link's effect falls by e over this distance from the gene's start
GENES_PER_PROGRAM, GENES_PER_TISSUE = 18, 15
PEAK_WIDTH = 501  # bp, as TCGA's
HELD_OUT = 0.4  # of the 250 donors with both: 100 are held out by paired_split(cohort, HELD_OUT)
N_EMBEDDING = 32  # numbers per region of a slide
_HAZARD = {0: 0.8, 3: -0.6}  # program → change of the log hazard per unit of activity
_NOTES = ["Simulated data with known truth: nothing here is a finding about cancer."]


def simulate_multiomics(seed: int = 0) -> anndata.AnnData:
    """600 donors of 6 types: 250 genes and 1,250 peaks; 250 donors have both modalities.

    regulatory state = tissue program of the type + Σ activity · loading (donor × gene)
    expression      = baseline + state + machine effect + noise                     (log2)
    accessibility   = baseline + state · link weights + library effect + noise      (log2)

    Each gene has 3 linked peaks at exponential distances from its start, with effect
    exp(−distance / 25 kb); the other 500 peaks follow no gene. COLON and RECTUM share most
    of their tissue program. Survival is Weibull: program 0 raises the hazard, program 3 lowers it.
    Held-out donors: `paired_split(cohort, 0.4)` leaves 150 paired donors in training and tests 100.

    Truth: obsm["program_activity"] (donor × program); uns["truth"]: links (peak, gene, weight),
    gene_sets (program → genes), hazard_programs, twin_types.
    """
    rng = np.random.default_rng(seed)
    obs, type_index = _donors(rng)
    activity = _activities(rng, type_index)
    genes, peaks, links = _genome(rng)
    loadings, tissue, gene_sets = _programs(rng, genes.index)
    state = tissue[type_index] + activity @ loadings
    rna, batch = _expression(rng, state)
    obs["batch"] = np.where(obs["has_rna"], batch, "no RNA")
    atac = _accessibility(rng, state, links)
    obs["os_time"], obs["os_event"] = _survival(rng, activity)
    rna[~obs["has_rna"].to_numpy()] = np.nan
    atac[~obs["has_atac"].to_numpy()] = np.nan
    cohort = anndata.AnnData(rna, obs, genes)
    cohort.obsm = {"atac": atac, "program_activity": activity.astype(np.float32)}
    truth = {"links": _named(links, genes, peaks), "gene_sets": gene_sets}
    truth["hazard_programs"] = [f"SIM_PROGRAM_{number}" for number in _HAZARD]
    truth["twin_types"] = ["COLON", "RECTUM"]
    cohort.uns = {"name": "demo-multiomics", "unit": "log2(CPM+1)", "feature": "gene"}
    cohort.uns |= {"atac_unit": "log2 counts per million", "atac_feature": "peak"}
    cohort.uns |= {"atac_var": peaks, "default_types": [], "notes": list(_NOTES), "truth": truth}
    return cohort


def simulate_histology(seed: int = 0, n_patients: int = 200) -> anndata.AnnData:
    """About 240 slides of 200 donors of `simulate_multiomics(seed)`: ragged regions × 32 numbers.

    A region is a share of tumour and the rest stroma, in 10 to 30 regions a slide. Its embedding is
    tumour share · (program activities, projected) + stroma share · stroma + site effect + noise, so
    expression can be read from it, better where there is more tumour. One donor in five has two
    slides. Sites (tissue source) shift the embedding and lean towards a cancer type.

    X: expression of the slide's donor; truth: uns["truth"]["tumour_share"] (one per region).
    """
    donors = simulate_multiomics(seed)
    donors = donors[donors.obs["has_rna"].to_numpy()]
    rng = np.random.default_rng([seed, 1])
    chosen = np.sort(rng.choice(donors.n_obs, n_patients, replace=False))
    of_donor = np.repeat(chosen, np.where(rng.random(n_patients) < 0.2, 2, 1))
    facts = donors.obs.iloc[of_donor]
    site = _sites(rng, facts)
    signal = donors.obsm["program_activity"][of_donor] @ rng.normal(0, 0.5, (N_PROGRAMS, 32))
    signal += pd.get_dummies(facts["cancer_type"]).to_numpy(float) @ rng.normal(0, 0.8, (6, 32))
    stroma = rng.normal(0, 1, N_EMBEDDING)
    shift = {name: rng.normal(0, 0.4, N_EMBEDDING) for name in sorted(set(site))}
    regions, shares = [], []
    for row, name in enumerate(site):
        share = rng.beta(3, 2, rng.integers(10, 31))
        mean = np.outer(share, signal[row]) + np.outer(1 - share, stroma) + shift[name]
        regions.append(mean + rng.normal(0, 0.8, mean.shape))
        shares.append(share)
    obs = facts.drop(columns=["has_rna", "has_atac"])
    obs.insert(0, "slide", [f"SLIDE-{number:04d}" for number in range(len(obs))])
    obs["site"] = site
    var = donors.var.assign(feature_type="gene")
    cohort = slide_cohort(donors.X[of_donor], obs.set_index("slide", drop=False), var, regions)
    cohort.obs = cohort.obs.rename_axis(None)
    cohort.uns |= {"name": "demo-histology", "unit": "log2(CPM+1)", "feature": "gene"}
    cohort.uns |= {"notes": list(_NOTES), "truth": {"tumour_share": np.concatenate(shares)}}
    return cohort


def _donors(rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
    sizes = np.array(list(TYPES.values()))
    type_index = np.repeat(np.arange(len(TYPES)), sizes.sum(axis=1))
    kind = np.concatenate([np.repeat([0, 1, 2], row) for row in sizes])
    n = len(kind)
    patients = [f"SIM-{i:04d}" for i in range(n)]
    obs = pd.DataFrame(
        {
            "patient": patients,
            "cancer_type": np.array(list(TYPES), dtype=object)[type_index],
            "sample_type": "primary",
            "age": rng.normal(62, 11, n).clip(20, 90).round(),
            "sex": rng.choice(["female", "male"], n),
            "race": rng.choice(
                ["WHITE", "ASIAN", "BLACK OR AFRICAN AMERICAN"], n, p=[0.7, 0.1, 0.2]
            ),
            "stage": rng.choice(["Stage I", "Stage II", "Stage III", "Stage IV"], n),
            "has_rna": kind != 2,
            "has_atac": kind != 1,
        },
        index=patients,
    )
    return obs, type_index


def _activities(rng: np.random.Generator, type_index: np.ndarray) -> np.ndarray:
    shift = rng.normal(0, 0.3, (len(TYPES), N_PROGRAMS))
    activity = rng.standard_normal((len(type_index), N_PROGRAMS)) + shift[type_index]
    return (activity - activity.mean(axis=0)) / activity.std(axis=0)


def _genome(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Genes, peaks in genomic order, and links by position: peak, gene, weight."""
    sizes = np.array([CHROMOSOME_SIZES[name] for name in CHROMOSOMES])
    chrom = np.sort(rng.choice(len(sizes), N_GENES, p=sizes / sizes.sum()))
    tss = rng.integers(1_000_000, sizes[chrom] - 1_000_000)
    gene = np.repeat(np.arange(N_GENES), LINKS_PER_GENE)
    distance = rng.exponential(LINK_DECAY, len(gene)).clip(0, 150_000)
    linked = tss[gene] + np.rint(distance * rng.choice([-1, 1], len(gene))).astype(int)
    n_other = N_PEAKS - len(gene)
    other = rng.choice(len(sizes), n_other, p=sizes / sizes.sum())
    middle = np.r_[linked, rng.integers(1_000_000, sizes[other] - 1_000_000)]
    peaks = pd.DataFrame({"chrom": np.array(CHROMOSOMES, dtype=object)[np.r_[chrom[gene], other]]})
    peaks["start"] = middle - PEAK_WIDTH // 2
    peaks["end"] = peaks["start"] + PEAK_WIDTH
    order = genomic_order(peaks)
    peaks = peaks.iloc[order].set_axis(peak_names(peaks.iloc[order]))
    links = pd.DataFrame({"peak": np.argsort(order)[: len(gene)], "gene": gene})
    links["weight"] = np.exp(-distance / LINK_DECAY)
    names = [f"SIMG{i:04d}" for i in range(N_GENES)]
    genes = pd.DataFrame({"symbol": names, "chrom": np.array(CHROMOSOMES, object)[chrom]}, names)
    return genes.assign(tss=tss, start=tss, end=tss + 10_000, strand=1), peaks, links


def _programs(
    rng: np.random.Generator, genes: pd.Index
) -> tuple[np.ndarray, np.ndarray, dict[str, list[str]]]:
    """Loadings (program × gene), tissue programs (type × gene) and the programs' genes."""
    order = rng.permutation(N_GENES)
    loadings, tissue = np.zeros((N_PROGRAMS, N_GENES)), np.zeros((len(TYPES), N_GENES))
    gene_sets, parts = {}, np.split(order, np.arange(1, N_PROGRAMS + 1) * GENES_PER_PROGRAM)
    for number, members in enumerate(parts[:-1]):
        loadings[number, members] = rng.choice([-1, 1], len(members)) * rng.uniform(
            0.6, 1.4, len(members)
        )
        gene_sets[f"SIM_PROGRAM_{number}"] = genes[members].tolist()
    for row in range(len(TYPES)):
        members = parts[-1][row * GENES_PER_TISSUE : (row + 1) * GENES_PER_TISSUE]
        tissue[row, members] = rng.normal(1.8, 0.4, len(members))
    colon, rectum = list(TYPES).index("COLON"), list(TYPES).index("RECTUM")
    tissue[rectum] = 0.8 * tissue[colon] + 0.3 * tissue[rectum]
    return loadings, tissue, gene_sets


def _expression(rng: np.random.Generator, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    batch = np.where(rng.random(len(state)) < 0.35, "machine B", "machine A")
    baseline, shift = rng.normal(7, 1.2, N_GENES), rng.normal(0, 0.5, N_GENES)
    noise = rng.normal(0, 0.6, state.shape)
    x = baseline + state + np.outer(batch == "machine B", shift) + noise
    return x.clip(0).astype(np.float32), batch


def _accessibility(rng: np.random.Generator, state: np.ndarray, links: pd.DataFrame) -> np.ndarray:
    effect = np.zeros((N_GENES, N_PEAKS))
    effect[links["gene"], links["peak"]] = links["weight"]
    baseline = rng.normal(2, 1, N_PEAKS)
    quality = rng.normal(0, 0.5, len(state))  # of a library: the same peaks rise in a good one
    x = baseline + state @ effect + np.outer(quality, rng.normal(0.5, 0.3, N_PEAKS))
    return (x + rng.normal(0, 0.7, x.shape)).astype(np.float32)


def _survival(rng: np.random.Generator, activity: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days and event: Weibull with shape 1.2 and scale 1,500 days, censored uniformly to 4,000."""
    log_hazard = sum(effect * activity[:, number] for number, effect in _HAZARD.items())
    death = 1500 * (rng.exponential(size=len(activity)) / np.exp(log_hazard)) ** (1 / 1.2)
    censored = rng.uniform(100, 4000, len(activity))
    return np.ceil(np.minimum(death, censored)), (death <= censored).astype(int)


def _named(links: pd.DataFrame, genes: pd.DataFrame, peaks: pd.DataFrame) -> pd.DataFrame:
    """Links by name, strongest first."""
    named = pd.DataFrame({"peak": peaks.index[links["peak"]], "gene": genes.index[links["gene"]]})
    named["weight"] = links["weight"].to_numpy()
    return named.sort_values("weight", ascending=False, ignore_index=True)


def _sites(rng: np.random.Generator, facts: pd.DataFrame) -> np.ndarray:
    """One of 10 sites per donor (their slides share it); each type has two that it prefers."""
    patients = facts.drop_duplicates("patient")
    preferred = 2 * pd.factorize(patients["cancer_type"])[0] + rng.integers(0, 2, len(patients))
    anywhere = rng.integers(0, 10, len(patients))
    number = np.where(rng.random(len(patients)) < 0.5, preferred % 10, anywhere)
    by_patient = pd.Series([f"site {n}" for n in number], index=patients["patient"])
    return by_patient[facts["patient"]].to_numpy(dtype=object)
