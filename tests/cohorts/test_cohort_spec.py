"""A registered cohort: its cache follows the code that builds it, and nothing else."""

import sys
from dataclasses import replace

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers import files
from helpers.cohorts.cohort_spec import CLINICAL, CohortSpec, sums_of
from helpers.cohorts.registry import COHORTS

LOADER = "VALUE = {value}\n"
ROOM = """
def build(seed):
    from helpers.room.loader import VALUE
    from tests.cohorts.test_spec import small
    return small(VALUE)
"""


def small(value):
    obs = pd.DataFrame({"patient": ["p1", "p2"], "cancer_type": ["A", "B"]}, ["s1", "s2"])
    return anndata.AnnData(np.full((2, 3), value, np.float32), obs)


def build_otherwise(seed):
    from helpers.room.loader import VALUE

    return small(VALUE + 1)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of its own with one room, whose `build` imports a loader beside it."""
    for name in ("helpers", "helpers/room"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("")
    (tmp_path / "helpers/room/loader.py").write_text(LOADER.format(value=1))
    (tmp_path / "helpers/room/idle.py").write_text("")
    (tmp_path / "room.py").write_text(ROOM)
    monkeypatch.setattr(files, "project_root", lambda: tmp_path)
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path / "cache"))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    sys.modules.pop("room", None)


@pytest.fixture
def spec(project, monkeypatch):
    """A real cohort made of no files; `spec.built` counts what `build` returned."""
    import room

    built = []

    def read(seed):
        built.append(float((project / "helpers/room/loader.py").read_text().split()[-1]))
        return small(built[-1])

    monkeypatch.setattr(CohortSpec, "built", built, raising=False)
    spec = CohortSpec("x", "real", "A test.", room.build)
    monkeypatch.setattr(
        "helpers.cohorts.cohort_spec.partial", lambda build, seed: lambda: read(seed)
    )
    return spec


def test_the_code_is_what_build_imports(project, spec):
    found = {path.relative_to(project).as_posix() for path in spec.code()}
    assert found == {"helpers/__init__.py", "helpers/room/__init__.py", "helpers/room/loader.py"}


def test_a_second_load_comes_from_the_cache(spec):
    first, second = spec.load(), spec.load()
    assert spec.built == [1.0]
    np.testing.assert_array_equal(first.X, second.X)
    assert second.obs.equals(small(1).obs)


def test_a_changed_loader_is_read_again_and_another_module_is_not(project, spec):
    spec.load()
    (project / "helpers/room/idle.py").write_text("x = 1")
    spec.load()
    assert spec.built == [1.0]
    (project / "helpers/room/loader.py").write_text(LOADER.format(value=2))
    assert spec.load().X[0, 0] == 2
    assert spec.built == [1.0, 2.0]
    assert len(list((project / "cache/cohorts").glob("x-*.h5ad"))) == 1, "the older one is gone"


def test_a_changed_build_is_run_again(project, spec):
    spec.load()
    replace(spec, build=build_otherwise).load()
    assert len(spec.built) == 2


def test_a_demo_cohort_follows_its_seed_and_is_not_kept(project):
    demo = CohortSpec("d", "demo", "A test.", small)
    assert demo.load(3).X[0, 0] == 3 and demo.load(4).X[0, 0] == 4
    assert demo.inputs() == {} and not (project / "cache").exists()


def test_a_cohort_has_the_columns_it_names():
    spec = CohortSpec("x", "demo", "A test.", small, columns=(*CLINICAL, "purity"))
    spec.check()
    spec.check(("patient", "purity"))
    with pytest.raises(ValueError, match=r'cohort x has no obs\["stage"\], which this notebook'):
        spec.check(("patient", "stage"))


def test_inputs_are_the_files_of_both_kinds_of_groups():
    spec = CohortSpec("x", "real", "A test.", small, ("gdsc",), ("gene-sets",))
    assert spec.inputs() == sums_of(("gdsc", "gene-sets"))
    assert set(sums_of(("gdsc",))) < set(spec.inputs())
    assert all(len(digest) == 64 for digest in spec.inputs().values())


@pytest.mark.parametrize("name", COHORTS)
def test_every_registered_cohort_finds_its_loader(name):
    """Its code holds more than the package and the room: `build` imports inside itself."""
    spec = COHORTS[name]
    code = {path.relative_to(files.project_root()).as_posix() for path in spec.code()}
    assert any(not path.endswith("__init__.py") for path in code)
