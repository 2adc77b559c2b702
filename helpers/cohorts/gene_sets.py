"""Gene sets: MSigDB Hallmark and KEGG, GO biological process, and the paper's hallmark tasks."""

from pathlib import Path

from helpers.cohorts.microrna_targets import (
    load_microrna_targets,
    microrna_families,
    microrna_family,
    microrna_sets,
)
from helpers.cohorts.sources import fetch_group

__all__ = [
    "HALLMARK_TASKS",
    "load_gene_sets",
    "load_microrna_targets",
    "microrna_families",
    "microrna_family",
    "microrna_sets",
    "read_gmt",
]

COLLECTIONS = {
    "hallmark": "h.all.v7.0.symbols.gmt",
    "kegg": "c2.cp.kegg.v7.0.symbols.gmt",
    "go_bp": "enrichr.GO_Biological_Process_2021.gmt",
}

# The five tasks the paper names, each "one to three gene sets" of MSigDB; it does not say which.
# Chosen here by Hallmark's own descriptions (Liberzon et al. 2015, Cell Systems 1:417).
HALLMARK_TASKS: dict[str, list[str]] = {
    "proliferation": [
        "HALLMARK_E2F_TARGETS",
        "HALLMARK_G2M_CHECKPOINT",
        "HALLMARK_MYC_TARGETS_V1",
    ],
    "evading apoptosis": ["HALLMARK_APOPTOSIS", "HALLMARK_P53_PATHWAY"],
    "angiogenesis": ["HALLMARK_ANGIOGENESIS", "HALLMARK_HYPOXIA"],
    "immune evasion": [
        "HALLMARK_INFLAMMATORY_RESPONSE",
        "HALLMARK_INTERFERON_GAMMA_RESPONSE",
        "HALLMARK_ALLOGRAFT_REJECTION",
    ],
    "metabolic reprogramming": [
        "HALLMARK_GLYCOLYSIS",
        "HALLMARK_OXIDATIVE_PHOSPHORYLATION",
        "HALLMARK_FATTY_ACID_METABOLISM",
    ],
}


def load_gene_sets(collection: str = "hallmark") -> dict[str, list[str]]:
    """Gene symbols by set name: "hallmark" (50 sets), "kegg" (186) or "go_bp" (6,036).

    Raises:
        ValueError: no such collection.
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    if collection not in COLLECTIONS:
        raise ValueError(f"collection must be one of {', '.join(COLLECTIONS)}; got {collection!r}")
    (path,) = (path for path in fetch_group("gene-sets") if path.name == COLLECTIONS[collection])
    return read_gmt(path)


def read_gmt(path: str | Path) -> dict[str, list[str]]:
    """Sets of a GMT file: a line is name, description and members, separated by tabs.

    Raises:
        ValueError: a line has no member, or a name occurs twice.
    """
    sets: dict[str, list[str]] = {}
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), start=1):
        name, _, *members = [*line.split("\t"), ""]
        members = [member for member in members if member]
        if not members or name in sets:
            raise ValueError(
                f"{path}, line {number}: a gene set must be a name of its own, a description and "
                f"members, separated by tabs; got {line[:60]!r}"
            )
        sets[name] = list(dict.fromkeys(members))
    return sets
