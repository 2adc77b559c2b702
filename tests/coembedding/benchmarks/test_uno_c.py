import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.coembedding.benchmarks.uno_c import censoring_survival, uno_c


def naive(time, event, risk, tau, g):
    """Uno's C by its definition, pair by pair; g: time → P(censored at t or later)."""
    above = below = 0.0
    for i in range(len(time)):
        for j in range(len(time)):
            if event[i] and time[i] < time[j] and time[i] < tau:
                weight = 1 / g(time[i]) ** 2
                above += weight * (1 if risk[i] > risk[j] else 0.5 if risk[i] == risk[j] else 0)
                below += weight
    return above / below


def kaplan_meier(time, event, at):
    """P(censored at `at` or later), as a product over distinct earlier censoring times."""
    value = 1.0
    for t in sorted(set(time[~event])):
        if t < at:
            n_at_risk = np.sum(time >= t) - np.sum(event & (time == t))
            value *= 1 - np.sum(~event & (time == t)) / n_at_risk
    return value


def simulated(seed, n=60, censoring=1.5, decimals=1):
    rng = np.random.default_rng(seed)
    risk = rng.normal(size=n)
    death, end = rng.exponential(np.exp(-risk)), rng.exponential(censoring, n)
    time = np.round(np.minimum(death, end), decimals) + 0.1
    return time, death <= end, np.round(risk, 1)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_it_equals_the_definition_ties_included(seed):
    time, event, risk = simulated(seed)
    train_time, train_event, _ = simulated(seed + 1)
    tau = float(np.quantile(train_time, 0.7))
    found = uno_c(time, event, risk, tau, train_time, train_event)
    expected = naive(time, event, risk, tau, lambda t: kaplan_meier(train_time, train_event, t))
    assert found == pytest.approx(expected)


def test_a_hand_computed_example():
    # Censored at 2 of 3 at risk: G(3−) = 2/3. Deaths at 1 (G 1) and 3 (G 2/3 → weight 9/4).
    time, event, risk = [1, 2, 3, 4], [1, 0, 1, 0], [3, 1, 0, 2]
    # Pairs of 1: (2, 3, 4), all concordant: 3 of 3. Pairs of 3: (4), discordant: 0 of 9/4.
    assert uno_c(time, event, risk, 10, time, event) == pytest.approx(3 / (3 + 9 / 4))
    assert uno_c(time, event, risk, 3, time, event) == 1, "a death at tau is beyond it"


def test_without_censoring_it_is_harrells():
    from lifelines.utils import concordance_index

    rng = np.random.default_rng(0)
    risk = rng.normal(size=80)
    time = rng.exponential(np.exp(-risk))
    found = uno_c(time, np.ones(80), risk, np.inf, time, np.ones(80))
    assert found == pytest.approx(concordance_index(time, -risk, np.ones(80)))


def test_the_censoring_survival_equals_lifelines():
    from lifelines import KaplanMeierFitter

    time, event, _ = simulated(3, decimals=6)
    curve = KaplanMeierFitter().fit(time, ~event)
    at = np.sort(time) + 1e-9  # just after, where left and right limits agree
    expected = curve.survival_function_at_times(at).to_numpy()
    np.testing.assert_allclose(censoring_survival(time, event, at), expected)
    assert censoring_survival(time, event, [0.0])[0] == 1


def test_censoring_moves_harrells_c_more_than_unos():
    from lifelines.utils import concordance_index

    rng = np.random.default_rng(0)
    n = 1500
    risk = rng.normal(size=n)
    # The marker tells early deaths and not late ones, so that losing the late ones flatters it.
    death = np.where(risk > 0, rng.exponential(0.5, n), 0.5 + rng.exponential(1.5, n))
    blurred = np.where(death < 0.7, risk, rng.normal(size=n))
    truth = uno_c(death, np.ones(n), blurred, 1.5, death, np.ones(n))
    end = rng.exponential(0.7, n)
    time, event = np.minimum(death, end), death <= end
    weighted = uno_c(time, event, blurred, 1.5, time, event)
    plain = concordance_index(time, -blurred, event)
    assert abs(weighted - truth) < 0.5 * abs(plain - truth)
    assert weighted == pytest.approx(truth, abs=0.03)


def test_order_is_all_that_counts_and_its_reverse_mirrors():
    time, event, risk = simulated(1)
    args = 2.0, time, event
    found = uno_c(time, event, risk, *args)
    assert uno_c(time, event, np.exp(risk), *args) == pytest.approx(found)
    assert uno_c(time, event, -risk, *args) == pytest.approx(1 - found)
    assert uno_c(time, event, 0 * risk, *args) == 0.5


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="needs a death before tau = 5"):
        uno_c([1, 2], [0, 0], [1, 2], 5, [1, 2], [1, 1])
    with pytest.raises(ValueError, match="Lower tau"):
        uno_c([5, 6], [1, 0], [1, 2], 9, [1, 2], [0, 0])
    with pytest.raises(ValueError, match="2 samples, `time` has 3"):
        uno_c([1, 2, 3], [1, 0], [1, 2], 9, [1, 2], [0, 0])
