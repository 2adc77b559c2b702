from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cohorts.gene_sets import HALLMARK_TASKS, load_gene_sets
from helpers.cohorts.microrna_targets import (
    _RENAMED,
    chance_of_targeting,
    load_microrna_targets,
    microrna_family,
    microrna_sets,
    target_enrichment,
)


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("hsa-mir-125b-1", "mir-125b"),
        ("hsa-miR-125b-5p", "mir-125b"),
        ("hsa-miR-125b-1-3p", "mir-125b"),
        ("hsa-let-7a-2", "let-7a"),
        ("hsa-let-7a-3p", "let-7a"),
        ("hsa-mir-21", "mir-21"),
        ("hsa-miR-21*", "mir-21"),
        ("hsa-mir-1-2", "mir-1"),
        ("hsa-mir-548aa-1", "mir-548aa"),
        ("hsa-miR-7-1-3p", "mir-7"),
        ("hsa-mir-103-1-as", "mir-103-as"),
        ("mir-210", "mir-210"),
    ],
)
def test_copies_and_arms_are_one_family(name, family):
    assert microrna_family(name) == family


@pytest.mark.parametrize("name", ["ESR1", "hsa-21", "mir21", "hsa-mir-", "", "hsa-mir-21-x"])
def test_what_is_no_microrna_is_refused(name):
    with pytest.raises(ValueError, match="miRBase"):
        microrna_family(name)


@settings(deadline=None, max_examples=30)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 12), m=st.integers(2, 30))
def test_chance_keeps_both_totals(seed, n, m):
    is_target = np.random.default_rng(seed).random((n, m)) < 0.4
    is_target[np.arange(n), np.arange(n) % m] = True  # every family targets something
    is_target = is_target[:, is_target.any(axis=0)]
    if is_target.all(axis=0).any() or is_target.all(axis=1).any():
        return  # certain pairs have infinite weights
    chance = chance_of_targeting(is_target)
    assert ((chance >= 0) & (chance <= 1)).all()
    np.testing.assert_allclose(chance.sum(axis=1), is_target.sum(axis=1), atol=0.01)
    np.testing.assert_allclose(chance.sum(axis=0), is_target.sum(axis=0), atol=0.01)


def _network(seed=0):
    """80 families × 600 genes; popular genes; mir-1 and mir-2 prefer the set's genes."""
    rng = np.random.default_rng(seed)
    popularity = rng.gamma(1.0, 0.06, 600)
    is_target = rng.random((80, 600)) < np.minimum(popularity, 0.8)
    in_set = rng.permutation(600)[:50]
    is_target[np.ix_([0, 1], in_set)] |= rng.random((2, 50)) < 0.5
    genes = np.array([f"G{i}" for i in range(600)])
    targets = {f"mir-{i + 1}": set(genes[row]) for i, row in enumerate(is_target)}
    popular = genes[np.argsort(-is_target.sum(axis=0))[:50]]
    return targets, {"PLANTED": list(genes[in_set]), "POPULAR": list(popular)}


def test_planted_microrna_are_found_and_popular_genes_do_not_mislead():
    targets, gene_sets = _network()
    features = [f"hsa-mir-{i}" for i in range(1, 81)]
    sets = microrna_sets(features, targets, gene_sets, min_size=1, max_p=0.001)
    assert {"hsa-mir-1", "hsa-mir-2"} <= set(sets["PLANTED"])
    assert len(sets["PLANTED"]) <= 4
    assert len(sets.get("POPULAR", [])) <= 2
    from scipy.stats import hypergeom

    popular, n_genes = set(gene_sets["POPULAR"]), len(set().union(*targets.values()))
    hits = [len(t & popular) for t in targets.values()]
    sizes = [len(t) for t in targets.values()]
    p = hypergeom.sf(np.array(hits) - 1, n_genes, 50, sizes)
    assert (p < 0.001).mean() > 0.5, "the usual test puts most microRNAs into the popular set"


def test_p_is_conservative():
    targets, gene_sets = _network(seed=1)
    others = [f"mir-{i}" for i in range(3, 81)]
    p = target_enrichment(others, targets, gene_sets).query("gene_set == 'PLANTED'")["p"]
    assert (p <= 0.05).mean() <= 0.1


def test_copies_are_members_together_and_order_is_the_features():
    targets, gene_sets = _network()
    features = [f"hsa-mir-{i}" for i in range(80, 1, -1)] + ["hsa-mir-1-2", "hsa-mir-1-1"]
    sets = microrna_sets(features, targets, gene_sets, min_size=1, max_p=0.001)
    assert sets["PLANTED"][-2:] == ["hsa-mir-1-2", "hsa-mir-1-1"]


def test_small_sets_and_few_targets_are_left_out():
    targets, gene_sets = _network()
    features = [f"hsa-mir-{i}" for i in range(1, 81)]
    assert microrna_sets(features, targets, gene_sets, min_size=50) == {}
    assert microrna_sets(features, targets, gene_sets, min_targets=600, min_size=1) == {}


@pytest.mark.parametrize(
    ("old", "new"), [("203", "203a"), ("128b", "128"), ("213", "181a"), ("999", None)]
)
def test_a_family_renamed_later_keeps_its_targets(old, new):
    targets, gene_sets = _network()
    planted = targets.pop("mir-1")
    if new:
        targets[f"mir-{new}"] = planted
    sets = microrna_sets(
        [f"hsa-mir-{old}", *(f"hsa-mir-{i}" for i in range(2, 81))], targets, gene_sets, min_size=1
    )
    assert (f"hsa-mir-{old}" in sets["PLANTED"]) == bool(new)


@pytest.mark.real
def test_every_renamed_microrna_has_targets(real_data):
    assert {*_RENAMED.values()} <= load_microrna_targets().keys()


def test_genes_are_no_microrna():
    with pytest.raises(ValueError, match="got 'ESR1'"):
        microrna_sets(["ESR1"], {}, {})


def test_unknown_source():
    with pytest.raises(ValueError, match="must be one of mirtarbase, starbase, mircode"):
        load_microrna_targets("targetscan")


@pytest.fixture(scope="module")
def targets(real_data):
    return load_microrna_targets()


@pytest.mark.real
def test_pair_counts(real_data):
    from helpers.cohorts.r_files import read_r_objects
    from helpers.cohorts.sources import fetch_group

    tables = read_r_objects(fetch_group("mirna-targets")[0])

    def n_pairs(kind, source):
        return sum(len(names) for names in tables[kind][source].values())

    assert n_pairs("pcTargets", "mirTarBase") == 378_490
    assert n_pairs("pcTargets", "starBase") == 105_180
    assert n_pairs("lncTargets", "starBase") == 753


@pytest.mark.real
def test_known_targets(targets):
    assert {"CDK6", "BCL2", "SIRT1"} <= targets["mir-34a"]
    assert "ZEB1" in targets["mir-200c"]
    assert "PTEN" in targets["mir-21"]
    assert "HMGA2" in targets["let-7a"]


@pytest.mark.real
def test_hallmarks_of_the_cohorts_microrna(targets, tcga_mirna):
    sets = microrna_sets(tcga_mirna.var_names, targets, load_gene_sets("hallmark"))
    assert len(sets) == 47
    assert all(5 <= len(members) <= 60 for members in sets.values())
    assert {name for task in HALLMARK_TASKS.values() for name in task} <= set(sets)
    n_sets = Counter(name for members in sets.values() for name in members)
    assert max(n_sets.values()) <= 15, "no microRNA is in every set"
    assert {"hsa-mir-29a", "hsa-mir-29b-1", "hsa-mir-29c"} <= set(
        sets["HALLMARK_EPITHELIAL_MESENCHYMAL_TRANSITION"]
    ), "mir-29 represses collagens"
    assert "hsa-mir-34a" in sets["HALLMARK_APOPTOSIS"]
