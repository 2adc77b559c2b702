"""Paper 3's claims: each verdict follows from the grid of scores, and what is unknown is said."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from helpers.evaluate.reproduction import judge, verdict, verdict_table
from helpers.vqvae_subtyping.biology.named_panels import IMMUNE_SETS
from helpers.vqvae_subtyping.biology.pathways import pathway_effects
from helpers.vqvae_subtyping.claims import (
    observe_claims,
    observe_scores,
    subtyping_claims,
)

METRICS = ["nmi", "purity", "silhouette_common"]
CLUSTERERS = ["kmeans", "snf", "icluster", "cnmf"]
OF = {"vqvae": 0.5, "vae": 0.4, "raw": 0.3}  # as the paper would have it


def scores(of=OF, **changed):
    rows = [
        {"extractor": extractor, "clusterer": clusterer, "seed": seed}
        | {metric: changed.get(metric, {}).get((extractor, clusterer), value) for metric in METRICS}
        for extractor, value in of.items()
        for clusterer in CLUSTERERS
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows)


def agreement(vqvae=0.9, vae=0.5):
    rows = [
        {"extractor": name, "seed": seed, "ari": value}
        for name, value in {"vqvae": vqvae, "vae": vae}.items()
        for seed in (0, 1)
    ]
    return pd.DataFrame(rows)


def verdicts(table, agreeing=None):
    agreeing = agreement() if agreeing is None else agreeing
    found = observe_scores(subtyping_claims(), table, agreeing)
    return {name: verdict(claim) for name, claim in found.items()}


def test_everything_as_in_the_paper_is_reproduced():
    found = verdicts(scores())
    assert {found[name] for name in (*METRICS, "always", "agree")} == {"reproduced"}
    assert {found[name] for name in ("kept", "survival", "hub")} == {"not testable here"}


@pytest.mark.parametrize("rival", [("vae", "kmeans"), ("raw", "snf"), ("raw", "cnmf")])
@pytest.mark.parametrize("metric", METRICS)
def test_one_rival_ahead_takes_the_lead(metric, rival):
    found = verdicts(scores(**{metric: {rival: 0.6}}))
    assert found[metric] == "not"
    assert {found[name] for name in METRICS if name != metric} == {"reproduced"}


def test_a_small_lead_is_partly_and_other_pairs_do_not_count():
    assert verdicts(scores(nmi={("raw", "snf"): 0.49}))["nmi"] == "partly"
    assert verdicts(scores(nmi={("vae", "snf"): 0.9}))["nmi"] == "reproduced"


def test_always_counts_clusterers_and_seeds():
    assert verdicts(scores(nmi={("raw", "snf"): 0.6}))["always"] == "partly"
    assert verdicts(scores({"vqvae": 0.3, "vae": 0.4, "raw": 0.2}))["always"] == "not"


def test_agreement_is_measured_against_the_vae():
    assert verdicts(scores(), agreement(0.52))["agree"] == "partly"
    assert verdicts(scores(), agreement(0.4))["agree"] == "not"


def test_without_labels_only_what_needs_none_is_judged():
    table = scores().assign(nmi=np.nan, purity=np.nan)
    claims = observe_scores(subtyping_claims(), table, agreement())
    found = verdict_table(list(claims.values())).set_index(pd.Index(claims))
    assert set(found.loc[["silhouette_common", "agree"], "verdict"]) == {"reproduced"}
    unknown = found.loc[["nmi", "purity", "always"]]
    assert set(unknown["verdict"]) == {"not testable here"}
    assert unknown["reason"].str.contains("names no subtypes").all()


def test_clusterers_left_out_are_no_rivals():
    table = scores().query("clusterer == 'kmeans'")
    assert verdicts(table)["nmi"] == "reproduced"


def test_one_clusterer_alone_compares_nothing_and_says_so():
    claims = observe_scores(subtyping_claims(), scores(), agreement().iloc[:0])
    table = judge(claims.values()).tables["reproduction"].set_index(pd.Index(claims))
    untested = table.loc[[*METRICS, "always", "agree"]]
    assert set(untested["verdict"]) == {"not testable here"}
    assert set(untested["reason"]) == {"only one clusterer was asked for"}


def test_verdicts_are_counted():
    claims = observe_scores(subtyping_claims(), scores(nmi={("raw", "snf"): 0.6}), agreement())
    counts = judge(claims.values()).metrics
    table = judge(claims.values()).tables["reproduction"]
    assert counts["reproduction.n_claims.not"] == (table["verdict"] == "not").sum() == 1
    assert counts["reproduction.n_claims.partly"] == (table["verdict"] == "partly").sum()


@dataclass
class Stub:
    """A result reduced to what claims ask of it."""

    values: dict

    def __getattr__(self, name):
        return self.values[name]


def findings(**changes):
    groups = {
        "control": pd.DataFrame({"best": [0.95]}, index=["Basal"]),
        "random_auc": pd.DataFrame({"Basal": [0.7, 0.8]}),
    }
    nodes = pd.DataFrame(index=["XIST", "hsa-mir-21"])
    networks = Stub({"shared_hubs": 0.3})
    of_a = {"feature": ["TP53", "MAP3K1", "ESR1"], "difference": [1.0, 1.0, 1.0], "q": [0, 0, 1.0]}
    p = {"cluster": ["A", "B"], "feature": "EGFR", "difference": 1.0, "p": [1e-9, 1.0]}
    up = {"cluster": "A", "direction": "up", "set": IMMUNE_SETS, "q": 0.01}
    down = {**up, "cluster": "D", "direction": "down", "q": [0.01, 0.01, 0.9]}
    over = pd.concat([pd.DataFrame(up), pd.DataFrame(down)])
    known = {
        "clusterings": Stub({"scores": scores(), "agreement": agreement(), "homologue": "D"}),
        "features": Stub({"of_cluster": lambda letter: pd.DataFrame(of_a)}),
        "sets": Stub({"over_represented": {"GO BP": over}}),
        "pathways": Stub({"effects": pathway_effects(pd.DataFrame(p))}),
        "networks": networks,
        "groups": Stub(groups),
        "network": Stub({"nodes": nodes, "lncrnas": {"XIST"}}),
        "survival": Stub({"differs": lambda space: np.array([1.0, 0.0])}),
        "flow": Stub({"kept_shares": (0.6, 0.6)}),
        "prognosis": [1.0, 1.0],
    }
    return Stub(known | changes)


def test_every_claim_is_observed_where_its_analysis_has_a_value():
    claims = observe_claims(subtyping_claims(), findings())
    judged = {name: verdict(claim) for name, claim in claims.items()}
    assert judged["kept"] == "partly" and judged["group"] == "reproduced"
    assert judged["survival"] == "uncertain" and judged["prognosis"] == "reproduced"
    assert judged["hub"] == "reproduced"
    assert judged["named"] == judged["raised"] == "reproduced"
    assert judged["directed"] == "not" and judged["reached"] == judged["apart"] == "partly"
    assert judged["immune"] == "reproduced"
    assert claims["named"].reason == "measured here: MAP3K1 and TP53"
    assert claims["reached"].reason == "the other clusters: 0"
    assert claims["group"].reason == "random groups of the same sizes: 0.75"


def test_what_has_no_value_keeps_its_reason():
    nothing = findings(
        groups=Stub({"control": pd.DataFrame(), "random_auc": pd.DataFrame()}),
        network=None,
        networks=None,
        features=Stub({"of_cluster": lambda letter: pd.DataFrame(columns=["feature", "q"])}),
        sets=Stub({"over_represented": {}}),
        pathways=Stub(
            {
                "effects": pathway_effects(
                    pd.DataFrame(
                        {"cluster": ["A"], "feature": ["NONE"], "difference": [1.0], "p": [1.0]}
                    )
                )
            }
        ),
        survival=None,
        flow=Stub({"kept_shares": ()}),
        prognosis=[],
    )
    claims = observe_claims(subtyping_claims(), nothing)
    named = ("named", "raised", "immune", "reached", "directed", "apart")
    for name in ("kept", "group", "survival", "prognosis", "hub", *named):
        assert verdict(claims[name]) == "not testable here" and claims[name].reason
    unmeasured = Stub({"nodes": pd.DataFrame(index=["hsa-mir-21"]), "lncrnas": set()})
    claims = observe_claims(subtyping_claims(), findings(network=unmeasured))
    assert verdict(claims["hub"]) == "not testable here"
    behind = Stub({"nodes": pd.DataFrame(index=["hsa-mir-21", "XIST"]), "lncrnas": {"XIST"}})
    claims = observe_claims(subtyping_claims(), findings(network=behind))
    assert verdict(claims["hub"]) == "not"
