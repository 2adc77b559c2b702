"""Sentences of the chapter under numbers that say better, worse, and cannot be told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.pancan_vae import biology_takeaways as biology
from helpers.pancan_vae import takeaways as written
from helpers.pancan_vae.claims import Evidence, Expected
from helpers.pancan_vae.classifiers.mistakes import Mistakes, confusion_table
from helpers.pancan_vae.classifiers.space_comparison import SealedScores, SpaceComparison
from helpers.pancan_vae.enrichment.cluster_scores import ClusterScores
from helpers.pancan_vae.enrichment.every_fold import FoldHallmarks
from helpers.pancan_vae.enrichment.hallmarks import HallmarkEnrichment
from helpers.pancan_vae.latent_space.seed_stability import SeedStability
from helpers.pancan_vae.latent_space.tumour_clusters import TumourClusters
from helpers.pancan_vae.latent_space.type_geometry import Geometry
from helpers.pancan_vae.prognosis import Prognosis

BETTER, WORSE, ALIKE = (0.90, 0.91, 0.92), (0.70, 0.71, 0.72), (0.81, 0.80, 0.79)
PLAIN = (0.79, 0.80, 0.81)
EXPECTED = Expected(("A", "B"), "C", ("A", "B"), ("A", "B", "C"), "paper")


def comparison(**values):
    """Balanced accuracy of each variant over seeds; PLAIN where not given."""
    variants = dict.fromkeys(("vae", "pca", "vae_logistic", "pca_logistic", "raw"), PLAIN) | values
    rows = [
        {"variant": name, "balanced_accuracy": value, "seed": seed, "n_features": 32}
        for name, scores in variants.items()
        for seed, value in enumerate(scores)
    ]
    return SpaceComparison(pd.DataFrame(rows))


def sealed(p=0.5, paper=None):
    row = {"n": 320, "only_here": 2, "only_reference": 9, "p": p}
    rows = {"vae": row} | ({"paper": row | {"only_here": 5, "p": paper}} if paper else {})
    return SealedScores(pd.DataFrame.from_dict(rows, orient="index"))


def mistakes(true, predicted, types=("A", "B", "C")):
    empty = pd.DataFrame()
    return Mistakes(confusion_table(list(true), list(predicted), list(types)), 0, empty, empty)


def geometry(latent=(0.4, 0.41, 0.42), decoded=(0.8, 0.81, 0.82), nearest="B"):
    rows = [
        {"space": space, "seed": seed, "silhouette_apart": value}
        for space, values in {"vae": latent, "vae_decoded": decoded}.items()
        for seed, value in enumerate(values)
    ]
    types = pd.DataFrame({"nearest": [nearest, "A", "A"], "seed": 0}, index=list("ABC"))
    return Geometry(pd.DataFrame(rows), types)


@pytest.mark.parametrize(
    ("vae", "order"),
    [(BETTER, "better than"), (WORSE, "worse than"), (ALIKE, "not to be told from")],
)
def test_the_vae_is_set_against_components_by_both_classifiers(vae, order):
    mlp = written.telling_types(comparison(vae=vae), sealed())
    assert f"32 latents are {order} 32 principal components" in mlp
    logistic = written.telling_types(comparison(vae_logistic=vae), sealed())
    assert f"with logistic regression they are {order} them" in logistic
    whole = written.telling_types(comparison(raw=vae), sealed())
    assert f"the whole profile is {order} the latents" in whole
    assert "no order is told" not in mlp


@pytest.mark.parametrize(
    ("paper", "order"),
    [(BETTER, "better than"), (WORSE, "worse than"), (ALIKE, "not to be told from")],
)
def test_the_papers_own_model_has_its_own_sentence(paper, order):
    said = written.telling_types(comparison(paper=paper, paper_logistic=PLAIN), sealed())
    assert f"The model as the paper has it is, under the MLP, {order} this chapter's" in said
    assert f"and {order} components" in said and "regression not to be told from them" in said
    logistic = written.telling_types(comparison(paper=PLAIN, paper_logistic=paper), sealed())
    assert f"under logistic regression {order} them" in logistic
    assert "the paper has it" not in written.telling_types(comparison(), sealed())
    few = written.telling_types(comparison(paper=PLAIN, paper_logistic=PLAIN), sealed(paper=0.04))
    assert "its MLP tells 5 right that components' does not, and 9 the other way" in few
    assert few.endswith("round: more than chance explains (p = 0.04).")


def test_the_sealed_fold_says_whether_chance_explains_it():
    assert "no more than chance explains (McNemar, p = 0.5)" in written.telling_types(
        comparison(), sealed()
    )
    clear = written.telling_types(comparison(), sealed(0.001))
    assert "the MLP tells 2 right from latents only and 9 from components only" in clear
    assert "components only: more than chance explains" in clear


def test_a_single_seed_tells_no_order_and_says_so():
    one = {name: (value,) for name, value in zip("ab", (0.9, 0.7), strict=True)}
    variants = ("vae_logistic", "pca_logistic", "raw")
    said = written.telling_types(
        comparison(vae=one["a"], pca=one["b"], **dict.fromkeys(variants, one["a"])), sealed()
    )
    assert "not to be told from 32" in said and "1 seed: under three no order is told" in said
    assert "±" not in said


def sweep(vae, logistic=None):
    rows = [
        {
            "n_latent": size, "kl_weight": weight, "seed": seed,
            "classifier.balanced_accuracy.vae": value + 0.001 * seed,
            "classifier.balanced_accuracy.pca": 0.8,
            "classifier.balanced_accuracy.vae_logistic": (logistic or {}).get(size, np.nan),
            "classifier.balanced_accuracy.pca_logistic": 0.8 + 0.001 * seed,
            "latent.active_units": size / weight,
        }
        for size, value in vae.items()
        for weight in (1.0, 4.0)
        for seed in (0, 1)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_each_size_of_the_sweep_has_its_own_order():
    said = written.latent_size(sweep({8: 0.9, 32: 0.7995, 128: 0.7}))
    assert "over 2 KL weights and 2 initialisations" in said
    assert "8 latents are better than components under the MLP" in said
    assert "32 latents are not to be told from components" in said
    assert "128 latents are worse than components" in said and "logistic" not in said
    assert "Of 128 latents, 128 ± 0 and 32 ± 0 are active at KL weights of 1 and 4" in said


def test_a_size_that_is_behind_under_one_classifier_and_ahead_under_the_other_is_said_to_be():
    said = written.latent_size(sweep({128: 0.7}, {128: 0.9}))
    both = "worse than components under the MLP (0.701 ± 0.00058 against 0.8 ± 0) and better than"
    assert both in said and "components under logistic regression (0.9 ± 0 against" in said
    turned = written.latent_size(sweep({128: 0.9}, {128: 0.7}))
    assert "better than components under the MLP" in turned
    assert "worse than components under logistic regression" in turned


def test_a_sweep_without_numbers_or_with_one_weight_says_less():
    table = sweep({8: 0.9})
    assert "active" not in written.latent_size(table[table["kl_weight"] == 1])
    empty = table.assign(**{"classifier.balanced_accuracy.vae": np.nan})
    assert written.latent_size(empty) == ""


@pytest.mark.parametrize(
    ("predicted", "words"),
    [
        ("AABBCC", "No held-out patient was given another's type."),
        ("ABBBCC", "A and B are the only types confused (25.0% of their patients)."),
        ("ABBACB", "A and B are confused most (50.0% of their patients), then B and C (25.0%)."),
        ("ABBBCB", "2 pairs of types are confused equally often (25.0%): A and B; B and C."),
    ],
)
def test_the_most_confused_types(predicted, words):
    assert words in written.neighbours(mistakes("AABBCC", predicted), geometry(), EXPECTED)


def test_what_becomes_of_the_named_pairs():
    confused = mistakes("AABBCC", "ABBACB")
    said = written.neighbours(confused, geometry(), EXPECTED)
    assert "The pair that the paper names, A and B, comes first." in said
    assert "A and B are each other's nearest type in 1 of 1 seed." in said
    far = written.neighbours(confused, geometry(nearest="C"), EXPECTED)
    assert "in 0 of 1 seed." in far
    unconfused = written.neighbours(mistakes("AABBCC", "AABBCB"), geometry(), EXPECTED)
    assert "A and B, is never confused." in unconfused
    absent = Expected(("X", "Y"), "Z", ("X", "Y"), ("A", "B", "C"), "truth")
    said = written.neighbours(confused, geometry(), absent)
    assert said.endswith("The pair that was planted, X and Y, is not in this cohort.")


@pytest.mark.parametrize(
    ("decoded", "order"),
    [
        ((0.8, 0.81, 0.82), "higher than"),
        ((0.1, 0.11, 0.12), "lower than"),
        ((0.42, 0.41, 0.4), "not to be told"),
    ],
)
def test_standing_apart_in_two_spaces(decoded, order):
    said = written.standing_apart(mistakes("AABBCC", "AABBCB"), geometry(decoded=decoded), "C")
    assert "1 of 2 held-out C tumours are recognised" in said
    assert f"makes of the latents it is {order}" in said


def test_standing_apart_says_less_where_less_is_known():
    confused = mistakes("AABBCC", "AABBCB")
    assert written.standing_apart(confused, geometry(), "LAML") == ""
    nothing = geometry(latent=(np.nan,), decoded=(np.nan,))
    assert written.standing_apart(confused, nothing, "C").endswith("recognised.")


def enrichment(n_found):
    def table(n):
        fdr = np.r_[np.zeros(n), np.ones(20 - n)]
        return pd.DataFrame(
            {"fdr": fdr, "fdr_camera": np.r_[np.zeros(n // 2), np.ones(20 - n // 2)]}
        )

    by_space = {name: table(n) for name, n in n_found.items()}
    tasks = {name: pd.DataFrame({"n_dimensions": [0, 1]}) for name in ("axes", "directions")}
    return HallmarkEnrichment(by_space, None, tasks)


def test_findings_are_counted_by_both_tests():
    said = biology.hallmarks_in_dimensions(enrichment({"axes": 8, "directions": 6, "noise": 4}))
    assert "calls 8 of 20 pairs" in said and "and 4 when the latents are given" in said
    assert "(CAMERA), 4 and 2 remain; on the varimax directions it finds 3 of 20" in said
    assert "Of 2 hallmark tasks, the axes carry 1 and the directions 1." in said
    none = biology.hallmarks_in_dimensions(HallmarkEnrichment({}, None, {}))
    assert "no gene sets" in none


def folds_of(noise_fixed=30, axes=(0, 2)):
    rows = [
        {
            "space": space,
            "seed": seed,
            "tests": 20,
            "found": 0,
            "found_fixed": noise_fixed,
            "tasks": n,
        }
        for space, values in {
            "axes": axes,
            "directions": (2, 4),
            "noise": (0, 0),
            "paper": (1, 1),
        }.items()
        for seed, n in enumerate(values)
    ]
    return FoldHallmarks(pd.DataFrame(rows), 5)


def test_hallmarks_are_told_over_all_folds_and_noise_under_a_fixed_correlation():
    first = enrichment({"axes": 8, "directions": 6, "noise": 4})
    said = biology.hallmarks_in_dimensions(first, folds_of())
    assert "Over 2 folds, axes carry 1 ± 1.4, those of the model as the paper has it 1 ± 0" in said
    assert "directions 3 ± 1.4 tasks" in said
    assert "finds 0 ± 0 pairs with each set's own correlation, 30 ± 0 with limma's fixed ρ" in said
    assert "axes carry 5 ± 0," in biology.hallmarks_in_dimensions(first, folds_of(axes=(5, 5)))
    assert "own correlation, 0 ± 0 with" in biology.hallmarks_in_dimensions(first, folds_of(0))
    assert "Over" not in biology.hallmarks_in_dimensions(first)


def clusters(**ari):
    rows = [
        {"space": space, "seed": seed, "ari": value, "ari_shuffled": 0}
        for space, values in ari.items()
        for seed, value in enumerate(values)
    ]
    return TumourClusters(pd.DataFrame(rows), {}, 13)


@pytest.mark.parametrize(
    ("vae", "order"),
    [(BETTER, "better than"), (WORSE, "worse than"), (ALIKE, "not to be told from")],
)
def test_clusters_are_set_against_those_of_components(vae, order):
    said = biology.unlabelled_clusters(clusters(vae=vae, pca=PLAIN), None)
    assert f"13 k-means clusters of latents are {order} as many of components" in said
    both = biology.unlabelled_clusters(clusters(vae=PLAIN, pca=PLAIN, paper=vae), None)
    assert f"those of the model as the paper has it {order} this chapter's" in both
    assert biology.unlabelled_clusters(None, None) == ""


def test_tasks_that_differ_between_clusters_are_counted_over_seeds():
    table = pd.DataFrame(
        {"task": ["a", "b"] * 2, "seed": [0, 0, 1, 1], "explained": 0.5, "explained_random": 0.4}
    )
    found = clusters(vae=PLAIN, pca=PLAIN)
    some = ClusterScores(pd.DataFrame(), table.assign(p=[0.01, 0.5, 0.01, 0.02]))
    assert "Of 2 hallmark tasks, 1.5 ± 0.71 differ" in biology.unlabelled_clusters(found, some)
    none = ClusterScores(pd.DataFrame(), table.assign(p=0.5))
    assert "Of 2 hallmark tasks, 0 ± 0 differ" in biology.unlabelled_clusters(found, none)
    empty = ClusterScores(pd.DataFrame(), table.iloc[:0])
    assert "hallmark" not in biology.unlabelled_clusters(found, empty)


def test_what_returns_is_told_by_numbers():
    table = pd.DataFrame(
        {"matched_r": [0.3, 0.8], "control": [0.1, 0.1], "subspace": [0.9, 0.9]},
        index=["axes", "directions"],
    )
    said = written.returning_dimensions(SeedStability(pd.DataFrame(), table))
    assert "agrees to 0.90" in said and "its axes to 0.30" in said and "to 0.80 (0.10)" in said
    assert "One seed" in written.returning_dimensions(None)


def prognosis(**values):
    rows = [
        {"cancer_type": "A", "variant": name, "c_index": value, "seed": seed}
        for name, scores in values.items()
        for seed, value in enumerate(scores)
    ]
    return Prognosis(pd.DataFrame(rows, columns=["cancer_type", "variant", "c_index", "seed"]))


def test_survival_is_set_against_chance_and_the_clinic():
    said = written.survival_in_latents(
        prognosis(latent=PLAIN, shuffled=WORSE, clinical=BETTER, both=ALIKE)
    )
    assert "latents are better than latents of the wrong patients" in said
    assert "latents are worse than age, sex and stage" in said
    assert "both together are worse than age, sex and stage alone" in said


def test_survival_leaves_out_what_was_not_scored():
    said = written.survival_in_latents(prognosis(latent=PLAIN, shuffled=ALIKE))
    assert "not to be told from" in said and "age" not in said
    assert "No cancer type" in written.survival_in_latents(prognosis())


CHANGES = {
    "classifiers": comparison(vae=WORSE, vae_logistic=BETTER),
    "sealed": sealed(0.001),
    "mistakes": mistakes("AABBCC", "AABBCC"),
    "geometry": geometry(latent=(0.1, 0.11, 0.12), nearest="C"),
    "hallmarks": enrichment({"axes": 8, "directions": 6, "noise": 4}),
    "stability": SeedStability(
        pd.DataFrame(),
        pd.DataFrame(
            {"matched_r": [0.3, 0.8], "control": [0.1, 0.1], "subspace": [0.9, 0.9]},
            index=["axes", "directions"],
        ),
    ),
    "survival": prognosis(latent=BETTER, shuffled=PLAIN),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_metric_changes_its_sentences_and_no_other_topic(name):
    before = evidence()
    lines = written.takeaways(before, EXPECTED, sweep({8: 0.9})).splitlines()
    changed = written.takeaways(
        replace(before, **{name: CHANGES[name]}), EXPECTED, sweep({8: 0.9})
    ).splitlines()
    touched = [
        old.split(".**")[0][4:] for old, new in zip(lines, changed, strict=True) if old != new
    ]
    assert touched == {
        "classifiers": ["Telling cancer types"], "sealed": ["Telling cancer types"],
        "mistakes": ["Neighbours", "Standing apart"], "geometry": ["Neighbours", "Standing apart"],
        "hallmarks": ["Hallmarks"], "stability": ["Reading dimensions"], "survival": ["Survival"],
    }[name]  # fmt: skip


def evidence():
    return Evidence(
        geometry(), comparison(), sealed(), mistakes("AABBCC", "AABBCB"),
        HallmarkEnrichment({}, None, {}), None, prognosis(),
    )  # fmt: skip


def test_the_list_holds_a_bullet_a_topic_and_no_missing_number():
    said = written.takeaways(evidence(), EXPECTED, sweep({8: 0.9}))
    assert said.count("\n") == 6 and all(line.startswith("- **") for line in said.splitlines())
    assert "nan" not in said.lower()
