"""The cache of built cohorts: the same object, never a stale or damaged one."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.cohort_cache import cached_cohort


@pytest.fixture
def build(make_cohort):
    """A function that builds a small cohort and counts how often it did."""

    def build():
        build.n_times += 1
        rows = [(f"P{i}", "AB"[i % 2], "primary") for i in range(6)]
        cohort = make_cohort(rows, age=[50.0, np.nan] * 3, stage=["Stage I", None] * 3)
        cohort.uns["notes"] = ["a note"]
        return cohort

    build.n_times = 0
    return build


def test_a_built_cohort_is_the_same_from_the_cache(empty_cache, build):
    first = cached_cohort("small", build, {"file": "sum"})
    again = cached_cohort("small", build, {"file": "sum"})
    assert build.n_times == 1
    for cohort in (first, again):
        np.testing.assert_array_equal(cohort.X, build().X)
        pd.testing.assert_frame_equal(cohort.obs.fillna(0), build().obs.fillna(0))
        assert cohort.obs["patient"].dtype == object
        assert cohort.uns["notes"] == ["a note"]
        assert cohort.uns["default_types"] == []


@pytest.mark.parametrize("what", ["flipped", "truncated", "sum gone", "sum wrong"])
def test_a_damaged_cache_is_built_again(empty_cache, build, what):
    cached_cohort("small", build, {})
    (file,) = empty_cache.glob("cohorts/*.h5ad")
    content = file.read_bytes()
    if what == "flipped":
        file.write_bytes(content[:-50] + bytes([content[-50] ^ 1]) + content[-49:])
    elif what == "truncated":
        file.write_bytes(content[: len(content) // 2])
    elif what == "sum gone":
        file.with_suffix(".sha256").unlink()
    else:
        file.with_suffix(".sha256").write_text("0" * 64)
    cached_cohort("small", build, {})
    assert build.n_times == 2
    cached_cohort("small", build, {})
    assert build.n_times == 2


def test_another_file_or_another_loader_builds_again_and_replaces(empty_cache, build):
    for made_of in ({"file": "one"}, {"file": "two"}, {"file": "two", "loader.py": "three"}):
        cached_cohort("small", build, made_of)
    assert build.n_times == 3
    assert len(list(empty_cache.glob("cohorts/*.h5ad"))) == 1


def test_a_build_that_fails_leaves_nothing(empty_cache, build, monkeypatch):
    def killed(self, path, **_):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("anndata.AnnData.write_h5ad", killed)
    with pytest.raises(KeyboardInterrupt):
        cached_cohort("small", build, {})
    assert list(empty_cache.glob("cohorts/*")) == []
