"""Where a cluster's differential genes stand in the pathways named for breast cancer subtypes.

The relations are facts of KEGG's maps, cut to the steps that subtypes are named for: breast cancer
(hsa05224), estrogen (hsa04915), MAPK (hsa04010), PI3K–Akt (hsa04151), Notch (hsa04330) and Wnt
signalling (hsa04310). Which subtype a pathway is drawn for follows the paper's figure 9 and
WikiPathways WP4262: estrogen for luminal tumours, HER2 through PI3K–Akt and MAPK, EGFR, Notch and
Wnt for basal-like ones.
"""

from collections.abc import Iterator

import pandas as pd
from scipy.stats import false_discovery_control

# ">" activates or expresses, "-|" inhibits; every gene on the left acts on every one on the right.
_RELATIONS = {
    "Estrogen": (
        "Luminal A, Luminal B",
        [
            "NCOA1 NCOA3 > ESR1",
            "GATA3 FOXA1 > ESR1",
            "ESR1 > PGR TNFSF11 CCND1 MYC BCL2",
            "CCND1 > CDK4 CDK6",
            "CDK4 CDK6 -| RB1",
        ],
    ),
    "MAPK": (
        "HER2-enriched, Basal-like",
        [
            "EGF TGFA > EGFR",
            "FGF1 FGF2 > FGFR1",
            "EGFR ERBB2 FGFR1 > SOS1",
            "SOS1 > HRAS KRAS NRAS",
            "HRAS KRAS NRAS > RAF1 BRAF",
            "RAF1 BRAF > MAP2K1 MAP2K2",
            "MAP2K1 MAP2K2 > MAPK1 MAPK3",
            "KRAS > MAP3K1",
            "MAP3K1 > MAP2K4",
            "MAP2K4 > MAPK8 MAPK9",
            "MAPK8 MAPK9 > JUN TP53",
        ],
    ),
    "PI3K–Akt": (
        "HER2-enriched, Basal-like",
        [
            "IGF1 > IGF1R",
            "NRG1 > ERBB3",
            "ERBB2 ERBB3 IGF1R KIT EGFR > PIK3CA PIK3R1",
            "PIK3CA PIK3R1 > AKT1 AKT2 AKT3",
            "PTEN -| AKT1 AKT2 AKT3",
            "AKT1 AKT2 AKT3 -| TSC2 FOXO3 GSK3B",
            "AKT1 > MDM2",
            "MDM2 -| TP53",
            "TSC2 -| MTOR",
            "MTOR > RPS6KB1",
        ],
    ),
    "Notch": (
        "Basal-like",
        [
            "JAG1 JAG2 DLL1 > NOTCH1 NOTCH2 NOTCH3",
            "ADAM17 > NOTCH1 NOTCH2",
            "NUMBL -| NOTCH1",
            "NOTCH1 NOTCH2 NOTCH3 > RBPJ",
            "MAML2 EP300 CREBBP > RBPJ",
            "RBPJ > HES1 HEY1",
        ],
    ),
    "Wnt": (
        "Basal-like",
        [
            "WNT1 > FZD4 FZD10",
            "DKK1 -| LRP6",
            "FZD4 FZD10 LRP6 > DVL1",
            "DVL1 -| GSK3B",
            "APC CSNK1A1 GSK3B -| CTNNB1",
            "CTNNB1 > TCF7L2",
            "TCF7L2 > MYC CCND1",
        ],
    ),
}


def _edges() -> Iterator[dict[str, object]]:
    for pathway, (subtypes, relations) in _RELATIONS.items():
        for relation in relations:
            sign = -1 if "-|" in relation else 1
            left, right = relation.split("-|" if sign < 0 else ">")
            for source in left.split():
                for target in right.split():
                    row = {"pathway": pathway, "subtypes": subtypes, "source": source}
                    yield row | {"target": target, "effect": sign}


BREAST_CANCER_PATHWAYS = pd.DataFrame(_edges())
"""A row per relation: pathway, subtypes it is drawn for, source and target gene, effect (1
activates or expresses, −1 inhibits). Within a pathway no gene acts back on itself."""


def pathway_effects(
    differential: pd.DataFrame, edges: pd.DataFrame = BREAST_CANCER_PATHWAYS
) -> pd.DataFrame:
    """What each cluster does to each gene of the pathways: pathways × genes × clusters.

    `differential`: columns cluster, feature (gene symbol), difference, p, as
    `differential_by_cluster` returns them; `edges`: columns pathway, source, target.

    Columns: pathway, gene, cluster, is_measured, difference (unit of the tested values, positive:
    higher in the cluster), p, q (Benjamini–Hochberg over clusters × measured pathway genes, each
    gene counted once); NaN where the gene was not measured.
    """
    genes = edges.melt("pathway", ["source", "target"], value_name="gene")[["pathway", "gene"]]
    genes = genes.drop_duplicates().sort_values(["pathway", "gene"])
    known = differential[differential["feature"].isin(genes["gene"])]
    known = known[["feature", "cluster", "difference", "p"]]
    q = false_discovery_control(known["p"]) if len(known) else []
    clusters = pd.DataFrame({"cluster": differential["cluster"].unique()})
    table = genes.merge(clusters, how="cross").merge(
        known.assign(q=q), how="left", left_on=["gene", "cluster"], right_on=["feature", "cluster"]
    )
    table["is_measured"] = table["feature"].notna()
    columns = ["pathway", "gene", "cluster", "is_measured", "difference", "p", "q"]
    return table[columns].sort_values(["cluster", "pathway", "gene"], ignore_index=True)


def pathway_summary(effects: pd.DataFrame, q: float = 0.05) -> pd.DataFrame:
    """Index pathway, cluster; columns n_genes, n_measured, n_up, n_down (q below `q`)."""
    passes = effects["q"] < q
    flags = effects.assign(
        n_genes=1,
        n_measured=effects["is_measured"].astype(int),
        n_up=(passes & (effects["difference"] > 0)).astype(int),
        n_down=(passes & (effects["difference"] < 0)).astype(int),
    )
    counts = ["n_genes", "n_measured", "n_up", "n_down"]
    return flags.groupby(["pathway", "cluster"])[counts].sum()
