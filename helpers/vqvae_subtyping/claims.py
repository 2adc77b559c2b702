"""What paper 3 claims, and what will count as having reproduced it, fixed before any result.

The paper shows bars and pictures of one run, without numbers, spread or labels held out: a claim
is read as a difference here, in the direction the paper names.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from helpers.evaluate.reproduction import Claim
from helpers.evaluate.wording import in_a_row
from helpers.vqvae_subtyping.biology.named_panels import (
    DIRECTED,
    NAMED_GENES,
    RAISED,
    share_of_opposite_sets,
    share_of_subtypes_reached,
    share_that_differ,
)
from helpers.vqvae_subtyping.findings import Findings
from helpers.vqvae_subtyping.latents.group_findings import BASAL

RIVALS = {"vae": "kmeans", "raw": ("snf", "icluster", "cnmf")}  # of figure 5
NO_LABELS = "this cohort names no subtypes"
NO_SURVIVAL = "this cohort has no survival times"
NO_REGULATION = "the cohort measures no long non-coding RNA, XIST included"
ONE_CLUSTERER = "only one clusterer was asked for"
NO_GENES = "none of the genes it names is measured"
NO_SETS = "none of the three sets is tested"
NO_NETWORKS = "there is no pair in the network of one of the two clusters"
HUB = "XIST"
LEADS = "mean over seeds, minus the best of {}, ≥ 0.02; partly > 0"


def subtyping_claims() -> dict[str, Claim]:
    """The claims of chapter 3 by short name, in the order of the paper, none observed yet."""
    return _clusters() | _latents() | _genes() | _survival() | _networks()


def _clusters() -> dict[str, Claim]:
    rivals = LEADS.format("VAE with k-means, SNF, iClusterBayes and consensus NMF")
    measures = {
        "nmi": "normalised mutual information",
        "purity": "purity",
        "silhouette_common": "silhouette",
    }
    claims = {
        name: Claim(
            f"VQ-VAE with k-means has the highest {words}", "figure 5", "by a large margin",
            rivals + (", in one space for all" if name == "silhouette_common" else ""),
            lambda v: v >= 0.02, lambda v: v > 0,
            reason="" if name == "silhouette_common" else NO_LABELS,
        )
        for name, words in measures.items()
    }  # fmt: skip
    return claims | {
        "always": Claim(
            "VQ-VAE beats VAE and raw expression whatever clusters them", "figure 6", "shown",
            "share of clusterers and seeds in which its NMI is highest ≥ 0.8; partly ≥ 0.5",
            lambda v: v >= 0.8, lambda v: v >= 0.5, reason=NO_LABELS,
        ),
        "agree": Claim(
            "clusterings of VQ-VAE latents agree more than those of VAE latents", "figure 3",
            "highly similar", "mean ARI between clusterers, minus the VAE's, ≥ 0.05; partly > 0",
            lambda v: v >= 0.05, lambda v: v > 0,
        ),
    }  # fmt: skip


def _latents() -> dict[str, Claim]:
    return {
        "kept": Claim(
            "Basal-like and Luminal A keep a cluster each", "figure 7c", "shown",
            "the smaller of their shares in one cluster ≥ 0.7; partly ≥ 0.5",
            lambda v: v >= 0.7, lambda v: v >= 0.5, reason=NO_LABELS,
        ),
        "group": Claim(
            "one latent feature group tells Basal-like by itself", "figure 7d–e", "shown",
            "AUC of the best group, patients held out, ≥ 0.9; partly ≥ 0.8",
            lambda v: v >= 0.9, lambda v: v >= 0.8, reason=NO_LABELS,
        ),
    }  # fmt: skip


def _genes() -> dict[str, Claim]:
    return {
        "named": Claim(
            "ARID2, KRAS, MAP3K1 and TP53 differ in cluster A", "figure 7f",
            "among 1,944 genes", "share of those measured with FDR < 0.05 ≥ 0.75; partly ≥ 0.5",
            lambda v: v >= 0.75, lambda v: v >= 0.5, reason=NO_GENES,
        ),
        "raised": Claim(
            "MAP3K1 and TP53 are higher in cluster A", "figure 7f", "significantly higher",
            "share of those measured that are, at FDR < 0.05, is 1; partly ≥ 0.5",
            lambda v: v >= 1, lambda v: v >= 0.5, reason=NO_GENES,
        ),
        "immune": Claim(
            "T-cell activation, lymphocyte and mononuclear differentiation rise in A, fall in E",
            "figure 8", "opposite",
            "share of the three sets over-represented so ≥ 0.66; partly ≥ 0.33; E: the cluster "
            "most like A in known subtypes",
            lambda v: v >= 0.66, lambda v: v >= 0.33, reason=NO_SETS,
        ),
        "reached": Claim(
            "genes of cluster A lie in pathways of four PAM50 subtypes", "figure 9", "shown",
            "share of the four reached by a gene with FDR < 0.05 is 1; partly ≥ 0.5",
            lambda v: v >= 1, lambda v: v >= 0.5, reason=NO_GENES,
        ),
        "directed": Claim(
            "ESR1, NCOA3, IGF1R and SOS1 are lower, MAP2K2 is higher in cluster A", "figure 9",
            "shown", "share of those measured that are, at FDR < 0.05, ≥ 0.8; partly ≥ 0.5",
            lambda v: v >= 0.8, lambda v: v >= 0.5, reason=NO_GENES,
        ),
    }  # fmt: skip


def _survival() -> dict[str, Claim]:
    return {
        "survival": Claim(
            "the clusters differ in survival", "figure 10b", "p = 0.0104",
            "share of seeds with permutation p < 0.05 ≥ 0.8; partly ≥ 0.4",
            lambda v: v >= 0.8, lambda v: v >= 0.4, reason=NO_SURVIVAL,
        ),
        "prognosis": Claim(
            "they tell survival better than the known subtypes do", "figure 10b", "improved",
            "share of seeds with a larger log-rank statistic, patients held out, ≥ 0.8; "
            "partly ≥ 0.6", lambda v: v >= 0.8, lambda v: v >= 0.6, reason=NO_SURVIVAL,
        ),
    }  # fmt: skip


def _networks() -> dict[str, Claim]:
    return {
        "apart": Claim(
            "the networks of A and E have hubs of their own", "figure 10a", "distinct",
            "share of the ten nodes with most pairs that both have ≤ 0.2; partly ≤ 0.5",
            lambda v: v <= 0.2, lambda v: v <= 0.5, reason=NO_NETWORKS,
        ),
        "hub": Claim(
            "XIST is the hub of cluster A's network", "figure 10a", "shown",
            "XIST has the highest degree", lambda v: v >= 1, reason=NO_REGULATION,
        ),
    }  # fmt: skip


def observe_claims(claims: Mapping[str, Claim], findings: Findings) -> dict[str, Claim]:
    """The claims with what one cohort's analyses say; those it cannot test keep their reason."""
    observed = observe_scores(claims, findings.clusterings.scores, findings.clusterings.agreement)
    observed |= observe_panels(claims, findings)
    groups, network, survival = findings.groups, findings.network, findings.survival
    if findings.flow.kept_shares:
        observed["kept"] = claims["kept"].observe(findings.flow.kept_shares)
    if BASAL in groups.control.index:
        beside = f"random groups of the same sizes: {groups.random_auc[BASAL].mean():.3g}"
        observed["group"] = claims["group"].observe(groups.control.loc[BASAL, "best"], beside)
    if survival is not None:
        observed["survival"] = claims["survival"].observe(survival.differs("vqvae"))
    if findings.prognosis:
        observed["prognosis"] = claims["prognosis"].observe(findings.prognosis)
    if network is not None and network.nodes is not None and HUB in network.lncrnas:
        observed["hub"] = claims["hub"].observe(float(network.nodes.index[0] == HUB))
    return observed


def observe_panels(claims: Mapping[str, Claim], findings: Findings) -> dict[str, Claim]:
    """Those of figures 7f to 10a that the genes, sets and networks of one cohort can test."""
    homologue, effects = findings.clusterings.homologue, findings.pathways.effects
    of_a = findings.features.of_cluster("A")
    over = findings.sets.over_represented.get("GO BP")
    clusters = sorted(set(effects["cluster"]))
    reached = {name: share_of_subtypes_reached(effects, name) for name in clusters}
    others = [share for name, share in reached.items() if name != "A"]
    values = {
        "named": share_that_differ(of_a, NAMED_GENES),
        "raised": share_that_differ(of_a, RAISED),
        "immune": share_of_opposite_sets(over, "A", homologue),
        "reached": reached.get("A", np.nan),
        "directed": share_that_differ(of_a, DIRECTED),
        "apart": np.nan if findings.networks is None else findings.networks.shared_hubs,
    }
    beside = {"reached": f"the other clusters: {np.mean(others):.3g}" if others else ""}
    for name, genes in (("named", NAMED_GENES), ("raised", RAISED), ("directed", DIRECTED)):
        measured = [gene for gene in genes if gene in set(of_a["feature"])]
        beside[name] = f"measured here: {in_a_row(measured)}"
    return {
        name: claims[name].observe(value, beside.get(name, ""))
        for name, value in values.items()
        if np.isfinite(value)
    }


def observe_scores(
    claims: Mapping[str, Claim], scores: pd.DataFrame, agreement: pd.DataFrame
) -> dict[str, Claim]:
    """The claims with what the grid of extractors and clusterers says.

    `scores`: a row an extractor, clusterer and seed, with nmi, purity and silhouette_common (NaN
    where there are no labels). `agreement`: mean ARI between clusterers, a row an extractor and
    seed, columns extractor, seed, ari. With one clusterer nothing is compared.
    """
    observed = dict(claims)
    if agreement.empty:
        names = ("nmi", "purity", "silhouette_common", "always", "agree")
        return observed | {name: replace(claims[name], reason=ONE_CLUSTERER) for name in names}
    for name in ("nmi", "purity", "silhouette_common"):
        lead = _lead(scores, name)
        if np.isfinite(lead).all() and len(lead):
            observed[name] = claims[name].observe(lead)
    wide = scores.pivot_table("nmi", ["clusterer", "seed"], "extractor", dropna=False)
    if len(wide) and wide["vqvae"].notna().all():
        rest = wide[[name for name in ("vae", "raw") if name in wide]].max(axis=1)
        is_highest = (wide["vqvae"] > rest).groupby("seed").mean()
        observed["always"] = claims["always"].observe(is_highest)
    wide = agreement.pivot_table("ari", "seed", "extractor")
    observed["agree"] = claims["agree"].observe(wide["vqvae"] - wide["vae"])
    return observed


def _lead(scores: pd.DataFrame, metric: str) -> np.ndarray:
    """VQ-VAE with k-means minus the best rival of figure 5, a value a seed."""
    wide = scores.pivot_table(metric, "seed", ["extractor", "clusterer"], dropna=False)
    rivals = [("vae", RIVALS["vae"]), *(("raw", name) for name in RIVALS["raw"])]
    there = [pair for pair in rivals if pair in wide]
    return (wide[("vqvae", "kmeans")] - wide[there].max(axis=1)).to_numpy(float)
