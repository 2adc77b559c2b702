import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from helpers.vqvae_subtyping.figures.kaplan_meier import (
    kaplan_meier_steps,
    plot_kaplan_meier,
    plot_kaplan_meier_by,
)


@pytest.fixture
def patients():
    rng = np.random.default_rng(0)
    time = np.ceil(rng.exponential(1500, 200)) + 1
    return time, rng.random(200) < 0.6, np.repeat(["A", "B"], [120, 80])


def test_steps_are_lifelines_estimate(patients):
    time, event, _ = patients
    at, survival = kaplan_meier_steps(time, event)
    expected = KaplanMeierFitter().fit(time, event).survival_function_
    np.testing.assert_array_equal(at, expected.index)
    np.testing.assert_allclose(survival, expected.iloc[:, 0], atol=1e-12)


def test_curves_ticks_and_numbers_at_risk(patients, small_texts):
    time, event, labels = patients
    ax = plot_kaplan_meier(time, event, labels, p=0.0123)
    risk_ax = ax.figure.axes[1]
    steps = [line for line in ax.lines if line.get_drawstyle() == "steps-post"]
    censored = [line for line in ax.lines if line.get_marker() == "|"]
    assert len(steps) == 2 and steps[0].get_ydata()[0] == 1
    assert len(censored[0].get_xdata()) == (~event & (labels == "A")).sum()
    assert steps[0].get_color() == censored[0].get_color() != steps[1].get_color()
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend[0] == f"A  {event[:120].sum()}/120"
    years = ax.get_xticks()
    texts = iter(text.get_text() for text in risk_ax.texts)
    for name in "AB":
        expected = [(time[labels == name] / 365.25 >= year).sum() for year in years]
        assert [int(next(texts)) for _ in years] == expected
    assert "log-rank p = 0.012" in ax.get_title() and "n = 200" in ax.get_title()
    assert risk_ax.get_xlabel() == "years" and risk_ax.get_xlim() == ax.get_xlim()
    assert small_texts(ax.figure) == []


def test_own_axes_without_a_risk_table_and_own_colours(patients):
    time, event, labels = patients
    _, given = plt.subplots()
    ax = plot_kaplan_meier(time, event, labels, given, colours={"A": "red", "B": "blue"})
    assert ax is given and ax.get_xlabel() == "years"
    assert ax.lines[0].get_color() == "red"
    assert "p =" not in ax.get_title()
    of_series = plot_kaplan_meier(pd.Series(time), pd.Series(event), labels)
    assert of_series.get_xlim() == ax.get_xlim()
    assert ax.get_xlim() == pytest.approx((0, np.quantile(time, 0.95) / 365.25))


def test_groupings_stand_side_by_side_each_with_its_risk_table(patients, small_texts):
    time, event, labels = patients
    halves = np.tile(["C", "D"], 100)
    colours = {"A": "red", "B": "blue", "C": "green", "D": "black"}
    groupings = {"subtype": labels, "cluster": halves}
    axes = plot_kaplan_meier_by(time, event, groupings, p={"cluster": 0.5}, colours=colours)
    assert axes.shape == (2, 2)
    for column, (title, of_patient) in enumerate(groupings.items()):
        alone = plot_kaplan_meier(time, event, of_patient, colours=colours)
        for line, expected in zip(axes[0, column].lines, alone.lines, strict=True):
            np.testing.assert_array_equal(line.get_xydata(), expected.get_xydata())
            assert line.get_color() == expected.get_color()
        at_risk = [text.get_text() for text in axes[1, column].texts]
        assert at_risk == [text.get_text() for text in alone.figure.axes[1].texts]
        assert axes[0, column].get_title().startswith(f"{title} (n = 200")
        assert axes[1, column].get_xlabel() == "years"
    assert "p =" not in axes[0, 0].get_title() and "p = 0.5" in axes[0, 1].get_title()
    assert small_texts(axes[0, 0].figure) == []


def test_groupings_are_drawn_in_given_axes_of_their_number(patients):
    time, event, labels = patients
    _, given = plt.subplots(2, 1, squeeze=False)
    assert plot_kaplan_meier_by(time, event, {"subtype": labels}, given) is given
    assert len(given[0, 0].lines) == 4
    with pytest.raises(ValueError, match=r"`axes` must be 2 × 2 for 2 groupings; .*\(2, 1\)"):
        plot_kaplan_meier_by(time, event, {"subtype": labels, "cluster": labels}, given)


def test_one_group_with_numbers_as_labels_and_no_death(patients):
    time, _, _ = patients
    ax = plot_kaplan_meier(time, np.zeros(200), np.full(200, 3))
    assert "0 deaths" in ax.get_title() and (ax.lines[0].get_ydata() == 1).all()


def test_bad_times_and_lengths_are_refused(patients):
    time, event, labels = patients
    with pytest.raises(ValueError, match="one value per patient; got 200, 199 and 200"):
        plot_kaplan_meier(time, event[1:], labels)
    with pytest.raises(ValueError, match="shortest time -1"):
        plot_kaplan_meier(np.where(time == time[0], -1, time), event, labels)
