"""A run's id changes with what decides its numbers, and with nothing else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.imports import import_closure
from helpers.runs.identity import as_python, published_reads, run_id

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


@pytest.mark.parametrize(
    ("cell", "reached"),
    [
        ("import helpers.models.vae as v", "helpers/models/vae.py"),
        ("from helpers.models import other, vae", "helpers/models/other.py"),
        ("from helpers import models", "helpers/models/__init__.py"),
        ("def f():\n    import helpers.data.loaders", "helpers/data/loaders.py"),
        ("%time x = 1\nfrom helpers.data.loaders import load", "helpers/data/loaders.py"),
        ("files = !ls\nimport helpers.models.other", "helpers/models/other.py"),
    ],
)
def test_every_way_of_importing_is_seen(project, cell, reached):
    assert project / reached in import_closure([as_python(cell)], project)


def test_other_packages_are_not_followed(project):
    assert import_closure(["import numpy, helpers_of_others", "from . import x"], project) == []


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
