"""Settings of a draw, and who is chosen under which name."""

from dataclasses import replace

import pandas as pd
import pytest

from helpers.rnalign.argument_groups import ablations
from helpers.rnalign.search.finalists import (
    FINALISTS,
    TUNED,
    Base,
    celligner_of,
    finalist,
    mober_of,
    our_finalist,
    rnalign_of,
    variant_of,
)

DRAW = {
    "learning_rate": 0.004, "weight_decay": 1e-4, "minibatch_size": 32, "n_layers": 2,
    "dropout": 0.4, "noise_sd": 0.7, "sampling_sd": 0.3, "kl_weight": 0.05,
    "correlation_weight": 0.02, "gradient_weight": 0.2, "purity_multiplier": 40.0,
    "adversary_weight": 2.0, "n_adversary_steps": 5, "n_contrastive": 2, "n_top_genes": 300,
    "tumour_neighbours": 10, "line_neighbours": 25, "n_components": 40, "kept.share": 0.75,
}  # fmt: skip


@pytest.fixture
def base(plan):
    return Base(plan.rnalign, plan.mober)


@pytest.fixture
def searches():
    """Three draws: the first is best by loss, the second by alignment, the third with residual."""
    table = pd.DataFrame([DRAW | {"learning_rate": rate} for rate in (1e-3, 2e-3, 3e-3)])
    table["loss.total"] = [1.0, 2.0, 3.0]
    table["validation.misalignment"] = [2.0, 1.0, 3.0]
    table["validation_kept.misalignment"] = [0.5, 0.6, 0.2]
    return dict.fromkeys(("rnalign", "untold", "mober", "celligner"), table)


def test_a_draw_changes_what_it_varies_and_nothing_else(base):
    settings = rnalign_of(pd.Series(DRAW), base.rnalign)
    assert settings.network == replace(
        base.rnalign.network, n_hidden=(8, 8), dropout=0.4, noise_sd=0.7, sampling_sd=0.3
    )
    weights = settings.regularisers
    assert (weights.kl_weight, weights.correlation_weight, weights.gradient_weight) == (
        0.05, 0.02, 0.2,
    )  # fmt: skip
    assert settings.conditions == replace(base.rnalign.conditions, purity_multiplier=40.0)
    assert settings.training == replace(
        base.rnalign.training, learning_rate=0.004, weight_decay=1e-4, minibatch_size=32
    )
    mober = mober_of(pd.Series(DRAW), base.mober)
    assert (mober.n_hidden, mober.adversary_weight, mober.n_adversary_steps) == ((8, 8), 2.0, 5)
    assert celligner_of(pd.Series(DRAW)) == (2, 300, (10, 25), 40)


def test_each_rule_takes_its_own_draw(base, searches):
    rates = {
        name: finalist(name, searches, base).candidate.rnalign.training.learning_rate
        for name in TUNED
        if name.startswith("RNAlign")
    }
    assert rates["RNAlign by loss"] == rates["RNAlign by loss of 20"] == 1e-3
    assert rates["RNAlign by alignment"] == rates["RNAlign untold"] == 2e-3
    assert rates["RNAlign with residual"] == rates["RNAlign untold with residual"] == 3e-3


def test_only_those_with_residual_give_one_back_and_only_the_untold_know_no_type(base, searches):
    for name in FINALISTS:
        chosen = finalist(name, searches, base)
        open_share = None if "shrunken" in name else 0.0
        assert chosen.share == (0.75 if "with residual" in name else open_share)
        if name.startswith("RNAlign"):
            types = chosen.candidate.rnalign.conditions.types
            assert bool(types) == ("untold" not in name)


def test_a_part_is_left_out_and_nothing_else(base, searches):
    whole = finalist("RNAlign by alignment", searches, base)
    assert variant_of(whole) == whole
    for without in ("no_grad", "inert_grad", "no_cor", "no_purity", "no_type"):
        parts = ablations(whole.candidate.rnalign)
        assert variant_of(whole, without).candidate.rnalign == parts[f"rnalign_{without}"]
    blind = variant_of(whole, "no_encoder_labels", "origin").candidate
    assert not blind.rnalign.network.encoder_sees_labels and blind.label_change == "origin"
    other = finalist("MOBER by loss", searches, base)
    assert variant_of(other) == other
    with pytest.raises(ValueError, match=r"`without` must be empty or one of .*no_cor.*got 'z'"):
        variant_of(whole, "z")


def test_a_name_that_is_none_and_a_search_that_is_not_there_are_refused(base, searches):
    with pytest.raises(ValueError, match=r"must be one of input; .*got 'rnalign'"):
        finalist("rnalign", searches, base)
    del searches["untold"]
    with pytest.raises(ValueError, match="RNAlign untold needs the search untold; there are rnal"):
        finalist("RNAlign untold", searches, base)


def test_ours_is_what_validation_donors_chose_with_their_share(base, searches):
    whole = finalist("RNAlign with residual", searches, base)
    tried = pd.DataFrame(
        {
            "idea": ["as it is", "no purity", "no purity", "no purity"],
            "validation_kept.misalignment": [0.5, 0.1, 0.2, 0.3],
            "kept.share": [1.0, 0.25, 0.5, 0.25],
        }
    )
    ours = our_finalist(whole, tried)
    assert ours.share == 0.25 and not ours.candidate.rnalign.conditions.with_purity
    assert whole.candidate.rnalign.conditions.with_purity
