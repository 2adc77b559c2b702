"""The walk of CONTRIBUTING.md ("A fifth paper in a day") carried out on a copy of the project."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

BLOCK = re.compile(r"^```(?P<info>\w+ \S.*)\n(?P<text>(?:(?!^```).*\n)*)^```$", re.MULTILINE)
KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def copy_project(root: Path, folder: Path) -> Path:
    """The files of the project that git tracks or would add, copied to `folder`."""
    command = ["git", "-C", str(root), "ls-files", "-co", "--exclude-standard", "-z"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (root / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / name, folder / name)
    return folder


def fifth_paper(project: Path) -> str:
    """Make the paper in `project` from its CONTRIBUTING.md; the notebook's name."""
    text = (project / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = text[text.index("## A fifth paper") : text.index("## How to add")]
    name = re.search(r"`notebooks/(\w+)\.ipynb`", text)[1]
    cells = []
    for block in BLOCK.finditer(text):
        language, *words = shlex.split(block["info"])
        options = dict(word.partition("=")[::2] for word in words)
        if "file" in options:
            _write(project / options["file"], block["text"])
        elif "add" in options:
            _add(project / options["add"], block["text"])
        elif "cell" in options:
            cells.append(_cell(language, block["text"].rstrip("\n"), options))
    notebook = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(notebook, project / "notebooks" / f"{name}.ipynb")
    return name


def remove_paper(project: Path, notebook: str) -> None:
    """Delete a paper's room, its notebook and its lines in book/runs.toml and _toc.yml."""
    shutil.rmtree(project / "helpers" / notebook.partition("_")[2])
    (project / "notebooks" / f"{notebook}.ipynb").unlink()
    runs, contents = project / "book" / "runs.toml", project / "_toc.yml"
    tables = re.split(r"(?m)^(?=\[)", runs.read_text(encoding="utf-8"))
    groups = []
    for table in tables:  # a [[run]] and the [run.…] tables that follow it go together
        if table.startswith("[run."):
            groups[-1] += table
        else:
            groups.append(table)
    kept = [group for group in groups if f'notebook = "{notebook}"' not in group]
    runs.write_text("".join(kept), encoding="utf-8")
    lines = contents.read_text(encoding="utf-8").splitlines(keepends=True)
    left, skipping = [], 0
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if f"file: notebooks/{notebook}" in line and not skipping:
            skipping = indent
        elif skipping and (indent <= skipping or not line.strip()):
            skipping = 0
        if not skipping:
            left.append(line)
    contents.write_text("".join(left), encoding="utf-8")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _add(path: Path, text: str) -> None:
    """To the end of a TOML file; to the end of the first part of the contents."""
    before = path.read_text(encoding="utf-8")
    if path.suffix == ".toml":
        after = before.rstrip("\n") + "\n\n" + text
    else:
        second_part = before.index("  - caption:", before.index("  - caption:") + 1)
        after = before[:second_part] + text + before[second_part:]
    path.write_text(after, encoding="utf-8")


def _cell(language: str, text: str, options: dict[str, str]):
    if language == "markdown":
        return new_markdown_cell(text)
    metadata = {"tags": options["tags"].split(",")} if "tags" in options else {}
    if "alt" in options:
        metadata["mystnb"] = {"image": {"alt": options["alt"]}}
    return new_code_cell(text, metadata=metadata)
