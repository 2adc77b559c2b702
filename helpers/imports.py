"""Which files of the package some code rests on: its imports, all the way down.

Run ids and the caches of built cohorts are digests of these files, so that code which changed is
never answered by a result of the code before. Imports by computed name (`importlib`) are not seen;
the one place that has such an import is the registry of cohorts, whose loaders are asked for by
name and counted by that name.
"""

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path

PACKAGE = "helpers"


def import_closure(code: Iterable[str], root: Path, package: str = PACKAGE) -> list[Path]:
    """Files of `package` under `root` that `code` (Python sources) imports, all the way down.

    Every package on the way to a module counts too, since importing a module runs them. Sorted.

    Raises:
        ValueError: a source or an imported module is not valid Python.
    """
    waiting = [file for source in code for file in _imports(source, root, package)]
    closure: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in closure:
            closure.add(file)
            waiting.extend(_imports(_read(file), root, package, inside=file))
    return sorted(closure)


def code_digests(files: Iterable[Path], root: Path) -> dict[str, str]:
    """sha256 of each file's text, by its path under `root`."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(_read(path).encode()).hexdigest()
        for path in files
    }


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


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
