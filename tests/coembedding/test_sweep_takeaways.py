"""What published sweeps are read to say: it follows from their numbers, either way."""

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.sweep_takeaways import adversary_alone, terms_matter
from helpers.runs.published import published_table

STEPS = np.array([-0.01, 0.0, 0.01])
SWEPT = {"as in the chapter": 0.05, "another model's term": 0.05, "no cycle": 0.05}
SWEPT |= {"nothing": 0.5, "less": 0.3, "more": 0.02}


def test_the_published_sweep_is_read_by_label():
    rows = [
        {"label": label, "seed": seed, "test.foscttm.contrastive": mean + step}
        for label, mean in SWEPT.items()
        for seed, step in enumerate(STEPS / 2 if label != "no cycle" else -STEPS / 2)
    ]
    text = terms_matter(pd.DataFrame(rows))
    assert "The whole contrastive model has FOSCTTM 0.05 ± 0.005; " in text
    assert "not to be told from it: *no cycle* (0.05 ± 0.005)" in text
    assert "worse than it: *nothing* (0.5 ± 0.005), *less* (0.3 ± 0.005)" in text
    assert "better than it: *more* (0.02 ± 0.005)." in text
    assert "as in the chapter" not in text and "another model" not in text
    assert terms_matter(pd.DataFrame(rows[:3])) == ""


def adversary(alone, matched=0.05, strong=0.2):
    """Separate VAEs, one discriminator without matches, matches without and with one."""
    settings = {  # match weight, discriminator weight, FOSCTTM, shortfall of validation donors
        "two separate VAEs": (0, 1, 0.5, np.nan),
        "no matches": (0, 100, alone, 0.6),
        "matches": (1, 0, matched, 0.3),
        "both": (1, 100, strong, 0.2),
    }
    rows = []
    for label, (match, weight, mean, shortfall) in settings.items():
        for seed, step in enumerate(STEPS):
            model = "single" if label == "two separate VAEs" else "adversarial"
            row = {"label": label, "seed": seed, "match_weight": match}
            row |= {"discriminator_weight": weight, f"test.foscttm.{model}": mean + step}
            row |= {f"test.modality_accuracy.{model}": 2 * mean + step}
            rows.append(row | {f"validation.shortfall.{model}": shortfall})
    return pd.DataFrame(rows)


def test_matches_do_the_work_where_no_discriminator_does_as_much():
    text = adversary_alone(adversary(alone=0.5))
    assert "two separate VAEs have 0.5 ± 0.01; not to be told from them: *no matches* (" in text
    assert "Every discriminator without matches is worse: the matches do the work." in text
    assert "Matches without a discriminator have 0.05 ± 0.01 and 0.1 ± 0.01." in text
    assert "validation donors choose *both*, which has 0.2 ± 0.01 and 0.4 ± 0.01." in text


def test_a_discriminator_that_does_as_much_takes_that_back():
    text = adversary_alone(adversary(alone=0.05))
    assert "better than them: *no matches* (0.05 ± 0.01)" in text
    assert "No worse than that, without matches: *no matches*." in text
    assert "do the work" not in text


def test_nothing_is_said_without_the_rows_that_it_takes():
    table = adversary(0.5)
    for label in ("two separate VAEs", "no matches", "matches"):
        assert adversary_alone(table[table["label"] != label]) == ""


@pytest.mark.parametrize("steps", [1, 5])
def test_the_published_sweep_has_the_discriminators_that_were_asked_for(steps):
    table = published_table("coembedding_adversary")
    told = table[(table["n_discriminator_steps"] == steps) & (table["match_weight"] == 0)]
    assert len(told) >= 3 and told["seed"].nunique() == 3
    if steps == 5:
        assert {10, 100} <= set(told["discriminator_weight"]) and told["tell_label"].any()
    assert "coembedding_adversary" in adversary_alone(table)
