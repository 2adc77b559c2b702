import pytest

from helpers.pancan_vae.neighbouring_settings import neighbouring_settings


@pytest.mark.parametrize("n_hidden", [(512, 2), (512,)])
@pytest.mark.parametrize("linear_skip", [False, True])
def test_each_trial_changes_one_known_setting_and_the_first_none(n_hidden, linear_skip):
    settings = {"n_hidden": n_hidden, "n_latent": 32, "dropout": 0.0, "kl_weight": 0.5}
    settings |= {"kl_warmup": 20, "patience": 10, "linear_skip": linear_skip}
    trials = neighbouring_settings(settings)
    assert next(iter(trials)) == "this chapter" and trials["this chapter"] == {}
    for name, change in list(trials.items())[1:]:
        assert len(change) == 1, name
        ((key, value),) = change.items()
        assert value != settings[key], name
    assert trials["a quarter as wide"] == {"n_hidden": (128, 1)[: len(n_hidden)]}
    assert trials["KL weight × 16"] == {"kl_weight": 8.0}
