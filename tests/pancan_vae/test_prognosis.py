import numpy as np
import pandas as pd

from helpers.evaluate.survival import latent_concordance
from helpers.pancan_vae.prognosis import Prognosis, score_survival


def test_every_fold_is_scored_with_its_seed(runs):
    found = score_survival(runs)
    run = runs[1]
    train, test = (run.fold.parts[part].obs for part in ("train", "test"))
    expected = latent_concordance(run.z["train"], train, run.z["test"], test, seed=run.seed)
    rows = found.concordance[found.concordance["seed"] == run.seed].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows.drop(columns="seed"), expected, check_dtype=False)


def table(values, variant="latent"):
    rows = [
        {"cancer_type": name, "variant": variant, "c_index": value, "seed": seed}
        for seed, scores in enumerate(values)
        for name, value in zip("AB", scores, strict=True)
    ]
    return pd.DataFrame(rows)


def test_types_are_averaged_before_seeds_and_missing_ones_left_out():
    scores = [table([(0.6, 0.8), (0.5, np.nan)]), table([(0.5, 0.5), (0.5, np.nan)], "clinical")]
    found = Prognosis(pd.concat(scores))
    assert found.by_seed("latent").tolist() == [0.7, 0.5]
    assert found.metrics["survival.c_index.latent"] == 0.6
    assert found.metrics["survival.c_index.clinical_sd"] == 0
    assert list(found.summary["mean"]) == ["clinical", "latent"]
    assert found.by_seed("both").empty


def test_a_cohort_without_follow_up_has_an_empty_table(runs):
    obs = runs[0].fold.parts["test"].obs.drop(columns=["os_time", "os_event"])
    z = runs[0].z["test"]
    empty = Prognosis(latent_concordance(z, obs, z, obs).assign(seed=0))
    assert empty.metrics == {} and len(empty.scored) == 0
