"""The house rules: who imports whom, how long, how documented, and what the repository holds."""

import ast
import functools
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest
import yaml

from helpers.imports import import_closure
from helpers.runs.identity import as_python, notebook_code
from helpers.runs.parameters import notebook_parameters

ROOT = Path(__file__).resolve().parents[1]
HELPERS = ROOT / "helpers"
MODULES = sorted(HELPERS.rglob("*.py"))
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
NAME = {path: path.relative_to(ROOT).as_posix() for path in [*MODULES, *NOTEBOOKS]}

MAX_MODULE, MAX_FUNCTION, MEDIAN_FUNCTION = 400, 40, 12  # lines
COMMON = {
    "cohort": "str",
    "seed": "int",
    "device": "str",
    "n_epochs": "int",
    "quick": "bool",
    "out_dir": "str",
}
RUN_KEYS = "metadata.papermill cell.metadata.papermill cell.metadata.execution metadata.widgets"
# What each room may import beside itself, the papers' rooms (found by their notebooks) aside.
FLOOR = {"files", "imports", "processes"}
SHARED = {"cohorts", "models", "evaluate", "figures"}
MAY_IMPORT = {
    "files": set(),
    "imports": set(),
    "processes": set(),
    "cohorts": FLOOR,
    "models": FLOOR,
    "evaluate": set(),
    "figures": set(),
    "a paper": FLOOR | SHARED,
    "runs": FLOOR | {"cohorts", "models"},
    "sweeps": FLOOR | {"runs"},
    "book": FLOOR | {"cohorts", "evaluate", "figures", "runs", "sweeps", "course"},
    "course": FLOOR,
    "conversion": FLOOR | {"cohorts"},
    "console": set(),
    "commands": FLOOR | {"console", "runs", "sweeps", "book", "course"},
    "data_commands": {"console", "cohorts", "conversion", "runs"},
    "cli": {"console", "commands", "data_commands"},
    "__main__": {"cli"},
    "__init__": set(),
}
PAPERS = {path.stem.partition("_")[2] for path in NOTEBOOKS if path.parent.name == "notebooks"}
PROJECT_FILE = re.compile(r"\b(?:helpers|tests|notebooks)/[\w/]+\.(?:py|ipynb|yaml)")
MAX_ROOM = 20  # modules at one level
MAX_ARGUMENTS = 8  # of a public function; what travels together is a settings object


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=[NAME[path] for path in paths])


def room(path):
    parts = path.relative_to(HELPERS).parts
    return parts[0] if len(parts) > 1 else path.stem


def imported(path):
    """Dotted names that the module at `path` imports anywhere in it."""
    package = list(path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


@functools.cache
def parsed(path):
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def definitions(path):
    """(dotted name, node) of every function and class of a module, nested ones too."""

    def walk(node, prefix):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                yield f"{prefix}{child.name}", child
                yield from walk(child, f"{prefix}{child.name}.")
            else:
                yield from walk(child, prefix)

    return list(walk(parsed(path), ""))


def n_lines(function):
    """Lines of a function without its docstring."""
    total = function.end_lineno - function.lineno + 1
    first = function.body[0]
    is_documented = ast.get_docstring(function) is not None
    return total - (first.end_lineno - first.lineno + 1 if is_documented else 0)


def functions(path):
    return [(name, node) for name, node in definitions(path) if not isinstance(node, ast.ClassDef)]


# Architecture


@each(MODULES)
def test_imports_point_one_way(path):
    here = room(path)
    allowed = MAY_IMPORT["a paper" if here in PAPERS else here]
    reached = {name.split(".")[1] for name in imported(path) if name.startswith("helpers.")}
    assert sorted(reached - allowed - {here}) == [], f"{here} may import {sorted(allowed)}"


@each([path for path in MODULES if room(path) == "models"])
def test_models_are_made_of_little(path):
    outside = {name.split(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)
    assert outside <= {"torch", "jaxtyping", "numpy", "sklearn", "helpers"}


def test_every_notebook_has_its_room():
    assert sorted(room for room in PAPERS if not (HELPERS / room).is_dir()) == []


@pytest.fixture(scope="module")
def papers_by_module():
    """Module → the papers whose notebook or room imports it, all the way down."""
    users = {path: set() for path in MODULES}
    for notebook in NOTEBOOKS:
        paper = notebook.stem.partition("_")[2]
        if notebook.parent.name != "notebooks":  # bears its paper's name: rnalign_trial
            paper = next(name for name in PAPERS if name in notebook.stem)
        sources = [as_python(cell) for cell in notebook_code(notebook)]
        sources.append(f"import helpers.{paper}.cohorts")  # the registry's, by that name
        for path in import_closure(sources, ROOT):
            users[path].add(paper)
    return users


@pytest.mark.parametrize("shared", sorted(SHARED))
def test_what_only_one_paper_uses_is_in_its_room(papers_by_module, shared):
    lonely = {
        NAME[path]: sorted(papers)
        for path, papers in papers_by_module.items()
        if room(path) == shared and len(papers) < 2
    }
    assert lonely == {}, "move it to the paper's room, or delete it"


def test_what_is_in_a_papers_room_is_used(papers_by_module):
    idle = [NAME[p] for p, papers in papers_by_module.items() if room(p) in PAPERS and not papers]
    assert idle == []


def test_rooms_are_small():
    levels = Counter(path.parent for path in MODULES if path.stem != "__init__")
    assert {
        level.relative_to(ROOT).as_posix(): n for level, n in levels.items() if n > MAX_ROOM
    } == {}


def test_no_name_is_used_twice_but_for_the_furniture_of_papers():
    places = defaultdict(list)
    for path in MODULES:
        if path.stem != "__init__":
            is_furniture = path.parent.name in PAPERS and path.parent.parent.name == "helpers"
            places[path.stem].append("a paper" if is_furniture else NAME[path])
    twice = {stem: found for stem, found in places.items() if len(found) > 1}
    assert {stem: found for stem, found in twice.items() if set(found) != {"a paper"}} == {}


def test_tests_mirror_the_tree():
    """A test file named for a module lies where the module lies."""
    places = {path.stem: path.parent.relative_to(HELPERS) for path in MODULES}
    astray = []
    for path in (ROOT / "tests").rglob("test_*.py"):
        module, folder = path.stem.removeprefix("test_"), path.parent.relative_to(ROOT / "tests")
        is_furniture = folder.name in PAPERS and (HELPERS / folder / f"{module}.py").exists()
        if module in places and places[module] != folder and not is_furniture:
            astray.append(path.relative_to(ROOT).as_posix())
    assert astray == []


def test_there_is_no_junk_drawer():
    drawers = {"utils", "util", "misc", "common", "tools"}
    assert [NAME[path] for path in MODULES if path.stem in drawers] == []


@each([path for path in MODULES if path.stem == "__init__"])
def test_a_package_says_what_every_module_of_it_is_for(path):
    said = set(re.findall(r"\w+", ast.get_docstring(parsed(path))))
    inside = {file.stem for file in path.parent.glob("*.py")} - {"__init__", "__main__"}
    rooms = {folder.parent.name for folder in path.parent.glob("*/__init__.py")}
    assert sorted((inside | rooms) - said) == []


@each(MODULES)
def test_modules_and_functions_are_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_MODULE
    long = {name: n_lines(node) for name, node in functions(path) if n_lines(node) > MAX_FUNCTION}
    assert not long


def test_most_functions_are_shorter():
    lengths = [n_lines(node) for path in MODULES for _, node in functions(path)]
    assert statistics.median(lengths) <= MEDIAN_FUNCTION


@each(MODULES)
def test_public_functions_take_few_arguments(path):
    many = {}
    for name, node in functions(path):
        is_private = any(part.startswith("_") and part != "__init__" for part in name.split("."))
        given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        n_arguments = len([argument for argument in given if argument.arg not in ("self", "cls")])
        if not is_private and not _is_nested(path, name) and n_arguments > MAX_ARGUMENTS:
            many[name] = n_arguments
    assert many == {}


@each(MODULES)
def test_what_is_public_is_documented(path):
    assert ast.get_docstring(parsed(path)), "the module"
    bare = [
        name
        for name, node in definitions(path)
        if not any(part.startswith("_") for part in name.split("."))
        and not ast.get_docstring(node)
        and not _is_nested(path, name)
    ]
    assert bare == []


def _is_nested(path, name):
    """Whether a dotted name is inside a function, where nobody else can call it."""
    inside = {other for other, _ in functions(path)}
    return any(name.startswith(f"{other}.") for other in inside)


# Notebooks


def test_there_are_notebooks():
    assert [path for path in NOTEBOOKS if path.parent.name == "notebooks"]


def test_notebooks_hold_no_outputs_and_no_run_metadata():
    command = [sys.executable, "-m", "nbstripout", "--keep-id", "--extra-keys", RUN_KEYS]
    done = subprocess.run([*command, "--verify", *NOTEBOOKS], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr + f"strip them: {command}"


@each([path for path in NOTEBOOKS if path.parent.name != "course"])  # theirs: tests/course
def test_notebooks_take_the_common_parameters(path):
    known = {parameter.name: parameter for parameter in notebook_parameters(path)}
    assert {name: known[name].type for name in COMMON if name in known} == COMMON
    assert known["cohort"].default.startswith("demo-") and known["out_dir"].default == ""
    assert known["device"].default == "auto" and known["quick"].default is False
    assert [name for name, parameter in known.items() if not parameter.comment] == []


@each(NOTEBOOKS)
def test_parameters_are_the_first_code_cell_and_typed(path):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec.name == "python3"
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert "parameters" in first.metadata.get("tags", [])
    assert all(isinstance(line, ast.AnnAssign) for line in ast.parse(first.source).body)


# Environment


def lock_lines():
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def test_the_lock_pins_exact_versions_from_nowhere_in_particular():
    pin = re.compile(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==[\w.!]+( ; .+)?")
    assert [line for line in lock_lines() if not pin.fullmatch(line.strip())] == []
    names = [re.split(r"[=\[ ]", line)[0].lower() for line in lock_lines() if ";" not in line]
    assert len(names) == len(set(names))
    assert "torch" in names


def test_the_conda_environment_repeats_nothing():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    assert sorted(re.split(r"[=<>]", entry)[0] for entry in conda) == ["pip", "python"]
    assert sorted(line.replace(" ", "") for line in pip) == ["-e.", "-rrequirements.lock"]


# Repository


def committed_files():
    """Text files that git tracks or would add."""
    command = ["git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "-z"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git repository")
    for name in filter(None, done.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in path.read_bytes()[:4096]:
            yield path


def test_nothing_lies_at_the_top_but_what_the_map_shows():
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^([\w.]+)(?=/? {2,})", contributing, flags=re.MULTILINE))
    shown |= {".ci", ".gitignore", "CONTRIBUTING.md", "LICENSE"}
    found = {path.relative_to(ROOT).parts[0] for path in committed_files()}
    assert sorted(found - shown) == []


def test_files_that_the_documentation_names_are_there():
    """But for those that the walk of CONTRIBUTING.md makes."""
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "book").glob("*.md"),
        *NOTEBOOKS,
    ]
    named = {
        name
        for page in pages
        for name in re.findall(
            r"\b(?:helpers|tests|notebooks)/[\w/]+\.(?:py|ipynb|yaml)", page.read_text()
        )
    }
    gone = sorted(name for name in named if not (ROOT / name).exists())
    assert [name for name in gone if "nearest_centroid" not in name] == []


def test_no_path_of_one_machine_is_committed():
    machine = re.compile(r"(?<![\w./:~}>$-])/(home|Users|root|work|mnt|scratch)/\w")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in committed_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if machine.search(line)
    ]
    assert found == []


@pytest.mark.parametrize("check", [["check"], ["format", "--check"]], ids=["lint", "format"])
def test_ruff_has_nothing_to_say(check):
    command = [sys.executable, "-m", "ruff", *check, "--quiet", "helpers", "tests", "notebooks"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
