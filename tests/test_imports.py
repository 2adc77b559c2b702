"""Which files code rests on: every way of importing is followed, and nothing else counts."""

import pytest

from helpers.imports import code_digests, import_closure

FILES = {
    "helpers/__init__.py": '"""Map."""',
    "helpers/models/__init__.py": "",
    "helpers/models/vae.py": "from .layers import dense",
    "helpers/models/layers.py": "def dense():\n    from ..data import loaders\n",
    "helpers/models/other.py": "from helpers.models import vae",
    "helpers/models/circle.py": "import helpers.models.circle",
    "helpers/data/__init__.py": "",
    "helpers/data/loaders.py": "import numpy\nimport elsewhere.helpers",
    "helpers/idle.py": "",
}
PACKAGE, MODELS = "helpers/__init__.py", "helpers/models/__init__.py"
DATA = {"helpers/data/__init__.py", "helpers/data/loaders.py"}
VAE = {PACKAGE, MODELS, "helpers/models/vae.py", "helpers/models/layers.py", *DATA}


@pytest.fixture
def project(tmp_path):
    for name, source in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source)
    return tmp_path


@pytest.mark.parametrize(
    ("code", "reached"),
    [
        ("import helpers.models.vae as v", VAE),
        ("from helpers.models.vae import VAE", VAE),
        ("from helpers.models import vae", VAE),
        ("from helpers.models import other, vae", VAE | {"helpers/models/other.py"}),
        ("from helpers import models", {PACKAGE, MODELS}),
        ("from helpers.models import *", {PACKAGE, MODELS}),
        ("def f():\n    import helpers.data.loaders", {PACKAGE, *DATA}),
        ("if False:\n    from helpers.data.loaders import load", {PACKAGE, *DATA}),
        ("import helpers.models.circle", {PACKAGE, MODELS, "helpers/models/circle.py"}),
        ("import helpers.absent", {PACKAGE}),
        ("import numpy, helpers_of_others", set()),
        ("from . import x", set()),
        ("text = 'import helpers.idle'", set()),
    ],
)
def test_what_is_imported_counts_all_the_way_down_and_nothing_else(project, code, reached):
    assert import_closure([code], project) == sorted(project / name for name in reached)


def test_several_sources_together(project):
    code = ["import helpers.idle", "from helpers.data import loaders"]
    found = {path.relative_to(project).as_posix() for path in import_closure(code, project)}
    assert found == {PACKAGE, "helpers/idle.py", *DATA}


def test_a_module_that_changes_changes_what_is_reached(project):
    code = ["import helpers.models.vae"]
    (project / "helpers/models/vae.py").write_text("import helpers.idle")
    found = {path.name for path in import_closure(code, project)}
    assert found == {"__init__.py", "vae.py", "idle.py"}


def test_a_module_that_is_not_python_is_named(project):
    (project / "helpers/data/loaders.py").write_text("def broken(:")
    with pytest.raises(ValueError, match=r"helpers/data/loaders\.py is not valid Python"):
        import_closure(["import helpers.models.vae"], project)
    with pytest.raises(ValueError, match=r"the cell `import x y` is not valid Python"):
        import_closure(["import x y\nz = 1"], project)


def test_digests_follow_the_text_alone(project):
    files = import_closure(["import helpers.models.vae"], project)
    before = code_digests(files, project)
    assert set(before) == VAE
    (project / "helpers/idle.py").write_text("x = 1")
    assert code_digests(files, project) == before
    (project / "helpers/data/loaders.py").write_text("x = 1")
    after = code_digests(files, project)
    assert {name for name in after if after[name] != before[name]} == {"helpers/data/loaders.py"}
