"""Pairing over seeds: its metrics are the means of its rows."""

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.benchmarks.one_split import pair_table
from helpers.coembedding.benchmarks.pairing import Pairing, count_active_units, judge_pairs
from helpers.coembedding.embeddings.every_embedding import TrainedSeed


@pytest.fixture(scope="module")
def trained(split, models):
    few = {name: models[name] for name in ("single", "adversarial", "contrastive")}
    return TrainedSeed(0, split, few), TrainedSeed(1, split, few)


def test_rows_are_those_of_each_seed_and_metrics_their_means(trained):
    pairing = judge_pairs(trained, n_permutations=2)
    expected = [pair_table(one.split, one.models, one.seed, 2) for one in trained]
    pd.testing.assert_frame_equal(pairing.tables["pairs"], pd.concat(expected, ignore_index=True))
    of = [table.set_index("model").loc["contrastive", "modality_accuracy"] for table in expected]
    key = "representation.modality_accuracy.contrastive"
    assert pairing.metrics[key] == pytest.approx(np.mean(of))
    assert pairing.metrics[f"{key}_sd"] == pytest.approx(np.std(of, ddof=1))
    types = trained[0].split.test_obs["cancer_type"]
    assert pairing.majority == (types == types.mode()[0]).mean()
    assert pairing.values("foscttm", "absent").empty
    assert list(pairing.summary.columns) == ["single", "adversarial", "contrastive"]


def test_what_is_not_known_is_no_metric():
    columns = ["foscttm", "modality_accuracy", "label_accuracy", "foscttm_inside_type"]
    scores = pd.DataFrame([[0.1, 0.5, 0.9, np.nan]], columns=columns).assign(model="ridge", seed=0)
    metrics = Pairing(scores, 0.5).metrics
    assert metrics["representation.foscttm.ridge"] == 0.1
    assert not [key for key in metrics if "inside_type" in key]


def test_units_are_in_use_where_their_mean_varies(trained):
    found = count_active_units(trained[0])
    table = found.tables["active_units"]
    z = trained[0].models["contrastive"].embed_atac(trained[0].split.test_atac)
    assert table.loc["contrastive", "ATAC"] == (z.var(axis=0) > 0.01).sum()
    assert found.metrics["latent.active_units.single"] == table.loc["single"].min()
