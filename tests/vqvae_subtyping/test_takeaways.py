"""The takeaways in words: better, worse and cannot be told, and nothing where nothing is known."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from helpers.vqvae_subtyping import takeaways as module
from helpers.vqvae_subtyping.biology.cluster_features import differing_features
from helpers.vqvae_subtyping.biology.repression_network import PairedNetworks, RepressionNetwork
from helpers.vqvae_subtyping.clusters.clustering_scores import METRICS
from helpers.vqvae_subtyping.clusters.clusterings import Clusterings
from helpers.vqvae_subtyping.clusters.subtype_flow import follow_subtypes
from helpers.vqvae_subtyping.clusters.survival_comparison import SurvivalComparison
from helpers.vqvae_subtyping.extractors.extractions import Starts
from helpers.vqvae_subtyping.findings import Findings
from helpers.vqvae_subtyping.held_out_subtypes import HeldOut
from helpers.vqvae_subtyping.latents.group_findings import study_groups

SPACES = ("vqvae", "vqvae_single", "vae", "ae", "pca", "pca_white", "raw")


def scored(seeds=(0, 1, 2), **values):
    """Clusterings by k-means and SNF: `values` is extractor → a score of k-means a seed."""
    rows = []
    for space in SPACES:
        for clusterer in ("kmeans", "snf"):
            for number, seed in enumerate(seeds):
                value = (
                    values.get(space, [0.3, 0.31, 0.32])[number] if clusterer == "kmeans" else 0.1
                )
                scores = dict.fromkeys(METRICS, value)
                row = {"extractor": space, "clusterer": clusterer, "seed": seed, "n_clusters": 2}
                rows.append(row | scores)
    labels = {
        (space, clusterer, seed): np.arange(20) % 2
        for space in SPACES
        for clusterer in ("kmeans", "snf")
        for seed in seeds
    }
    return Clusterings(labels, pd.DataFrame(rows), ("kmeans", "snf"), seeds)


def test_each_rival_gets_the_word_that_its_numbers_give():
    clusterings = scored(vae=[0.2, 0.21, 0.22], ae=[0.5, 0.51, 0.52], raw=[0.25, 0.31, 0.37])
    said = module.agreement_sentence(clusterings)
    assert "By NMI under k-means the VQ-VAE's latents (0.31 ± 0.01) are better than" in said
    assert "better than the VAE's latents (0.21 ± 0.01)" in said
    assert "worse than the autoencoder's latents (0.51 ± 0.01); not to be told" in said
    assert "not to be told from" in said and "the plain values (0.31 ± 0.06)" in said
    assert "k-means on the autoencoder's latents (0.51 ± 0.01)" in said


def test_unknown_subtypes_and_one_seed_are_said():
    blind = scored()
    blind = replace(blind, scores=blind.scores.assign(nmi=np.nan))
    assert "No subtypes are known" in module.agreement_sentence(blind)
    single = scored(seeds=(0,), vae=[0.2])
    said = module.agreement_sentence(single)
    assert "latents (0.3) are not to be told from the VAE's latents (0.2)" in said


def test_without_kmeans_only_the_best_pair_is_named():
    clusterings = scored()
    of_snf = clusterings.scores[clusterings.scores["clusterer"] == "snf"]
    labels = {key: of for key, of in clusterings.labels.items() if key[1] == "snf"}
    alone = replace(clusterings, labels=labels, scores=of_snf, clusterers=("snf",))
    said = module.agreement_sentence(alone)
    assert said.startswith("**Agreement with known subtypes.** The highest mean NMI is that of SNF")
    assert module.robustness_sentence(alone) == "" == module.single_code_sentence(alone)


def test_agreement_between_clusterers_and_seeds():
    said = module.robustness_sentence(scored())
    assert "(1 ± 0) is not to be told from that on the VAE's latents (1 ± 0)" in said
    assert "an ARI of 1.00 on the VQ-VAE's latents, 1.00 on one code a sample" in said


def starts(nmi_at_pca):
    rows = []
    for at_pca, nmi in ((False, 0.3), (True, nmi_at_pca)):
        for seed in range(3):
            row = {"starts at PCA": at_pca, "explained": 0.4 + 0.1 * at_pca + 0.01 * seed}
            row |= {"perplexity": 3.0, "nmi": nmi + 0.01 * seed, "ari": 0.2}
            rows.append(row | {"stability": 0.5 + at_pca / 4})
    return Starts(pd.DataFrame(rows))


@pytest.mark.parametrize(
    ("nmi", "order"), [(0.5, "better than"), (0.1, "worse than"), (0.3, "not to be told from")]
)
def test_a_start_at_pca_beside_a_random_one(nmi, order):
    said = module.starts_sentence(starts(nmi))
    assert f"agreement with known subtypes is {order} that of the random one" in said
    assert "reconstructed is 0.51 ± 0.01 against 0.41 ± 0.01" in said
    assert said.endswith("the ARI between seeds is 0.75 against 0.50.")


def test_one_start_or_no_subtypes_say_less():
    table = starts(0.3).table
    assert module.starts_sentence(Starts(table[table["starts at PCA"]])) == ""
    said = module.starts_sentence(Starts(table.assign(nmi=np.nan, stability=np.nan)))
    assert "subtypes" not in said and "seeds" not in said and "reconstructed" in said


def test_silhouettes_in_both_spaces():
    clusterings = scored(vqvae_single=[0.8, 0.81, 0.82])
    assert "better than that of many codes in its own space (0.81" in module.single_code_sentence(
        clusterings
    )
    assert "(0.81 ± 0.01): not below 0.25" in module.separation_sentence(clusterings)
    low = scored(**{space: [0.05, 0.06, 0.07] for space in SPACES})
    assert ": below 0.25" in module.separation_sentence(
        replace(low, scores=low.scores.replace(0.1, 0.01))
    )
    blind = replace(low, scores=low.scores.assign(silhouette_common=np.nan))
    assert module.separation_sentence(blind) == ""


def survival(vqvae, known=None):
    rows = [("vqvae", seed, 1.0, 1, p, p) for seed, p in enumerate(vqvae)]
    rows += [("raw", seed, 1.0, 1, 0.5, 0.5) for seed in range(len(vqvae))]
    rows += [("pam50", 0, 9.0, 1, known, known)] if known is not None else []
    columns = ["grouping", "seed", "chi2", "df", "logrank_p", "permutation_p"]
    return SurvivalComparison(pd.DataFrame(rows, columns=columns), {}, {}, {})


def test_survival_counts_seeds():
    said = module.survival_sentence(survival([0.01, 0.2, 0.04], known=0.03))
    assert "in 2 of 3 seeds on the VQ-VAE's latents and 0 of 3 seeds on the plain values" in said
    assert said.endswith("The known subtypes have p = 0.03.")
    assert "known subtypes" not in module.survival_sentence(survival([0.01]))
    plain = survival([0.01, 0.2, 0.04])
    table = plain.table.assign(adjusted_p=[0.01, 0.2, 0.6, 1.0, 1.0, 1.0])
    beside = module.survival_sentence(replace(plain, table=table, adjusted_for={"age": 2}))
    assert "Beside age in a Cox model, those of the VQ-VAE's latents do in 1 of 3" in beside
    assert module.survival_sentence(None) == ""
    assert "in 1 of 3 seeds" in module.prognosis_sentence([1.0, 0.0, 0.0])
    assert module.prognosis_sentence([]) == ""


def network(nodes=("demo-mir-1", "G1"), lncrnas=()):
    table = pd.DataFrame(
        {"degree": [4, 1], "expected_degree": [2.04, 1.0], "p_degree": [0.01, 0.6]},
        index=pd.Index(nodes, name="node"),
    )
    return RepressionNetwork(pd.DataFrame(index=range(4)), table, 10, frozenset(lncrnas))


def test_the_hub_and_its_expectation():
    said = module.hub_sentence(network())
    assert "demo-mir-1, with 4 where its supported pairs alone would give 2.0 (p = 0.01)" in said
    assert "1 of 2 nodes" in said
    empty = RepressionNetwork(pd.DataFrame(), None, 10, frozenset())
    assert module.hub_sentence(empty) == module.hub_sentence(None) == ""


def test_where_xist_stands():
    assert "no network here" in module.xist_sentence(None)
    assert "not among the features" in module.xist_sentence(network())
    assert "in no pair" in module.xist_sentence(network(lncrnas=["XIST"]))
    there = network(nodes=("demo-mir-1", "XIST"), lncrnas=["XIST"])
    assert "number 2 of 2 nodes" in module.xist_sentence(there)


@dataclass
class _NoGroups:
    control: pd.DataFrame


def test_groups_without_subtypes_say_nothing():
    assert module.groups_sentence(_NoGroups(pd.DataFrame())) == ""


def test_a_whole_run_in_words(profiles, extractions, clusterings):
    groups = study_groups(profiles, extractions.vqvae, 8, 3, 3)
    features = differing_features(profiles, clusterings.letters, 0)
    held_out = HeldOut(pd.DataFrame({"extractor": ["vqvae"], "seed": [0], "chi2": [12.0]}))
    flow = follow_subtypes(profiles, clusterings)
    findings = Findings(
        clusterings,
        starts(0.3),
        flow,
        groups,
        features,
        None,
        None,
        PairedNetworks(("A", "E"), network(), network()),
        survival([0.01], 0.03),
        held_out,
    )
    said = module.takeaways(profiles, findings)
    assert said.startswith("What `demo-subtypes` says here (200 patients, mean ± SD over 2 seeds)")
    assert said.count("\n- **") == 11 and "nan" not in said and "PAM50" not in said
    ahead = groups.control["best"] - groups.control["random_mean"] > groups.control["random_sd"]
    assert f"for {ahead.sum()} of {len(ahead)} subtypes" in said
    bare = replace(findings, survival=None, networks=None)
    assert module.takeaways(profiles, bare).count("\n- **") == 8
