"""Cohorts by name, and the cache of built ones."""

import types

import numpy as np
import pandas as pd
import pytest

from helpers.data.cohort_cache import cached_cohort
from helpers.data.cohorts import COHORTS, check_cohort, cohort_inputs, load_cohort
from helpers.data.sources import load_sources


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


@pytest.fixture
def code(tmp_path):
    module = types.ModuleType("loader")
    module.__file__ = str(tmp_path / "loader.py")
    (tmp_path / "loader.py").write_text("version = 1")
    return (module,)


def test_every_cohort_is_described_and_its_groups_exist():
    groups = set(load_sources())
    for name, spec in COHORTS.items():
        assert spec.name == name
        assert spec.tier in ("demo", "real", "paper")
        assert spec.what and spec.chapters
        assert set(spec.groups) | set(spec.enrichment_groups) <= groups
        assert bool(spec.groups) == (spec.tier != "demo")


def test_unknown_cohort_gets_the_list_and_the_nearest():
    for use in (check_cohort, load_cohort, cohort_inputs):
        with pytest.raises(ValueError, match=r"demo-pancan, tcga-mirna.*Did you mean 'tcga-mirna'"):
            use("tcga-mirn")
    with pytest.raises(ValueError, match=r"path of an \.h5ad file; got 'xyz'\.$"):
        check_cohort("xyz")


@pytest.mark.parametrize("name", ["demo-pancan", "demo-rnalign", "demo-subtypes"])
def test_a_demo_cohort_needs_nothing_and_follows_its_seed(empty_cache, name):
    check_cohort(name)
    assert cohort_inputs(name) == {}
    first, again, other = (load_cohort(name, seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.X, again.X)
    assert not np.array_equal(first.X, other.X)
    assert not empty_cache.exists()


def test_a_cohort_without_what_a_chapter_needs_is_refused_with_those_that_have_it():
    needs = ("patient", "cancer_type", "sample_type", "purity")
    for name in ("demo-rnalign", "ccle-tcga", "ccle-brca", "paper-rnalign"):
        check_cohort(name, needs)
    message = r'tcga-mrna has no obs\["purity"\].*demo-rnalign, ccle-tcga, ccle-brca, paper-rnalign'
    with pytest.raises(ValueError, match=message):
        check_cohort("tcga-mrna", needs)


def test_the_sensitivities_of_the_lines_count_among_the_inputs():
    inputs = cohort_inputs("ccle-tcga")
    for group in ("ccle", "tcga-purity", "tcga-mrna-counts", "gdsc"):
        assert {source.mirror_path for source in load_sources()[group]} <= set(inputs)


def test_inputs_are_the_registered_sums():
    inputs = cohort_inputs("tcga-mirna")
    sources = load_sources()
    for group in ("tcga-mirna", "tcga-clinical", "tcga-subtypes", "gene-sets", "mirna-targets"):
        for source in sources[group]:
            assert inputs[source.mirror_path] == source.sha256
    assert len(cohort_inputs("tcga-mrna")) == 182 + 1 + 1 + 1 + 3


def test_a_built_cohort_is_the_same_from_the_cache(empty_cache, build, code):
    first = cached_cohort("small", build, {"file": "sum"}, code)
    again = cached_cohort("small", build, {"file": "sum"}, code)
    assert build.n_times == 1
    for cohort in (first, again):
        np.testing.assert_array_equal(cohort.X, build().X)
        pd.testing.assert_frame_equal(cohort.obs.fillna(0), build().obs.fillna(0))
        assert cohort.obs["patient"].dtype == object
        assert cohort.uns["notes"] == ["a note"]
        assert cohort.uns["default_types"] == []


@pytest.mark.parametrize("what", ["flipped", "truncated", "sum gone", "sum wrong"])
def test_a_damaged_cache_is_built_again(empty_cache, build, code, what):
    cached_cohort("small", build, {}, code)
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
    cached_cohort("small", build, {}, code)
    assert build.n_times == 2
    cached_cohort("small", build, {}, code)
    assert build.n_times == 2


def test_other_sources_or_another_loader_build_again_and_replace(empty_cache, build, code):
    cached_cohort("small", build, {"file": "one"}, code)
    cached_cohort("small", build, {"file": "two"}, code)
    assert build.n_times == 2
    with open(code[0].__file__, "a") as file:
        file.write("\nversion = 2")
    cached_cohort("small", build, {"file": "two"}, code)
    assert build.n_times == 3
    assert len(list(empty_cache.glob("cohorts/*.h5ad"))) == 1


def test_a_build_that_fails_leaves_nothing(empty_cache, build, code, monkeypatch):
    def killed(self, path, **_):
        path.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr("anndata.AnnData.write_h5ad", killed)
    with pytest.raises(KeyboardInterrupt):
        cached_cohort("small", build, {}, code)
    assert list(empty_cache.glob("cohorts/*")) == []


@pytest.mark.real
@pytest.mark.parametrize("name", ["tcga_mirna", "tcga_mrna", "ccle_tcga"])
def test_real_cohorts_keep_the_contract(name, request):
    cohort = request.getfixturevalue(name)
    assert cohort.X.dtype == np.float32 and np.isfinite(cohort.X).all()
    assert cohort.obs_names.is_unique and cohort.var_names.is_unique
    for column in ("patient", "cancer_type", "sample_type", "sex", "stage"):
        assert cohort.obs[column].dtype == object
    for column in ("age", "os_time", "os_event"):
        assert cohort.obs[column].dtype == float
    assert "symbol" in cohort.var
    assert all(isinstance(note, str) for note in cohort.uns["notes"])
