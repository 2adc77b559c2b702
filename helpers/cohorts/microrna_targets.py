"""microRNAs: their names, their targets, and gene sets read as sets of microRNAs.

A *family* here is what shares a number and letter: hsa-mir-125b-1 and hsa-mir-125b-2 (stem-loops,
two genomic copies) and hsa-miR-125b-5p and -3p (their mature arms) are all "mir-125b". Stem-loop
counts sum the arms and cannot tell the copies' mature sequence apart, so targets are pooled too.
"""

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.stats import binom

from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.genes import load_gene_annotation

TARGET_SOURCES = {"mirtarbase": "mirTarBase", "starbase": "starBase", "mircode": "miRcode"}
_NAME = re.compile(
    r"(?:hsa-)?(?P<kind>mir|let)-(?P<number>\d+[a-z]*)(?:-\d+)?(?P<antisense>-as)?(?:-[35]p)?\*?",
    re.IGNORECASE,
)
_OF_ANOTHER_SPECIES = re.compile(r"(?!hsa-)[a-z]{3,4}-(?:mir|let)-", re.IGNORECASE)
_RENAMED = {  # by miRBase, other than by a letter more (HGNC's previous symbols, July 2024)
    "mir-122a": "mir-122",
    "mir-124a": "mir-124",
    "mir-128a": "mir-128",
    "mir-128b": "mir-128",
    "mir-213": "mir-181a",
    "mir-368": "mir-376c",
    "mir-453": "mir-323b",
    "mir-644b": "mir-664b",
    "mir-2964a": "mir-219b",
    "mir-3545": "mir-203b",
}
_MAX_STEPS, _TOLERANCE = 1000, 1e-6  # of `chance_of_targeting`, in targets


def microrna_family(name: str) -> str:
    """Family of a human stem-loop or mature microRNA: hsa-mir-125b-1 → mir-125b.

    Raises:
        ValueError: not a miRBase name.
    """
    match = _NAME.fullmatch(name)
    if not match:
        raise ValueError(
            f"microRNA names must be miRBase's, such as hsa-mir-21 or hsa-miR-125b-5p; got {name!r}"
        )
    return f"{match['kind']}-{match['number']}{match['antisense'] or ''}".lower()


def microrna_families(names: Iterable[str]) -> dict[str, str]:
    """Feature → family of those `names` that are human microRNAs; others, spike-ins, are left out.

    cel-mir-39, ath-miR-159a and what is no miRBase name at all have no human targets.
    """
    human = (name for name in names if not _OF_ANOTHER_SPECIES.match(name))
    return {name: microrna_family(name) for name in human if _NAME.fullmatch(name)}


def load_microrna_targets(source: str = "mirtarbase") -> dict[str, set[str]]:
    """Gene symbols targeted by each microRNA family, both arms and all copies pooled.

    "mirtarbase": experiments (378,490 gene–microRNA pairs; no grade of evidence is given, most
    are high-throughput); "starbase": CLIP-supported; "mircode": predicted.

    Raises:
        ValueError: no such source.
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    if source not in TARGET_SOURCES:
        raise ValueError(f"source must be one of {', '.join(TARGET_SOURCES)}; got {source!r}")
    (path,) = fetch_group("mirna-targets")
    tables = read_r_objects(path)
    current = load_gene_annotation()["symbol"]
    older = tables["biotype"].set_index("ensemblID")["geneSymbol"]
    targets: dict[str, set[str]] = {}
    for gene, names in tables["pcTargets"][TARGET_SOURCES[source]].items():
        symbol = current.get(gene) or older.get(gene)
        for name in names if symbol else ():
            targets.setdefault(microrna_family(name), set()).add(symbol)
    return targets


def microrna_sets(
    features: Iterable[str],
    targets: Mapping[str, set[str]],
    gene_sets: Mapping[str, Iterable[str]],
    min_size: int = 5,
    max_p: float = 0.02,
    min_targets: int = 3,
) -> dict[str, list[str]]:
    """For each gene set, the features (microRNAs) that target its genes more than chance has it.

    A microRNA belongs to a set if it has `min_targets` or more targets in it and
    `target_enrichment` gives p ≤ `max_p`. Sets with fewer than `min_size` features are left out.

    `max_p` defines membership and claims nothing: with miRTarBase, the 680 stem-loops of
    `tcga-mirna` and Hallmark's names as they are (`feature_sets` gives them those of the targets:
    46), 47 of 50 Hallmark sets have 5 or more members, about half of which chance would put there;
    at 0.01 it is 38 sets and two in five. Error control belongs to the test that uses the sets.
    Copies of a family are members together and rank alike: n is smaller than it looks.

    Raises:
        ValueError: a feature is not a microRNA.
    """
    features = list(features)
    families = pd.Series([microrna_family(name) for name in features], index=features)
    table = target_enrichment(set(families), targets, gene_sets)
    chosen = table[(table["p"] <= max_p) & (table["n_targets"] >= min_targets)]
    by_set = chosen.groupby("gene_set", sort=False)["family"].agg(set)
    sets = {name: list(families.index[families.isin(members)]) for name, members in by_set.items()}
    return {name: members for name, members in sets.items() if len(members) >= min_size}


def target_enrichment(
    families: Iterable[str],
    targets: Mapping[str, set[str]],
    gene_sets: Mapping[str, Iterable[str]],
) -> pd.DataFrame:
    """One row per family × gene set: n_targets in the set, expected by chance, and a one-sided p.

    Chance keeps how well studied a microRNA is *and* how often a gene is found to be a target
    (`chance_of_targeting`). The usual hypergeometric test keeps only the first: then the number of
    microRNAs "enriched" in a Hallmark set follows how popular its genes are (Spearman 0.85), a
    known trap (Bleazard et al. 2015, Bioinformatics 31:1592; Godard & van Eyll 2015, NAR 43:3490).
    p is the upper tail of a binomial with the expected mean, never below the exact tail of the sum
    of unequal chances above that mean (Hoeffding 1956). Genes that no family targets are left out.
    """
    families = sorted(f for f in set(families) if _current_name(f, targets) in targets)
    pairs = [targets[_current_name(family, targets)] for family in families]
    genes = pd.Index(sorted(set().union(*pairs)))
    is_target = np.array([genes.isin(symbols) for symbols in pairs])  # family × gene
    in_set = np.array([genes.isin(list(members)) for members in gene_sets.values()])  # set × gene
    n_targets = is_target.astype(float) @ in_set.T  # family × set
    expected = chance_of_targeting(is_target) @ in_set.T
    n_genes = in_set.sum(axis=1)
    p = binom.sf(n_targets - 1, n_genes, expected / np.maximum(n_genes, 1))
    return pd.DataFrame(
        {
            "family": np.repeat(families, len(gene_sets)),
            "gene_set": np.tile(list(gene_sets), len(families)),
            "n_targets": n_targets.ravel().astype(int),
            "expected": expected.ravel(),
            "p": p.ravel(),
        }
    )


def chance_of_targeting(is_target: np.ndarray) -> np.ndarray:
    """Probability (family × gene) of each pair in a random network with the same totals.

    The maximum-entropy network with each family's and each gene's number of targets on average,
    P = xy / (1 + xy) (Saracco et al. 2015, Scientific Reports 5:10595), by fixed-point iteration.
    Genes with equal numbers of families share one y.
    """
    per_family = is_target.sum(axis=1).astype(float)
    per_gene, gene_class = np.unique(is_target.sum(axis=0), return_inverse=True)
    n_genes = np.bincount(gene_class)
    # Start where chances are small: P ≈ xy, with the right totals.
    x, y = per_family / np.sqrt(is_target.sum()), per_gene / np.sqrt(is_target.sum())
    for _ in range(_MAX_STEPS):
        # Solve Σ_gene xy/(1 + xy) = total of the family for x, then the same of the gene for y.
        x = per_family / (n_genes * y / (1 + np.outer(x, y))).sum(axis=1)
        y = per_gene / (x[:, None] / (1 + np.outer(x, y))).sum(axis=0)
        chance = np.outer(x, y) / (1 + np.outer(x, y))
        if np.abs(chance @ n_genes - per_family).max() < _TOLERANCE:
            break
    return chance[:, gene_class]


def _current_name(family: str, targets: Mapping[str, set[str]]) -> str:
    """`family`, or what a later miRBase called it (mir-203 became mir-203a, mir-128b mir-128)."""
    return family if family in targets else _RENAMED.get(family, f"{family}a")
