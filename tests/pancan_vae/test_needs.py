"""Chapter 1 says before its start what it cannot use."""

import re
from pathlib import Path

import numpy as np
import pytest

from helpers.pancan_vae.needs import MIN_TUMOURS, check_needs, choose_tumours

ROOT = Path(__file__).resolve().parents[2]
USUAL = {"seed": 0, "cancer_types": "all", "min_patients": 10, "min_mean": 0.5}
USUAL |= {"test_fraction": 0.2, "n_seeds": 5, "n_latent": 8, "quick": False}


@pytest.fixture
def asked(make_cohort, tmp_path):
    """Function (number of tumours, given) → asks the chapter about a file with two types."""

    def ask(n=MIN_TUMOURS, **given):
        rows = [(f"P{i:03d}", "AB"[i % 2], "primary") for i in range(n)]
        make_cohort(rows, 6).write_h5ad(tmp_path / "own.h5ad")
        check_needs(USUAL | {"cohort": str(tmp_path / "own.h5ad")} | given)

    return ask


def test_what_it_can_use_is_let_through(asked):
    asked()
    asked(n_latent=49)
    asked(n_latent=99, n_seeds=1)


@pytest.mark.parametrize(
    ("n", "given", "message"),
    [
        (MIN_TUMOURS - 1, {}, "chapter 1 needs 100 tumours or more, one a patient; of A, B .* 99"),
        (120, {"cancer_types": "A C"}, "cancer_types must be of A B.* got C"),
        (120, {"cancer_types": "A"}, "must leave two or more types"),
        (120, {"min_patients": 61}, "must leave two or more types with 61"),
        (120, {"min_mean": 99.0}, "no feature varies with a mean of at least 99"),
        (120, {"test_fraction": 0.005}, "every cancer type must have 199 or more patients"),
        (120, {"n_latent": 60}, "`n_latent` must be at most 59 for 120 tumours"),
        (900, {"n_latent": 400, "quick": True}, "`n_latent` must be at most 319 for 640"),
    ],
)
def test_what_it_cannot_use_is_refused(asked, n, given, message):
    with pytest.raises(ValueError, match=message):
        asked(n, **given)


def test_values_of_every_sample_count(asked, make_cohort, monkeypatch):
    """A filter that passes on few samples is not refused by the cheap look at all of them."""
    cohort = make_cohort([(f"P{i:03d}", "AB"[i % 2], "primary") for i in range(120)], 3)
    cohort.X = np.where(np.arange(120)[:, None] % 4 == 0, cohort.X * 2, 0).astype("float32")
    monkeypatch.setattr("helpers.pancan_vae.needs.load_cohort", lambda *_: cohort)
    asked()


def test_a_spike_in_among_micrornas_is_noted(make_cohort):
    cohort = make_cohort([(f"P{i:03d}", "AB"[i % 2], "primary") for i in range(120)], 4)
    cohort.var_names = ["hsa-mir-21", "hsa-let-7a-1", "hsa-mir-125b-2", "cel-mir-39"]
    cohort.uns["feature"] = "microRNA"
    note = "Left out of the families, being no human microRNAs: 1 (cel-mir-39)."
    assert choose_tumours(cohort, "all", 10).uns["notes"] == [note]


def test_the_data_page_says_the_number():
    page = (ROOT / "book" / "data.md").read_text(encoding="utf-8")
    assert re.search(rf"[Cc]hapter 1 .*\b{MIN_TUMOURS} tumours", page)
