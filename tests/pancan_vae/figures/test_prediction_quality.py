import numpy as np

from helpers.pancan_vae.classifiers.calibration import reliability_table
from helpers.pancan_vae.classifiers.mistakes import per_class_table
from helpers.pancan_vae.figures.prediction_quality import plot_prediction_quality


def test_types_stand_above_and_confidence_below():
    rng = np.random.default_rng(0)
    probability = rng.dirichlet([1, 1], size=60)
    true = rng.choice(["A", "B"], 60)
    predicted = np.array(["A", "B"])[probability.argmax(axis=1)]
    figure = plot_prediction_quality(
        per_class_table(true, predicted), reliability_table(probability, true, ["A", "B"])
    )
    above, below = figure.axes
    assert [label.get_text()[0] for label in above.get_yticklabels()] == sorted(
        "AB", key=lambda name: -(true == name).sum()
    )
    assert below.get_xlabel() == "mean confidence of the bin"
