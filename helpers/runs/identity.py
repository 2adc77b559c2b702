"""The id of a run: a digest of everything that decides its numbers.

It covers the notebook's code cells, the source of the project's modules they import (directly, in
turn, and inside functions), the source of the loaders of the cohorts it is given, the parameters
and the sha256 of the input files, published tables that the notebook reads among them. It leaves
out what decides nothing: outputs, prose, cell ids, where the run is written, and modules the
notebook never reaches. Versions of other packages are recorded with a run and are not part of its
id.
"""

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helpers import files
from helpers.imports import code_digests, import_closure

ID_LENGTH = 12  # hexadecimal digits, 48 bits
NOT_DECISIVE = {"out_dir"}


def run_id(
    notebook: str | Path,
    parameters: Mapping[str, Any],
    inputs: Mapping[str, str],
    cohort_code: Iterable[Path] = (),
    root: Path | None = None,
) -> str:
    """Id of the run of `notebook` with resolved `parameters` on `inputs` (file name → sha256).

    `cohort_code` are the files that load the run's cohorts, which the notebook asks for by name;
    `root` is the folder that holds the package `helpers`; the project's unless given.

    Raises:
        ValueError: a code cell or an imported module is not valid Python.
    """
    root = root or files.project_root()
    code = notebook_code(notebook)
    modules = import_closure(map(as_python, code), root)
    content = {
        "code": code,
        "helpers": code_digests(sorted({*modules, *cohort_code}), root),
        "parameters": {k: v for k, v in parameters.items() if k not in NOT_DECISIVE},
        "inputs": dict(inputs),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:ID_LENGTH]


def notebook_code(path: str | Path) -> list[str]:
    """Source of the non-empty code cells of the notebook at `path`, in order."""
    cells = files.read_json(Path(path))["cells"]
    sources = ["".join(c["source"]).strip() for c in cells if c["cell_type"] == "code"]
    return [source for source in sources if source]


def published_reads(code: Iterable[str]) -> list[str]:
    """Names of the published tables that a notebook's cells read, by `published_table("name")`.

    Raises:
        ValueError: a name is computed, so that it cannot be told before the run.
    """
    names: dict[str, None] = {}
    for cell in code:
        for node in ast.walk(_tree(cell)):
            if _calls(node, "published_table"):
                if not (node.args and isinstance(node.args[0], ast.Constant)):
                    raise ValueError(
                        "`published_table` must be called with a literal name, which is part of "
                        f"the run's identity; got `{ast.unparse(node)}`. Write the name there"
                    )
                names[str(node.args[0].value)] = None
    return list(names)


def as_python(cell: str) -> str:
    """A notebook cell with IPython's magics written as Python calls."""
    from IPython.core.inputtransformer2 import TransformerManager

    return TransformerManager().transform_cell(cell)


def _tree(cell: str) -> ast.AST:
    try:
        return ast.parse(as_python(cell))
    except SyntaxError:  # `run_id` names the cell
        return ast.Module([], [])


def _calls(node: ast.AST, function: str) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name == function
