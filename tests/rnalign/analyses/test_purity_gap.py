"""The gap among all tumours and among the purest."""

import numpy as np
import pytest

from helpers.rnalign.analyses.purity_gap import purity_gap
from helpers.rnalign.metrics.delta_d import delta_d
from helpers.rnalign.metrics.purest_tumours import is_purest


def test_gaps_are_relative_and_medians_over_types(data):
    found = purity_gap({"input": data.x}, data, ("input",))
    whole = delta_d(data.x, *data.facts.origins, data.scored)["relative"].median()
    rows = is_purest(data.facts.purity, *data.facts.origins)
    pure = delta_d(data.x[rows], *data.facts.at(rows).origins, data.scored)["relative"].median()
    assert found.metrics == pytest.approx(
        {"purity.all_tumours.input": whole, "purity.purest_third.input": pure}
    )
    assert found.summary.loc["purest third", "input"] == pytest.approx(pure)


def test_what_is_not_defined_is_no_metric(data):
    found = purity_gap({"flat": np.zeros_like(data.x), "input": data.x}, data, ("flat", "input"))
    assert set(found.metrics) == {"purity.all_tumours.input", "purity.purest_third.input"}
    assert found.summary["flat"].isna().all()
