"""Lines for groups of tumours: a user's, or each type of the cohort's."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.analyses import tumour_lookup
from helpers.rnalign.analyses.line_ranking import ALL, rank_lines_for_tumours
from helpers.rnalign.analyses.tumour_lookup import look_up_tumour
from helpers.rnalign.metrics.line_ranks import line_distances, rank_lines


@pytest.fixture(scope="module")
def aligned(compared):
    return compared.first.aligned


def owned(data, rows):
    is_own = np.zeros(len(data.x), dtype=bool)
    is_own[rows] = True
    return replace(data, obs=data.obs.assign(is_own=is_own))


def test_each_type_of_the_cohort_has_its_lines_ranked(aligned, data):
    found = rank_lines_for_tumours(aligned, data)
    assert [*found.n_tumours] == list(data.scored) and set(found.n_tumours.values()) == {20}
    first = found.lines[found.lines["tumours"] == "eye"]
    tumours = np.flatnonzero(~data.facts.is_line & (data.facts.cancer_type == "eye"))
    distance = line_distances(aligned["mean_shift"], data.facts.is_line, tumours)
    lines = data.obs[data.facts.is_line]
    expected = rank_lines(distance, lines["cancer_type"], ["eye"])
    assert first["line"].tolist() == lines.index[expected.index].tolist()
    np.testing.assert_allclose(first["p"], expected["p"])
    told = line_distances(aligned["rnalign"], data.facts.is_line, tumours).mean(axis=0)
    assert first.set_index("line")["told_rank"].idxmin() == lines.index[told.argmin()]
    assert len(found.by_tumour) == 5 * 60
    of_one = found.by_tumour[found.by_tumour["tumour"] == data.obs.index[tumours[3]]]
    alone = rank_lines(distance[3], lines["cancer_type"], ["eye"]).head(5)
    assert of_one["line"].tolist() == lines.index[alone.index].tolist()
    np.testing.assert_allclose(of_one[["rank", "distance", "p"]], alone[["rank", "distance", "p"]])
    others = distance[3][lines["cancer_type"].to_numpy() != "eye"]
    null = of_one[["others_min", "others_q05", "others_q50", "others_q95"]].to_numpy()
    np.testing.assert_allclose(null, [np.quantile(others, [0, 0.05, 0.5, 0.95])] * 5)
    nearest = found.lines[found.lines["rank"] <= 10]
    assert found.metrics == {"lookup.own_type_first": nearest["is_own_type"].mean()}
    assert found.drugs is None and "No drug screen" in found.best_drugs["note"][0]
    assert set(found.tables) == {"ranked_lines", "lines_by_tumour"}


def test_a_users_tumours_alone_are_asked_about(aligned, data):
    tumours = np.flatnonzero(~data.facts.is_line)
    known = owned(data, tumours[[0, 1, 25]])
    found = rank_lines_for_tumours(aligned, known)
    assert found.n_tumours == {ALL: 3, "eye": 2, "gut": 1}
    assert set(found.by_tumour["tumour"]) == set(data.obs.index[tumours[[0, 1, 25]]])
    whole = found.lines[found.lines["tumours"] == ALL]
    assert set(whole.loc[whole["p"].notna(), "cancer_type"]) == {"eye", "gut"}
    one = rank_lines_for_tumours(aligned, owned(data, tumours[:1]))
    assert one.n_tumours == {"eye": 1} and len(one.nearest) == 5
    own = look_up_tumour(data.x, known)
    assert own.tumour in set(data.obs.index[tumours[[0, 1, 25]]])


def test_drugs_of_the_nearest_screened_lines(aligned, data, monkeypatch):
    models = np.where(data.facts.is_line, "ACH-" + data.obs.index.str[7:], "")
    known = replace(data, obs=data.obs.assign(model_id=models))
    rng = np.random.default_rng(0)
    rows = [(m, d, rng.normal()) for m in models[data.facts.is_line] for d in ("A", "B")]
    screen = pd.DataFrame(rows, columns=["model_id", "drug", "ln_ic50"])
    monkeypatch.setattr(tumour_lookup, "load_drug_sensitivity", lambda: screen)
    found = rank_lines_for_tumours(aligned, known)
    assert found.drugs.groupby("tumours").size().to_dict() == dict.fromkeys(data.scored, 2)
    assert (found.drugs["n"] == 10).all() and len(found.best_drugs) == 6
    near = found.lines[found.lines["tumours"] == "gut"].head(10)["line"]
    own = screen[screen["model_id"].isin(known.obs["model_id"][near]) & (screen["drug"] == "A")]
    shown = found.drugs[(found.drugs["tumours"] == "gut") & (found.drugs["drug"] == "A")]
    assert shown["ln_ic50"].iloc[0] == pytest.approx(own["ln_ic50"].median())
