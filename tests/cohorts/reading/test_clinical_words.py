import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading.clinical_words import read_clinical_words, stage_word
from helpers.evaluate.survival import stage_number

STAGES = {
    "stage iia": 2, "Stage IIA": 2, "IIA": 2, "2": 2, "2a": 2, "Stage_IV": 4, "STAGE IIIC1": 3,
    "pT2N0": None, "stage 3b": 3, "AJCC Stage I": 1, "pIIB": 2, "Stage 0": 0, "Stage X": None,
    "i/ii nos": None, "4.0": 4, "Pathologic Stage III": 3, "high": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "number"), STAGES.items())
def test_stages_become_what_the_covariates_read(text, number):
    obs = pd.DataFrame({"stage": [text, "Stage I", None]})
    notes = read_clinical_words(obs)
    read = stage_number(obs["stage"])
    assert read[0] == number or (
        number is None and np.isnan(read[0]) and "cannot be read" in notes[0]
    )
    assert read[1] == 1 and np.isnan(read[2])


def test_stages_that_were_read_before_stay_as_they_are():
    for text in ("Stage IIA", "IIA", "stage II", "0"):
        assert stage_word(text) == text
    obs = pd.DataFrame({"stage": [1.0, 2.0, np.nan, 9.0]})
    assert "'9.0' (1) cannot be read" in read_clinical_words(obs)[0]
    np.testing.assert_array_equal(obs["stage"], [1, 2, np.nan, np.nan])


def test_sex():
    obs = pd.DataFrame({"sex": ["F", "MALE", "woman", "xy", "", None, "1"]})
    notes = read_clinical_words(obs)
    assert obs["sex"].tolist()[:4] == ["female", "male", "female", "male"]
    assert notes == ["obs['sex']: '1' (1) cannot be read as male and female: not used as sex."]


def test_age():
    obs = pd.DataFrame({"age": ["61", ">89", "90+", "NA", "old", 45]})
    notes = read_clinical_words(obs)
    np.testing.assert_array_equal(obs["age"], [61, 89, 90, np.nan, np.nan, 45])
    assert "'old' (1) cannot be read" in notes[0] and "that number of years" in notes[1]
    obs = pd.DataFrame({"age": [-20000.0, -21915.0, np.nan]})
    assert "read as days" in read_clinical_words(obs)[0]
    assert obs["age"][1] == pytest.approx(60)
    obs = pd.DataFrame({"age": [50, 60, 999]})
    assert "'999.0' (1)" in read_clinical_words(obs)[0] and np.isnan(obs["age"][2])
