"""A run's id changes with what decides its numbers, and with nothing else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.cohorts.cohort_spec import CohortSpec
from helpers.imports import import_closure
from helpers.runs.identity import as_python, published_reads, run_id
from helpers.runs.plans import plan_run
from helpers.sweeps.expansion import load_sweep, plan_sweep
from tests.fixtures import projects

FILES = {
    "helpers/__init__.py": '"""Map."""',
    "helpers/cli.py": "import helpers.publish.book",
    "helpers/models/__init__.py": "",
    "helpers/models/vae.py": "from .layers import dense",
    "helpers/models/layers.py": "def dense():\n    from ..data import loaders\n",
    "helpers/models/other.py": "",
    "helpers/data/__init__.py": "",
    "helpers/data/loaders.py": "import numpy",
    "helpers/publish/__init__.py": "",
    "helpers/publish/book.py": "",
}
REACHED = {
    "helpers/__init__.py",
    "helpers/models/__init__.py",
    "helpers/models/vae.py",
    "helpers/models/layers.py",
    "helpers/data/__init__.py",
    "helpers/data/loaders.py",
}


@pytest.fixture
def project(tmp_path, write_notebook):
    for name, source in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    write_notebook("a", "%matplotlib inline\nfrom helpers.models.vae import VAE", "print(seed)")
    return tmp_path


def identity(project, parameters=(), inputs=()):
    return run_id(project / "notebooks/a.ipynb", dict(parameters), dict(inputs), root=project)


def edit(project, change):
    path = project / "notebooks/a.ipynb"
    notebook = json.loads(path.read_text())
    change(notebook)
    path.write_text(json.dumps(notebook))


def test_it_is_twelve_hexadecimal_digits_and_stable(project):
    assert identity(project) == identity(project)
    assert len(identity(project)) == 12 and int(identity(project), 16) >= 0


@pytest.mark.parametrize("name", FILES)
def test_a_module_counts_exactly_if_the_notebook_reaches_it(project, name):
    before = identity(project)
    (project / name).write_text(FILES[name] + "\nx = 1\n")
    assert (identity(project) != before) == (name in REACHED)


@pytest.mark.parametrize("magic", ["%time x = 1", "files = !ls", "!pip list", "x?"])
def test_imports_are_seen_beside_what_only_ipython_understands(project, magic):
    cell = f"{magic}\nfrom helpers.data.loaders import load"
    assert project / "helpers/data/loaders.py" in import_closure([as_python(cell)], project)


def test_what_decides_nothing_does_not_change_it(project):
    before = identity(project, {"seed": 1, "out_dir": ""})

    def decorate(notebook):
        notebook["cells"].insert(0, {"cell_type": "markdown", "source": ["# New"], "metadata": {}})
        for number, cell in enumerate(notebook["cells"]):
            cell["id"] = f"cell-{number}"
            cell["metadata"]["collapsed"] = True
            if cell["cell_type"] == "code":
                cell["execution_count"] = 7
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["hi"]}]
                cell["source"] = "".join(cell["source"]) + "\n"

    edit(project, decorate)
    assert identity(project, {"out_dir": "elsewhere", "seed": 1}) == before


def test_code_inputs_and_order_of_cells_change_it(project):
    before = identity(project)
    assert identity(project, inputs={"counts.tsv": "ab"}) != before
    edit(project, lambda notebook: notebook["cells"].append(notebook["cells"].pop(1)))
    assert identity(project) != before


PARAMETERS = st.dictionaries(
    st.sampled_from(["seed", "n_latent", "kl_weight", "cohort"]),
    st.integers() | st.floats(allow_nan=False) | st.text("ab01.", max_size=5) | st.booleans(),
)


@settings(deadline=None)
@given(PARAMETERS, PARAMETERS)
def test_parameters_differ_exactly_if_the_ids_do(tmp_path_factory, one, other):
    folder = tmp_path_factory.getbasetemp()
    notebook = folder / "empty.ipynb"
    notebook.write_text('{"cells": []}')
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (
        run_id(notebook, one, {}, root=folder) == run_id(notebook, other, {}, root=folder)
    ) == same


def test_a_cell_that_is_not_python_is_named(project):
    edit(project, lambda notebook: notebook["cells"][2].update(source="def broken(:\n    pass"))
    with pytest.raises(ValueError, match=r"the cell `def broken.*` is not valid Python"):
        identity(project)


def test_published_tables_are_told_from_the_cells():
    cells = ["t = published_table('one')", "x.published_table('two/b')", "published_table('one')"]
    assert published_reads(cells) == ["one", "two/b"]
    with pytest.raises(ValueError, match="literal name"):
        published_reads(["published_table(name)"])


def tiny_build(seed):
    """A cohort whose loader is the module that `test_…_loader_changes` writes."""
    from helpers.cohorts.tiny_loader import load

    return load(seed)


def test_a_runs_id_changes_when_the_code_of_its_cohorts_loader_changes(
    tiny_project, write_notebook, monkeypatch
):
    spec = CohortSpec("demo-tiny", "demo", "tumours", build=tiny_build)
    monkeypatch.setattr("helpers.cohorts.registry.cohort_code", lambda name: spec.code())
    parameters = projects.PARAMETERS.replace('"demo-tiny"', '""')
    write_notebook("none", "1", parameters=parameters)
    package = tiny_project / "helpers" / "cohorts"
    package.mkdir(parents=True)
    loader, reader = package / "tiny_loader.py", package / "tiny_reader.py"
    loader.write_text("from helpers.cohorts.tiny_reader import read\nload = read")
    reader.write_text("def read(seed): return 1")
    (package / "other.py").write_text("x = 1")
    first, without_cohort = plan_run("tiny"), plan_run("none").run_id
    assert list(first.cohort_code) == [loader, reader]
    (package / "other.py").write_text("x = 2")
    assert plan_run("tiny").run_id == first.run_id
    reader.write_text("def read(seed): return 2")
    assert plan_run("tiny").run_id != first.run_id
    assert plan_run("none").run_id == without_cohort


def test_a_run_of_a_sweep_is_the_run_of_the_same_parameters(tiny_project, write_sweep, monkeypatch):
    code = [tiny_project / "loader.py"]
    code[0].write_text("")
    monkeypatch.setattr("helpers.cohorts.registry.cohort_code", lambda name: code)
    sweep = load_sweep(write_sweep("notebook: tiny\ngrid: {n_latent: [2, 3]}\nseeds: [1]"))
    expected = [plan_run("tiny", {"n_latent": n, "seed": 1}).run_id for n in (2, 3)]
    assert [run.run_id for run in plan_sweep(sweep)] == expected
