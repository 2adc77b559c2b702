"""Vital status and times in everybody's words, and refusals whose lines mend them."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading.follow_up import event_of, read_follow_up

DIED = ["Dead", "DECEASED", "1:DECEASED", "1: dead", "Died of disease", "TRUE", True, "yes",
        "event", "Dead of other causes"]  # fmt: skip
ALIVE = ["Alive", "LIVING", "0:LIVING", "censored", "FALSE", False, "no", "lost to follow-up",
         "Alive with disease"]  # fmt: skip
NEITHER = ["2", "Deadly", "1:ALIVE", "0:DECEASED", "death: no", "event-free", "not dead", "maybe"]


def table(events, times=None):
    obs = pd.DataFrame({"os_event": events}, index=[f"s{i}" for i in range(len(events))])
    obs["os_time"] = 1000.0 if times is None else times
    return obs


@pytest.mark.parametrize(("words", "value"), [(DIED, 1.0), (ALIVE, 0.0)])
def test_words(words, value):
    for word in words:
        assert event_of(word) == value, word
        obs = table([word, 1, 0, None, "NA"])
        notes = read_follow_up(obs, "x.h5ad")
        np.testing.assert_array_equal(obs["os_event"], [value, 1, 0, np.nan, np.nan])
        assert "in words" in notes[0] and "missing for 2 of 5" in notes[1]


def test_words_that_are_neither():
    assert np.isnan([event_of(word) for word in NEITHER]).all()


@pytest.mark.parametrize(
    "events",
    [[0, 1, 1], [0.0, 1.0, np.nan], ["0", "1", "1.0"], pd.array([0, 1, None], dtype="Int64")],
)
def test_zero_and_one_need_no_words(events):
    obs = table(events)
    assert not any("words" in note for note in read_follow_up(obs, "x"))
    assert obs["os_event"].tolist()[:2] == [0, 1] and obs["os_event"].dtype == float


@pytest.mark.parametrize(
    "events",
    [
        [1, 2, 2, 1],
        ["1", "2", "NA", "1"],
        [2, 2, 2, 2],
        [1.0, 2, None, 1],
        pd.Categorical(["1", "2", None, "2"]),
    ],
)
def test_one_and_two_are_refused_with_both_readings(events):
    with pytest.raises(
        ValueError, match=r"two ways.*as in R: (.*)\. If 1 is died.*: (.*)"
    ) as error:
        read_follow_up(table(events), "mine.h5ad")
    r_says, others_say = (part.split(": ", 1)[1] for part in str(error.value).split("If ")[1:])
    for line, one in ((r_says.rstrip(". "), 0), (others_say, 1)):
        adata = type("adata", (), {"obs": table(events)})
        exec(line, {"adata": adata})
        read_follow_up(adata.obs, "mine.h5ad")
        expected = [np.nan if pd.isna(e) or e == "NA" else one if float(e) == 1 else 1 - one
                    for e in events]  # fmt: skip
        np.testing.assert_array_equal(adata.obs["os_event"], expected)


@pytest.mark.parametrize("events", [[0, 1, 2], [0, 1, 0.5], ["Dead", "maybe", "Alive"], [-1, 1, 0]])
def test_other_events_are_refused_and_the_line_mends_them(events):
    with pytest.raises(ValueError, match=r"must be 1 \(died\) or 0") as error:
        read_follow_up(table(events), "mine.h5ad")
    adata = type("adata", (), {"obs": table(events)})
    exec(str(error.value).split("with: ")[1], {"adata": adata})
    read_follow_up(adata.obs, "mine.h5ad")
    assert adata.obs["os_event"].isna().sum() == 1


def test_times():
    obs = table([1] * 6, ["100", "NA", "", 0, -5, 12.5])
    notes = read_follow_up(obs, "mine.h5ad")
    np.testing.assert_array_equal(obs["os_time"], [100, np.nan, np.nan, np.nan, np.nan, 12.5])
    assert "missing for 2 of 6" in notes[0] and "not above 0 days for 2 of 6" in notes[1]
    assert "If it is months" in notes[2]


def test_a_time_that_is_no_number_is_refused_and_the_line_mends_it():
    with pytest.raises(ValueError, match="sample s1 has '3 years' ") as error:
        read_follow_up(table([1, 0], ["100", "3 years"]), "mine.h5ad")
    adata = type("adata", (), {"obs": table([1, 0], ["100", "3 years"])})
    exec(str(error.value).split("with: ")[1], {"adata": adata})
    read_follow_up(adata.obs, "mine.h5ad")
    assert adata.obs["os_time"].isna().tolist() == [False, True]


def test_half_of_survival():
    assert (
        "os_event and no os_time" in read_follow_up(table([1, 0]).drop(columns="os_time"), "x")[0]
    )


def test_times_of_which_none_is_above_zero_are_refused_and_one_is_enough():
    obs = table([1, 0, 1], [0.0, 0.0, np.nan])
    with pytest.raises(ValueError, match=r"os_time.*days above 0; no sample has any") as refused:
        read_follow_up(obs, "x.h5ad")
    assert str(refused.value).endswith('adata.obs = adata.obs.drop(columns="os_time")')
    one = table([1, 0, 1], [0.0, 5.0, np.nan])
    assert any("not above 0 days for 1 of 3" in note for note in read_follow_up(one, "x.h5ad"))
    read_follow_up(table([1, 0], np.nan), "x.h5ad")  # none given
