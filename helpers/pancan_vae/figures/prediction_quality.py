"""Precision and recall of each type above, the classifier's reliability below."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from helpers.pancan_vae.figures.classifier_scores import plot_per_class
from helpers.pancan_vae.figures.reliability import plot_reliability


def plot_prediction_quality(per_class: pd.DataFrame, reliability: pd.DataFrame) -> Figure:
    """One figure of `plot_per_class` and `plot_reliability`, from the tables they take."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(7, 11), layout="constrained")
    plot_per_class(per_class, above)
    plot_reliability(reliability, below)
    return figure
