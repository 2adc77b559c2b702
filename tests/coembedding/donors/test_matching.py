"""Pseudo-pairs: who is matched with whom, what gives way, and what a match is worth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge

from helpers.coembedding.atac.gene_activity import gene_activity, gene_weights
from helpers.coembedding.donors.matching import (
    bridge_to_rna,
    match_correlated,
    match_unpaired,
    matched_rows,
)
from helpers.coembedding.donors.modalities import modality
from helpers.coembedding.simulation import simulate_multiomics


def people(*rows, prefix="P"):
    table = pd.DataFrame(rows, columns=["cancer_type", "sex", "race", "age"])
    table["patient"] = [f"{prefix}{i}" for i in range(len(table))]
    return table.set_index("patient", drop=False)


ATAC = people(("BRCA", "female", "WHITE", 50), prefix="A")


@pytest.mark.parametrize(
    ("rows", "chosen", "level"),
    [
        ([("BRCA", "female", "ASIAN", 50), ("BRCA", "female", "WHITE", 60)], 1, 0),
        ([("BRCA", "female", "WHITE", 58), ("BRCA", "female", "WHITE", 49)], 1, 0),
        ([("BRCA", "female", "WHITE", 61), ("BRCA", "female", "ASIAN", 55)], 1, 1),
        ([("BRCA", "male", "WHITE", 50), ("BRCA", "female", None, 59)], 1, 1),
        ([("BRCA", "female", "WHITE", 99), ("BRCA", "male", "ASIAN", 55)], 1, 2),
        ([("LUAD", "female", "WHITE", 50), ("BRCA", "male", "ASIAN", 90)], 1, 3),
        ([("BRCA", "male", "ASIAN", np.nan), ("BRCA", "male", "ASIAN", 90)], 1, 3),
    ],
)
def test_what_gives_way_first(rows, chosen, level):
    pairs = match_unpaired(ATAC, people(*rows, prefix="R"))
    assert pairs[["rna_row", "level"]].iloc[0].tolist() == [chosen, level]


def test_unknown_race_agrees_with_nothing_and_unknown_age_has_no_gap():
    atac = people(("BRCA", "female", None, np.nan), prefix="A")
    rna = people(("BRCA", "female", None, 50), prefix="R")
    pairs = match_unpaired(atac, rna)
    assert pairs["level"].tolist() == [3] and pairs["age_gap"].isna().all()


def test_nobody_stands_in_twice_while_another_is_unused():
    atac = people(*[("BRCA", "female", "WHITE", 50)] * 5, prefix="A")
    rna = people(("BRCA", "female", "WHITE", 50), ("BRCA", "male", "ASIAN", 90), prefix="R")
    pairs = match_unpaired(atac, rna)
    assert np.bincount(pairs["rna_row"]).tolist() == [3, 2]


def test_a_patient_is_not_matched_with_itself():
    same = people(("BRCA", "female", "WHITE", 50), ("BRCA", "male", "ASIAN", 80))
    assert match_unpaired(same, same)["rna_row"].tolist() == [1, 0]
    assert match_unpaired(same, same, same_patient=True)["rna_row"].tolist() == [0, 1]


def agrees_with(table, cancer_type):
    return (table["cancer_type"] == cancer_type).to_numpy()


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10_000))
def test_the_type_always_agrees_and_levels_mean_what_they_say(seed):
    rng = np.random.default_rng(seed)

    def draw(n, prefix):
        columns = [rng.choice(v, n) for v in (["B", "L"], ["f", "m"], ["W", "A", "K"])]
        return people(*zip(*columns, rng.integers(30, 80, n), strict=True), prefix=prefix)

    atac, rna = draw(12, "A"), draw(40, "R")
    rna.loc[rna.index[:2], "cancer_type"] = ["B", "L"]
    pairs = match_unpaired(atac, rna, caliper=5)
    assert pairs["atac_row"].tolist() == list(range(12))
    a, r = atac.iloc[pairs["atac_row"]], rna.iloc[pairs["rna_row"]]
    agrees = {c: a[c].to_numpy() == r[c].to_numpy() for c in ("cancer_type", "sex", "race")}
    level = pairs["level"].to_numpy()
    close = np.abs(a["age"].to_numpy() - r["age"].to_numpy()) <= 5
    assert agrees["cancer_type"].all()
    assert close[level <= 2].all() and agrees["sex"][level <= 1].all()
    assert agrees["race"][level == 0].all()
    n_atac, n_rna = atac["cancer_type"].value_counts(), rna["cancer_type"].value_counts()
    for name, n in n_atac.items():
        of_type = pairs["rna_row"][agrees_with(a, name)]
        assert of_type.nunique() == min(n, n_rna[name])


def test_an_atac_sample_without_a_match_is_named_or_left_out():
    atac = people(
        ("BRCA", "female", "WHITE", 50), ("GBM", "male", "WHITE", 50), ("GBM", "male", "WHITE", 60),
        prefix="A",
    )  # fmt: skip
    rna = people(("BRCA", "female", "WHITE", 50), prefix="R")
    with pytest.raises(ValueError, match=r"A1 \(GBM, 2 ATAC samples\) has none.*leave_out=True"):
        match_unpaired(atac, rna)
    assert match_unpaired(atac, rna, leave_out=True)["atac_row"].tolist() == [0]
    with pytest.raises(ValueError, match="RNA is empty"):
        match_unpaired(atac, rna.iloc[:0])
    with pytest.raises(ValueError, match='ATAC must have "patient"'):
        match_unpaired(atac.drop(columns="patient"), rna)


def test_columns_neither_has_are_not_asked_for():
    atac, rna = ATAC.drop(columns=["sex", "race"]), people(("BRCA", "female", "WHITE", 52))
    assert match_unpaired(atac, rna)["level"].tolist() == [0]


def test_the_most_correlated_are_those_of_numpy():
    rng = np.random.default_rng(0)
    a, r = rng.normal(size=(6, 30)), rng.normal(size=(20, 30))
    a[:, 3], r[:, 5] = 2.0, np.nan  # a constant gene and one that is not known
    pairs = match_correlated(a, r, n=4)
    kept = [j for j in range(30) if j not in (3, 5)]
    za, zr = ((m[:, kept] - m[:, kept].mean(0)) / m[:, kept].std(0) for m in (a, r))
    expected = np.corrcoef(za, zr)[:6, 6:]
    for row, found in pairs.groupby("atac_row"):
        best = np.argsort(-expected[row])[:4]
        assert found["rna_row"].tolist() == best.tolist()
        np.testing.assert_allclose(found["correlation"], expected[row, best])


def test_own_patient_and_other_types_are_left_out():
    rng = np.random.default_rng(0)
    r = rng.normal(size=(12, 50))
    patients = np.array([f"P{i}" for i in range(12)])
    types = np.repeat(["B", "L"], 6)
    assert match_correlated(r, r, 1)["rna_row"].tolist() == list(range(12))
    others = match_correlated(r, r, 1, (patients, patients), (types, types))
    assert (others["rna_row"] != others["atac_row"]).all()
    assert (types[others["rna_row"]] == types[others["atac_row"]]).all()
    with pytest.raises(ValueError, match="6 RNA samples to be matched with; row 0 has 5"):
        match_correlated(r, r, 6, (patients, patients), (types, types))
    with pytest.raises(ValueError, match="the same genes"):
        match_correlated(r, r[:, :9])
    with pytest.raises(ValueError, match="3 or more genes must vary"):
        match_correlated(np.ones((2, 5)), np.ones((3, 5)), 1)


@pytest.fixture(scope="module")
def demo():
    cohort = simulate_multiomics(0)
    (atac, atac_rows), (rna, rna_rows) = modality(cohort, "atac"), modality(cohort, "rna")
    return atac, cohort.obs.iloc[atac_rows], rna, cohort.obs.iloc[rna_rows], cohort


def test_gene_activity_finds_the_donor_among_all(demo):
    atac, obs_atac, rna, obs_rna, cohort = demo
    weights = gene_weights(cohort.uns["atac_var"], cohort.var, decay=25_000)
    pairs = match_correlated(gene_activity(atac, weights), rna, n=4)
    a, r = (o["patient"].to_numpy() for o in (obs_atac, obs_rna))
    is_self = a[pairs["atac_row"]] == r[pairs["rna_row"]]
    n_both = cohort.obs["has_rna"] & cohort.obs["has_atac"]
    assert is_self.sum() / n_both.sum() > 0.5  # by chance 4 of 450
    shuffled = match_correlated(gene_activity(atac[:, ::-1], weights), rna, n=4)
    chance = (a[shuffled["atac_row"]] == r[shuffled["rna_row"]]).sum() / n_both.sum()
    assert chance < 0.1


def test_peaks_are_matched_by_gene_activity_where_genes_have_a_place_and_through_the_bridge_else(
    demo,
):
    atac, obs_atac, rna, obs_rna, cohort = demo
    peaks, places = cohort.uns["atac_var"], cohort.var[["chrom", "tss"]]
    weights = gene_weights(peaks, places)
    facts = [(obs_atac[name], obs_rna[name]) for name in ("patient", "cancer_type")]
    found = {}
    for name, genes in {"places": places, "no tss": places[["chrom"]]}.items():
        rows = matched_rows(rna, atac, obs_rna, obs_atac, genes, peaks, "paper")
        found[name] = set(map(tuple, rows))
    near = match_correlated(gene_activity(atac, weights), rna, 1, *facts)
    assert set(near[["atac_row", "rna_row"]].itertuples(index=False, name=None)) <= found["places"]
    assert found["places"] != found["no tss"]


def test_the_bridge_of_pseudo_pairs_predicts_better_than_shuffled_pairs(demo):
    atac, obs_atac, rna, obs_rna, _ = demo
    pairs = match_unpaired(obs_atac, obs_rna)
    types = obs_atac["cancer_type"].to_numpy(), obs_rna["cancer_type"].to_numpy()

    def same_type(pairs):
        found = match_correlated(bridge_to_rna(atac, rna, pairs), rna, n=4)
        return (types[0][found["atac_row"]] == types[1][found["rna_row"]]).mean()

    shuffled = pairs.assign(rna_row=np.random.default_rng(0).permutation(pairs["rna_row"]))
    assert same_type(pairs) > 0.6 > 0.35 > same_type(shuffled)


def test_the_bridge_is_ridge_regression():
    rng = np.random.default_rng(0)
    atac, rna = rng.normal(size=(30, 6)), rng.normal(size=(40, 5))
    pairs = pd.DataFrame({"atac_row": np.arange(20), "rna_row": np.arange(20) + 3})
    x, y = atac[:20], rna[3:23]
    alpha = 2.0 * ((x - x.mean(0)) ** 2).sum() / 6
    expected = Ridge(alpha=alpha).fit(x, y).predict(atac)
    np.testing.assert_allclose(bridge_to_rna(atac, rna, pairs, 2.0), expected, rtol=1e-4)
    with pytest.raises(ValueError, match="2 or more pseudo-pairs; got 1"):
        bridge_to_rna(atac, rna, pairs.iloc[:1])
    with pytest.raises(ValueError, match="must vary over the pseudo-pairs"):
        bridge_to_rna(np.ones((30, 6)), rna, pairs)
