"""A small cohort of tumours and lines, standardised, and a plan that trains in a second."""

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.models.training import Training
from helpers.rnalign.analyses.every_method import compare_methods
from helpers.rnalign.argument_groups import (
    MoberSettings,
    Network,
    Plan,
    Regularisers,
    Settings,
    ablations,
)
from helpers.rnalign.conditions import Conditions
from helpers.rnalign.gene_selection import standardise
from helpers.rnalign.samples import select_alignment

TYPES = ("eye", "gut", "skin")
N_TUMOURS, N_LINES, N_GENES = 20, 10, 30


@pytest.fixture(scope="session")
def samples():
    """Three types × (20 tumours, 10 lines) × 30 genes, subtypes a and b, the truth known."""
    rng = np.random.default_rng(0)
    kind = np.repeat(TYPES, N_TUMOURS + N_LINES)
    is_line = np.tile(np.arange(N_TUMOURS + N_LINES) >= N_TUMOURS, len(TYPES))
    purity = np.where(is_line, 1.0, rng.uniform(0.3, 0.9, len(kind)))
    programs = pd.DataFrame(rng.normal(size=(3, N_GENES)), index=TYPES)
    subtype = np.where(np.arange(len(kind)) % 2, "b", "a")
    cancer = programs.loc[kind].to_numpy() + (subtype == "a")[:, None] * rng.normal(size=N_GENES)
    culture, stroma = rng.normal(size=(2, N_GENES)) * 2
    expected = 6 + cancer + np.outer(is_line, culture) + np.outer(1 - purity, stroma)
    obs = pd.DataFrame(
        {
            "cancer_type": kind, "purity": purity, "subtype": subtype,
            "sample_type": np.where(is_line, "cell line", "primary"),
            "patient": [f"patient {n}" for n in range(len(kind))],
        },
        index=[f"sample {n}" for n in range(len(kind))],
    )  # fmt: skip
    x = (expected + rng.normal(0, 0.5, expected.shape)).astype(np.float32)
    var = pd.DataFrame({"symbol": [f"G{n}" for n in range(N_GENES)]})
    cohort = anndata.AnnData(x, obs, var.set_index("symbol", drop=False))
    cohort.var_names.name = None
    cohort.layers["expected"] = expected.astype(np.float32)
    cohort.layers["aligned"] = (6 + cancer + culture).astype(np.float32)
    cohort.uns |= {"unit": "log2(CPM+1)", "name": "small", "truth": {}}
    return select_alignment(cohort, n_neighbours=5)


@pytest.fixture(scope="session")
def data(samples):
    """All genes, standardised."""
    return standardise(samples, N_GENES)


@pytest.fixture(scope="session")
def plan():
    """Two seeds, 8 hidden units, a few epochs."""
    training = Training(8, 30, 5e-3, learning_rate_drops=(4, 6), keep="last", device="cpu")
    settings = Settings(
        Network((8,), 3, 0.0, 1.0, 1.0, "log_norm", encoder_sees_labels=True),
        Conditions(TYPES, 1.0, with_purity=True),
        Regularisers(0.1, 2, 0.3, 1.0),
        training,
    )
    return Plan(settings, MoberSettings((8,), 3, 1.0, 10.0, training), (3, 4), n_neighbours=5)


@pytest.fixture(scope="session")
def compared(data, plan):
    """Every method and ablation, two seeds."""
    return compare_methods(data, plan, ablations(plan.rnalign))
