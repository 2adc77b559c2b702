"""The chapter's takeaways in words, written from the numbers of the run that shows them."""

from collections.abc import Sequence

import numpy as np

from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import bullet_list, compare, counted, few_seeds, in_a_row
from helpers.vqvae_subtyping.biology.cluster_features import DifferentialFindings
from helpers.vqvae_subtyping.biology.repression_network import RepressionNetwork
from helpers.vqvae_subtyping.claims import HUB
from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.clusters.survival_comparison import (
    MAX_P,
    SUBTYPES,
    SurvivalComparison,
)
from helpers.vqvae_subtyping.extractors.extractions import Starts
from helpers.vqvae_subtyping.findings import Findings
from helpers.vqvae_subtyping.latents.group_findings import GroupFindings
from helpers.vqvae_subtyping.profiles import Profiles

SPACE_WORDS = {
    "vqvae": "the VQ-VAE's latents",
    "vqvae_single": "one code a sample",
    "vqvae_vector": "vector codes",
    "vae": "the VAE's latents",
    "ae": "the autoencoder's latents",
    "pca": "principal components",
    "pca_white": "whitened principal components",
    "raw": "the plain values",
}
CLUSTERER_WORDS = {
    "kmeans": "k-means",
    "spectral": "spectral clustering",
    "gmm": "a Gaussian mixture",
    "snf": "SNF",
    "icluster": "iClusterBayes",
    "cnmf": "consensus NMF",
}
RIVALS = ("vqvae_vector", "vae", "ae", "pca", "pca_white", "raw")
STRUCTURED = 0.25  # silhouettes below it: no substantial structure (Kaufman & Rousseeuw 1990)


def takeaways(profiles: Profiles, findings: Findings) -> str:
    """A Markdown list of what this run says; what it cannot say is left out."""
    n_seeds = len(findings.clusterings.seeds)
    name = profiles.patients.uns.get("name", "this cohort")
    caution = few_seeds(n_seeds)
    sentences = [
        f"**Few seeds.** {caution}" if caution else "",
        agreement_sentence(findings.clusterings),
        robustness_sentence(findings.clusterings),
        starts_sentence(findings.starts),
        single_code_sentence(findings.clusterings),
        separation_sentence(findings.clusterings),
        groups_sentence(findings.groups),
        features_sentence(findings.features),
        survival_sentence(findings.survival),
        prognosis_sentence(findings.prognosis),
        hub_sentence(findings.network),
    ]
    n_patients = f"{profiles.patients.n_obs:,} patients"
    spread = f"mean ± SD over {counted(n_seeds, 'seed')}"
    intro = f"What `{name}` says here ({n_patients}, {spread}):"
    return f"{intro}\n\n{bullet_list(sentences)}"


def agreement_sentence(clusterings: Clusterings) -> str:
    """Whether k-means on the VQ-VAE's latents agrees with known subtypes better than on others."""
    of = {space: clusterings.values("nmi", space) for space in ("vqvae", *RIVALS)}
    if not clusterings.scores["nmi"].notna().any():
        return "**Agreement.** No subtypes are known in this cohort, so that it cannot be scored."
    verdicts = _orders(of, "")
    best = _best_pair(clusterings, "nmi")
    if not verdicts:
        return f"**Agreement with known subtypes.** The highest mean NMI is that of {best}."
    return (
        "**Agreement with known subtypes.** By NMI under k-means the VQ-VAE's latents "
        f"({mean_and_sd(of['vqvae'])}) are {verdicts}. The highest mean of all pairs of latents "
        f"and clusterer, looked up afterwards, is that of {best}."
    )


def robustness_sentence(clusterings: Clusterings) -> str:
    """Whether clusterers agree on the VQ-VAE's latents, and seeds under k-means."""
    agreement = clusterings.agreement
    between = {
        space: agreement.loc[agreement["extractor"] == space, "ari"].tolist()
        for space in ("vqvae", *RIVALS)
    }
    stability = clusterings.seed_stability
    stability = stability[stability["clusterer"] == "kmeans"].set_index("extractor")
    seeds = [
        f"{stability.loc[space, 'between seeds']:.2f} on {words}"
        for space, words in SPACE_WORDS.items()
        if space in stability.index
    ]
    verdicts = _orders(between, "that on ")
    parts = [
        "The agreement between clusterers (mean ARI) on the VQ-VAE's latents "
        f"({mean_and_sd(between['vqvae'])}) is {verdicts}." if verdicts else "",
        f"Between seeds, k-means clusters agree to an ARI of {in_a_row(seeds)}." if seeds else "",
    ]  # fmt: skip
    return f"**Robustness.** {' '.join(filter(None, parts))}" if any(parts) else ""


def starts_sentence(starts: Starts) -> str:
    """What a start at PCA changes; nothing where only one start was trained."""
    of_start = dict(list(starts.table.groupby("starts at PCA")))
    if len(of_start) < 2:
        return ""
    at_pca, at_random = of_start[True], of_start[False]
    explained = compare(at_pca["explained"].tolist(), at_random["explained"].tolist())
    parts = [f"the share of variance reconstructed is {explained.numbers}"]
    if at_pca["nmi"].notna().any() and at_random["nmi"].notna().any():
        nmi = compare(at_pca["nmi"].tolist(), at_random["nmi"].tolist())
        parts.append(
            f"agreement with known subtypes is {nmi.order} that of the random one ({nmi.numbers})"
        )
    if at_pca["stability"].notna().any() and at_random["stability"].notna().any():
        stability = (of["stability"].iloc[0] for of in (at_pca, at_random))
        parts.append("the ARI between seeds is {:.2f} against {:.2f}".format(*stability))
    return f"**A start at PCA** against a random one: {in_a_row(parts)}."


def single_code_sentence(clusterings: Clusterings) -> str:
    """What the silhouette of one code a sample is worth in its own space and in the common one."""
    places = (("silhouette_own", "its own space"), ("silhouette_common", "the common one"))
    parts = []
    for metric, place in places:
        one, many = (clusterings.values(metric, space) for space in ("vqvae_single", "vqvae"))
        if one and many:
            pair = compare(one, many)
            parts.append(f"{pair.order} that of many codes in {place} ({pair.numbers})")
    if not parts:
        return ""
    return (
        f"**One code a sample** is a clustering already. Its silhouette under k-means is "
        f"{in_a_row(parts)}: in a quantised space it says that the space is quantised."
    )


def separation_sentence(clusterings: Clusterings) -> str:
    """How far apart the clusters of any method lie at best, in the common space."""
    best = clusterings.summary
    best = best[(best["metric"] == "silhouette_common") & best["mean"].notna()]
    if best.empty:
        return ""
    highest = best["mean"].max()
    words = "below" if highest < STRUCTURED else "not below"
    return (
        "**Separation.** The highest silhouette of all pairs in the common space is "
        f"that of {_best_pair(clusterings, 'silhouette_common')}: {words} {STRUCTURED}, under "
        "which clusters are commonly taken for cuts through one cloud."
    )


def groups_sentence(groups: GroupFindings) -> str:
    """Whether it matters which latents go together."""
    control = groups.control
    if control.empty:
        return ""
    is_ahead = control["best"] - control["random_mean"] > control["random_sd"]
    return (
        "**Latents.** The best group of latents tells a subtype from the rest, in patients held "
        f"out, with a mean AUC of {control['best'].mean():.3g}; random groups of the same sizes "
        f"with {mean_and_sd(groups.random_auc.mean(axis=1))} (± SD of draws). The real group is "
        f"ahead by more than that SD for {is_ahead.sum()} of {len(control)} subtypes; of the "
        "others any latents tell as much."
    )


def features_sentence(features: DifferentialFindings) -> str:
    """What of the differential features outlasts the control against double dipping."""
    together, apart = features.metrics.values()
    return (
        f"**Genes.** {together:,} pairs of a cluster and a feature differ at FDR < 0.05 when "
        f"tested on the values that made the clusters, {apart:,} when clusters and tested values "
        "are kept apart: a mild control, as features that move together stand on both sides of it."
    )


def survival_sentence(survival: SurvivalComparison | None) -> str:
    """In how many seeds clusters differ in survival, beside the known subtypes."""
    if survival is None:
        return ""
    counts = []
    for space in ("vqvae", "raw"):
        differs = survival.differs(space)
        counts.append(f"{int(differs.sum())} of {len(differs)} seeds on {SPACE_WORDS[space]}")
    beside, names = survival.differs_adjusted("vqvae"), in_a_row([*survival.adjusted_for])
    adjusted = (
        f" Beside {names} in a Cox model, those of the VQ-VAE's latents do in "
        f"{int(beside.sum())} of {len(beside)} (score test)." if len(beside) else ""
    )  # fmt: skip
    known = survival.of(SUBTYPES)["permutation_p"]
    p = f" The known subtypes have p = {known.iloc[0]:.2g}." if known.notna().any() else ""
    return (
        f"**Survival.** Clusters differ in survival (permutation p < {MAX_P}) in "
        f"{in_a_row(counts)}.{adjusted}{p}"
    )


def prognosis_sentence(prognosis: Sequence[float]) -> str:
    """Whether clusters of unseen patients tell survival better than the known subtypes do."""
    if not len(prognosis):
        return ""
    return (
        "**Prognosis.** In patients held out the VQ-VAE's clusters have a larger log-rank χ² than "
        f"the known subtypes in {int(np.sum(prognosis))} of {len(prognosis)} seeds."
    )


def hub_sentence(network: RepressionNetwork | None) -> str:
    """The node with the most pairs, and what the number of its supported pairs would give."""
    if network is None or network.nodes is None:
        return ""
    hub = network.nodes.iloc[0]
    more = int((network.nodes["p_degree"] < MAX_P).sum())
    return (
        f"**Networks.** The hub with the most pairs is {hub.name}, with {hub['degree']:.0f} where "
        f"its supported pairs alone would give {hub['expected_degree']:.1f} (p = "
        f"{hub['p_degree']:.2g}); {more} of {len(network.nodes)} nodes have more pairs than that "
        f"at p < {MAX_P}, uncorrected. A hub may be no more than what was studied most."
    )


def xist_sentence(network: RepressionNetwork | None) -> str:
    """Whether the paper's hub can be one here, and where it stands."""
    if network is None:
        return f"There is no network here in which {HUB}, the paper's hub, could be one."
    if HUB not in network.lncrnas:
        return f"{HUB}, the paper's hub, is not among the features of this cohort."
    if network.nodes is None or HUB not in network.nodes.index:
        return f"{HUB}, the paper's hub, is measured here and is in no pair of the network."
    place = int(network.nodes.index.get_loc(HUB)) + 1
    return f"{HUB}, the paper's hub, is number {place} of {len(network.nodes)} nodes by its pairs."


def _orders(of: dict[str, list[float]], before: str) -> str:
    """The VQ-VAE beside its rivals, as many as have values: "better than A (…) and B (…); …"."""
    groups: dict[str, list[str]] = {"better than": [], "worse than": [], "not to be told from": []}
    for rival in RIVALS:
        if of["vqvae"] and of[rival]:
            pair = compare(of["vqvae"], of[rival])
            words = f"{before}{SPACE_WORDS[rival]} ({mean_and_sd(pair.b)})"
            groups[pair.order].append(words)
    return "; ".join(f"{order} {in_a_row(names)}" for order, names in groups.items() if names)


def _best_pair(clusterings: Clusterings, metric: str) -> str:
    """The latents and clusterer of the highest mean, in words, with mean ± SD."""
    rows = clusterings.summary
    rows = rows[(rows["metric"] == metric) & rows["mean"].notna()]
    best = rows.loc[rows["mean"].idxmax()]
    values = clusterings.values(metric, best["extractor"], best["clusterer"])
    clusterer = CLUSTERER_WORDS[best["clusterer"]]
    return f"{clusterer} on {SPACE_WORDS[best['extractor']]} ({mean_and_sd(values)})"
