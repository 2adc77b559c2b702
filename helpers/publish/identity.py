"""The id of a run: a digest of everything that decides its numbers.

It covers the notebook's code cells, the source of the project's modules they import (directly, in
turn, and inside functions), the parameters and the sha256 of the input files. It leaves out what
decides nothing: outputs, prose, cell ids, where the run is written, and modules the notebook never
reaches. Imports by computed name (`importlib`) are not seen, so the project has none. Versions of
other packages are recorded with a run and are not part of its id.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

ID_LENGTH = 12  # hexadecimal digits, 48 bits
NOT_DECISIVE = {"out_dir"}


def run_id(
    notebook: str | Path,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    root: Path | None = None,
) -> str:
    """Id of the run of `notebook` with resolved `parameters` on `inputs` (file name → sha256).

    `root` is the folder that holds the package `helpers`; the project's unless given.

    Raises:
        ValueError: a code cell or an imported module is not valid Python.
    """
    root = root or _project_root()
    code = notebook_code(notebook)
    modules = import_closure(code, root)
    content = {
        "code": code,
        "helpers": {p.relative_to(root).as_posix(): _digest(_read(p)) for p in modules},
        "parameters": {k: v for k, v in parameters.items() if k not in NOT_DECISIVE},
        "inputs": dict(inputs),
    }
    return _digest(json.dumps(content, sort_keys=True))[:ID_LENGTH]


def notebook_code(path: str | Path) -> list[str]:
    """Source of the non-empty code cells of the notebook at `path`, in order."""
    cells = json.loads(_read(Path(path)))["cells"]
    sources = ["".join(c["source"]).strip() for c in cells if c["cell_type"] == "code"]
    return [source for source in sources if source]


def import_closure(code: Iterable[str], root: Path, package: str = "helpers") -> list[Path]:
    """Files of `package` under `root` that `code` (cells of a notebook) imports, all the way down.

    Every package on the way to a module counts too, since importing a module runs them. Sorted.
    """
    waiting = [file for cell in code for file in _imports(_as_python(cell), root, package)]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting.extend(_imports(_read(file), root, package, inside=file))
    return sorted(found)


def _imports(source: str, root: Path, package: str, inside: Path | None = None) -> Iterator[Path]:
    """Files that the import statements of `source` run; `inside` is the module it comes from."""
    for name in _imported_names(source, root, inside):
        if name.split(".")[0] == package:
            yield from _files(name, root)


@lru_cache(maxsize=2048)  # a sweep plans many runs over the same modules
def _imported_names(source: str, root: Path, inside: Path | None) -> tuple[str, ...]:
    """Absolute dotted names of what `source` imports, each name of a `from … import` its own."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        where = inside.relative_to(root) if inside else f"the cell `{source.splitlines()[0]}`"
        raise ValueError(f"{where} is not valid Python: {error}") from None
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = _origin(node, root, inside)
            names += [f"{origin}.{alias.name}" for alias in node.names]
    return tuple(names)


def _origin(node: ast.ImportFrom, root: Path, inside: Path | None) -> str:
    """Absolute dotted name of what `from … import` imports from."""
    if not node.level or inside is None:
        return node.module or ""
    parts = inside.relative_to(root).with_suffix("").parts
    base = parts[: len(parts) - node.level]
    return ".".join([*base, *([node.module] if node.module else [])])


def _files(name: str, root: Path) -> Iterator[Path]:
    """Files run by importing the dotted `name`; a last part that is no module is an attribute."""
    path = root
    for part in name.split("."):
        path = path / part
        for file in (path / "__init__.py", path.with_suffix(".py")):
            if file.is_file():
                yield file


def _as_python(cell: str) -> str:
    """A notebook cell with IPython's magics written as Python calls."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(cell)


def _project_root() -> Path:
    from helpers.data.sources import project_root

    return project_root()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
