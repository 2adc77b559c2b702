import numpy as np
import pytest
from scipy.stats import binom
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from statsmodels.stats.contingency_tables import mcnemar

from helpers.pancan_vae.classifiers.paired_predictions import mcnemar_p, paired_scores


@pytest.fixture(scope="module")
def predictions():
    rng = np.random.default_rng(0)
    truth = rng.choice(list("abc"), 300, p=[0.6, 0.3, 0.1])
    wrong = {"good": 0.1, "bad": 0.4}
    noisy = {
        n: np.where(rng.random(300) < w, rng.permutation(truth), truth) for n, w in wrong.items()
    }
    return truth, noisy


def test_scores_equal_those_of_sklearn_and_p_that_of_statsmodels(predictions):
    truth, predicted = predictions
    table = paired_scores(truth, predicted, "good")
    for name, labels in predicted.items():
        assert table.loc[name, "accuracy"] == accuracy_score(truth, labels)
        assert table.loc[name, "balanced_accuracy"] == balanced_accuracy_score(truth, labels)
    right = {name: labels == truth for name, labels in predicted.items()}
    cells = [
        [np.sum(right["bad"] & right["good"]), np.sum(right["bad"] & ~right["good"])],
        [np.sum(~right["bad"] & right["good"]), np.sum(~right["bad"] & ~right["good"])],
    ]
    assert table.loc["bad", "p"] == pytest.approx(mcnemar(cells, exact=True).pvalue)
    assert (table.loc["bad", "only_here"], table.loc["bad", "only_reference"]) == (
        cells[0][1],
        cells[1][0],
    )


def test_the_reference_is_not_tested_against_itself(predictions):
    truth, predicted = predictions
    table = paired_scores(truth, {"same": predicted["good"], **predicted}, "good")
    assert np.isnan(table.loc["good", "p"])
    assert table.loc["same", "p"] == 1
    assert table.loc["bad", "fdr"] == pytest.approx(2 * table.loc["bad", "p"])


@pytest.mark.parametrize(("a", "b"), [(0, 0), (0, 5), (3, 9), (7, 7)])
def test_the_exact_p_by_hand(a, b):
    n = a + b
    assert mcnemar_p(a, b) == pytest.approx(min(1, 2 * binom.cdf(min(a, b), n, 0.5)) if n else 1)


def test_an_unknown_reference_and_unequal_lengths_are_refused(predictions):
    truth, predicted = predictions
    with pytest.raises(ValueError, match="one of"):
        paired_scores(truth, predicted, "best")
    with pytest.raises(ValueError, match="299"):
        paired_scores(truth[1:], predicted, "good")
