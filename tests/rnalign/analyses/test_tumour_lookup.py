"""One tumour's lines, and their drugs where a screen is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.rnalign.analyses import tumour_lookup
from helpers.rnalign.analyses.tumour_lookup import look_up_tumour


def test_the_purest_scored_tumour_is_asked_by_default(data):
    found = look_up_tumour(data.x, data)
    tumours = data.obs[~data.facts.is_line]
    assert found.tumour == tumours["purity"].idxmax()
    row = data.obs.index.get_loc(found.tumour)
    lines = np.flatnonzero(data.facts.is_line)
    r = [np.corrcoef(data.x[row], data.x[line])[0, 1] for line in lines]
    assert found.lines["line"][0] == data.obs.index[lines[np.argmax(r)]]
    assert found.lines["correlation"][0] == pytest.approx(max(r))
    assert len(found.lines) == 10 and "cancer_type" in found.lines
    assert found.drugs is None and set(found.tables) == {"nearest_lines"}
    assert "No drug screen" in found.best_drugs["note"][0]


def test_a_tumour_can_be_named_and_a_line_cannot(data):
    name = data.obs.index[~data.facts.is_line][5]
    assert look_up_tumour(data.x, data, name).tumour == name
    line = data.obs.index[data.facts.is_line][0]
    with pytest.raises(ValueError, match=f"`tumour` must be one of .*; got '{line}'"):
        look_up_tumour(data.x, data, line)


def with_models(data):
    models = np.where(data.facts.is_line, "ACH-" + data.obs.index.str[7:], "")
    return replace(data, obs=data.obs.assign(model_id=models))


def screen(models):
    rng = np.random.default_rng(0)
    rows = [(model, drug, rng.normal()) for model in models for drug in ("A", "B")]
    return pd.DataFrame(rows, columns=["model_id", "drug", "ln_ic50"])


def test_drugs_of_screened_lines_only(data, monkeypatch):
    known = with_models(data)
    models = known.obs["model_id"][data.facts.is_line]
    monkeypatch.setattr(tumour_lookup, "load_drug_sensitivity", lambda: screen(models[:20]))
    found = look_up_tumour(data.x, known)
    assert set(found.drugs["drug"]) == {"A", "B"} and (found.drugs["n"] == 10).all()
    assert set(found.tables) == {"nearest_lines", "drugs"} and len(found.best_drugs) == 2


def test_nine_screened_lines_are_too_few(data, monkeypatch):
    known = with_models(data)
    models = known.obs["model_id"][data.facts.is_line]
    monkeypatch.setattr(tumour_lookup, "load_drug_sensitivity", lambda: screen(models[:9]))
    assert look_up_tumour(data.x, known).drugs is None
