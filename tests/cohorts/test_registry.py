"""Cohorts by name: what is announced, what is refused, what a cohort rests on."""

import inspect

import numpy as np
import pytest

from helpers import files
from helpers.cohorts.registry import (
    COHORTS,
    check_cohort,
    cohort_code,
    cohort_inputs,
    load_cohort,
)
from helpers.cohorts.sources import load_sources

EACH = pytest.mark.parametrize("name", COHORTS)


def test_every_cohort_is_described_and_its_groups_exist():
    groups = set(load_sources())
    for name, spec in COHORTS.items():
        assert spec.name == name
        assert spec.tier in ("demo", "real", "paper")
        assert spec.what
        assert set(spec.groups) | set(spec.enrichment_groups) <= groups
        assert bool(spec.groups) == (spec.tier != "demo")


def test_unknown_cohort_gets_the_list_and_the_nearest():
    for use in (check_cohort, load_cohort, cohort_inputs):
        with pytest.raises(
            ValueError, match=r"demo-pancan, .*tcga-mirna.*Did you mean 'tcga-mirna'"
        ):
            use("tcga-mirn")
    with pytest.raises(ValueError, match=r"path of an \.h5ad or \.zarr file; got 'xyz'\.$"):
        check_cohort("xyz")


def test_demo_cohorts_come_first_and_the_papers_last():
    tiers = [spec.tier for spec in COHORTS.values()]
    assert tiers == sorted(tiers, key=("demo", "real", "paper").index)


@EACH
def test_a_build_function_imports_what_it_needs_inside_itself(name):
    """Else its code would not be among what the cohort rests on."""
    names = inspect.getclosurevars(COHORTS[name].build).globals
    assert sorted(names) == []


@EACH
def test_a_cohort_rests_on_the_code_that_builds_it(name):
    found = {path.relative_to(files.project_root()).as_posix() for path in cohort_code(name)}
    module = COHORTS[name].build.__module__.replace(".", "/")
    assert "helpers/__init__.py" in found
    assert any(path.startswith(module.rpartition("/")[0]) or "tcga" in path for path in found)


def test_what_a_loader_imports_counts_all_the_way_down():
    found = {path.relative_to(files.project_root()).as_posix() for path in cohort_code("ccle-brca")}
    for module in ("rnalign/ccle_brca", "rnalign/purity_estimates", "cohorts/tcga/subtype_cohorts"):
        assert f"helpers/{module}.py" in found
    assert "helpers/rnalign/treehouse.py" not in found


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
    assert len(cohort_inputs("tcga-mrna")) == 182 + 1 + 1 + 1 + 3 + 1


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
