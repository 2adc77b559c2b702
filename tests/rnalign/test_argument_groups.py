"""Ablations change one part each; impossible networks are refused."""

from dataclasses import asdict, replace

import pytest

from helpers.models.training import Training
from helpers.rnalign.argument_groups import Network, Regularisers, Settings, ablations
from helpers.rnalign.conditions import Conditions

NETWORK = Network((9,), 3, 0.0, 1.0, 1.0, "log_norm", encoder_sees_labels=True)
SETTINGS = Settings(
    NETWORK,
    Conditions(("eye", "gut"), 1.0, with_purity=True),
    Regularisers(0.1, 4, 0.3, 2.0),
    Training(10, 32, 1e-3, keep="last"),
)


def flat(settings):
    return {
        (part, name): value
        for part, values in asdict(settings).items()
        for name, value in values.items()
    }


@pytest.mark.parametrize(
    ("method", "part", "value"),
    [
        ("rnalign_inert_grad", ("network", "gradient"), "inert"),
        ("rnalign_no_grad", ("network", "gradient"), "off"),
        ("rnalign_no_cor", ("regularisers", "correlation_weight"), 0.0),
        ("rnalign_no_purity", ("conditions", "with_purity"), False),
        ("rnalign_no_type", ("conditions", "types"), ()),
    ],
)
def test_an_ablation_changes_one_value(method, part, value):
    whole, ablated = flat(SETTINGS), flat(ablations(SETTINGS)[method])
    assert {key: ablated[key] for key in whole if ablated[key] != whole[key]} == {part: value}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gradient": "second"}, "`gradient` must be one of norm, norm_of_batch, log_norm"),
        ({"noise_sd": 0.0}, "`noise_sd` must be above 0"),
        ({"sampling_sd": -1.0}, "`sampling_sd` not below it"),
    ],
)
def test_impossible_networks_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(NETWORK, **changes)
