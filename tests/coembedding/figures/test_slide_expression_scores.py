import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from helpers.coembedding.figures.slide_expression_scores import (
    MEAN_PROFILE,
    SPLIT_COLOURS,
    plot_histology_scores,
)
from helpers.figures.palette import style

SPLITS = ("held-out patients", "held-out sites")


def scores():
    values = {"MLP": (0.28, 0.938, 0.2), "ridge": (0.26, 0.937, 0.19), MEAN_PROFILE: (0, 0.933, 0)}
    columns = ["gene_median", "sample_mean", "sample_centred_mean"]
    rows = [
        {"method": name, "split": split, **dict(zip(columns, np.array(row) + step, strict=True))}
        for name, row in values.items()
        for split in SPLITS
        for step in (-0.01, 0.01)
    ]
    return pd.DataFrame(rows)


def test_the_mean_profile_is_hollow_in_every_panel(small_texts):
    style()
    axes = plot_histology_scores(scores())
    assert len(axes) == 3
    for ax in axes:
        faces = [to_hex(bar[0].get_markerfacecolor()) for bar in ax.containers]
        assert faces == [
            face
            for colour in SPLIT_COLOURS[:2]
            for face in (colour, colour, "#ffffff")
        ]  # fmt: skip
    notes = [text.get_text() for text in axes[1].texts]
    assert notes == ["0.938", "0.937", "0.933"] * 2
    assert [label.get_text() for label in axes[0].get_yticklabels()] == [
        "MLP", "ridge", MEAN_PROFILE,
    ]  # fmt: skip
    (legend,) = axes[0].figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [*SPLITS]
    assert small_texts(axes[0].figure) == []


def test_bars_are_deviations_and_zero_is_always_in_sight():
    axes = plot_histology_scores(scores())
    segment = axes[0].containers[0][2][0].get_segments()[0][:, 0]
    sd = np.std([-0.01, 0.01], ddof=1)
    np.testing.assert_allclose(segment, [0.28 - sd, 0.28 + sd])
    assert all(ax.get_xlim()[0] < 0 for ax in axes)


def test_a_missing_column_is_named():
    with pytest.raises(ValueError, match=r"lacks the columns \['split'\]"):
        plot_histology_scores(scores().drop(columns="split"))
