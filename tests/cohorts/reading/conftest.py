import anndata
import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def adata():
    """40 tumours of two types on 12 genes, log2 values, followed up."""
    rng = np.random.default_rng(0)
    obs = pd.DataFrame(
        {
            "patient": [f"P{i}" for i in range(40)],
            "cancer_type": ["A", "B"] * 20,
            "sample_type": "primary",
            "os_time": rng.uniform(500, 2000, 40).round(),
            "os_event": [0, 1, 1, 0] * 10,
        },
        index=[f"s{i}" for i in range(40)],
    )
    x = rng.uniform(0.5, 9, (40, 12)).astype(np.float32)
    made = anndata.AnnData(x, obs, pd.DataFrame(index=[f"GENE{i}" for i in range(12)]))
    made.uns["unit"] = "log2(TPM+1)"
    return made
