"""The cache of built cohorts: the same object, never a stale or damaged one."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.cohort_cache import cached_cohort, cached_table


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
    def killed(stored, *_):
        stored["half"] = 1
        raise KeyboardInterrupt

    monkeypatch.setattr("anndata.io.write_elem", killed)
    with pytest.raises(KeyboardInterrupt):
        cached_cohort("small", build, {})
    assert list(empty_cache.glob("cohorts/*")) == []


def test_large_arrays_are_mapped_and_a_change_stays_with_who_made_it(empty_cache, make_cohort):
    def build():
        cohort = make_cohort([(f"P{i}", "A", "primary") for i in range(300)])
        cohort = anndata.AnnData(np.ones((300, 200), np.float32), cohort.obs)
        cohort.uns["regions"] = np.ones((100, 300), np.float32)
        return cohort

    one, other = cached_cohort("large", build, {}), cached_cohort("large", build, {})
    for x in (one.X, one.uns["regions"]):
        assert isinstance(x.base, np.memmap) and x.flags.writeable and x.flags.aligned
    one.X[:], one.uns["regions"][:] = 5, 5
    assert (other.X == 1).all() and (other.uns["regions"] == 1).all()
    assert (cached_cohort("large", build, {}).X == 1).all(), "the file is as it was"


def test_two_processes_may_build_at_once(empty_cache):
    """Each writes a file of its own and moves it; the sum of either is that of both."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        sums = list(pool.map(_built_elsewhere, range(4)))
    assert sums == [sums[0]] * 4
    assert len(list(empty_cache.glob("cohorts/*"))) == 2, "a cohort and its sum, no parts"


def _built_elsewhere(_number: int) -> float:
    def build():
        obs = pd.DataFrame({"patient": [f"P{i}" for i in range(500)]}).astype(str)
        x = np.random.default_rng(0).random((500, 400), dtype=np.float32)
        return anndata.AnnData(x, obs.set_index(obs["patient"].rename(None)))

    return float(cached_cohort("shared", build, {}).X.sum())


def test_a_table_is_kept_with_its_index_and_gaps(empty_cache):
    def build():
        build.n_times += 1
        index = pd.Index(["a", "b"], name="patient")
        return pd.DataFrame({"age": [1.0, np.nan], "stage": ["I", np.nan]}, index)

    build.n_times = 0
    for _ in range(2):
        pd.testing.assert_frame_equal(cached_table("facts", build, {"file": "sum"}), build())
    assert build.n_times == 3, "once for the cache, twice by the comparison"
    cached_table("facts", build, {"file": "other"})
    assert len(list(empty_cache.glob("tables/*.parquet"))) == 1, "the older one is gone"
