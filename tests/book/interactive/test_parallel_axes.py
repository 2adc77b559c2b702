import numpy as np
import pandas as pd

from helpers.book.interactive.parallel_axes import MOST_INPUTS, describe_runs


def runs(n_inputs=3):
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"p{number}": rng.uniform(1, 2, 40) for number in range(n_inputs)})
    table["score.mean"] = table["p1"] + 0.01 * rng.normal(size=40)
    table["score.loss"] = 10.0 ** np.linspace(-3, 1, 40)
    return table.assign(run_id=[f"r{row}" for row in range(40)], method=["a", "b"] * 20, same=1)


def test_axes_are_what_varies_and_what_was_measured():
    varied, metrics = ["method", "p0", "p1", "same"], ["score.mean", "score.loss"]
    drawn = {"p0": {"log10_uniform": [0, 1]}, "p1": {"uniform": [1, 2]}}
    found = describe_runs(runs(), varied, metrics, {"is_least": True, "drawn": drawn})
    axes = {axis["name"]: axis for axis in found["axes"]}
    assert list(axes) == ["method", "p0", "p1", *metrics]
    assert [axes[name]["is_log"] for name in ("p0", "p1", *metrics)] == [True, False, False, True]
    assert axes["method"]["levels"] == ["a", "b"] and axes["method"]["codes"][:3] == [0, 1, 0]
    assert found["metric"] == "score.mean" and found["is_least"]
    assert found["shown"] == ["method", "p0", "p1", "score.mean"] and found["note"] == ""


def test_of_many_parameters_those_that_tell_most_are_shown_first():
    varied = ["method", *(f"p{number}" for number in range(9))]
    found = describe_runs(runs(9), varied, ["score.mean"], {})
    assert len(found["shown"]) == MOST_INPUTS + 1
    assert found["shown"][0] == "method" and "p1" in found["shown"]
    assert "of 10 parameters whose ranks go most with" in found["note"]
