"""Data are fetched once before the first run, and what cannot be had is refused then."""

import hashlib
from types import SimpleNamespace

import pytest

from helpers.cli import main
from helpers.cohorts import registry as cohorts
from helpers.cohorts import sources
from helpers.cohorts.cohort_spec import CohortSpec
from helpers.cohorts.sources import DataUnavailable, Source
from helpers.runs.inputs import fetch_inputs

CONTENT = b"values"


def nothing(_seed):
    """A build function that builds nothing."""


def source(group, url="http://127.0.0.1:9/x", name="table.csv"):
    return Source(
        group=group, path=name, url=url, mirror_path=f"{group}/{name}", bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(), licence="none", citation="none", what="a file",
    )  # fmt: skip


@pytest.fixture
def world(tmp_path, monkeypatch):
    """An empty cache, a mirror with the group "values" and a cohort that also reads "sets"."""
    mirror = tmp_path / "mirror"
    (mirror / "values").mkdir(parents=True)
    (mirror / "values" / "table.csv").write_bytes(CONTENT)
    monkeypatch.setenv("HELPERS_DATA_MIRROR", str(mirror))
    monkeypatch.setenv("HELPERS_DATA_CACHE", str(tmp_path / "cache"))
    groups = {name: [source(name)] for name in ("values", "sets")}
    monkeypatch.setattr(sources, "load_sources", lambda: groups)
    spec = CohortSpec("mine", "real", "a cohort", nothing, ("values",), ("sets",))
    monkeypatch.setitem(cohorts.COHORTS, "mine", spec)
    return tmp_path


def plan(finished=False, **parameters):
    return SimpleNamespace(is_finished=finished, parameters={"cohort": "mine", **parameters})


def test_what_is_missing_is_fetched_once_and_what_only_interprets_may_be_missing(world):
    said = []
    assert fetch_inputs([plan(seed=0), plan(seed=1)], said.append)
    assert (world / "cache" / "sources" / "values" / "table.csv").read_bytes() == CONTENT
    assert said == [f"fetching {name}: 1 file, 6 bytes" for name in ("sets", "values")]
    said.clear()
    assert not fetch_inputs([plan()], said.append)
    assert said == ["fetching sets: 1 file, 6 bytes"]


def test_a_cohort_that_cannot_be_had_is_refused(world):
    (world / "mirror" / "values" / "table.csv").unlink()
    with pytest.raises(DataUnavailable, match=r"values/table\.csv is not in the cache"):
        fetch_inputs([plan()])


@pytest.mark.parametrize(
    "given",
    [
        {"finished": True},
        {"cohort": "demo-pancan"},
        {"cohort": "my.h5ad"},
        {"cohort": "demo-pancan", "peaks_cohort": ""},
    ],
)
def test_runs_that_need_nothing_fetch_nothing(world, given):
    assert not fetch_inputs([plan(**given)])
    assert not (world / "cache").exists()


def test_every_parameter_that_names_a_cohort_counts(world):
    assert fetch_inputs([plan(cohort="demo-pancan", peaks_cohort="mine")])


def test_a_cohort_that_is_built_needs_no_files(world):
    built = world / "cache" / "cohorts" / "mine-0123456789abcdef.h5ad"
    built.parent.mkdir(parents=True)
    built.touch()
    (world / "mirror" / "values" / "table.csv").unlink()
    assert not fetch_inputs([plan()])


@pytest.mark.parametrize("command", ["run", "sweep"])
def test_the_command_line_refuses_before_a_kernel_starts(world, capsys, monkeypatch, command):
    monkeypatch.setattr("helpers.runs.kernel.execute", lambda *_: pytest.fail("it started"))
    (world / "mirror" / "values" / "table.csv").unlink()
    (world / "one.yaml").write_text("notebook: 01_pancan_vae\nlist: [{cohort: mine}]\n")
    what = ["01_pancan_vae", "-p", "cohort", "mine"] if command == "run" else [world / "one.yaml"]
    assert main([command, *map(str, what)]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("error: values/table.csv is not in the cache") and "HELPERS_DATA" in last
