"""The book without solutions: what is staged, with every solution and lecturer's page taken out.

They are taken out of the sources, not hidden in the pages, so that neither the search nor the
notebooks that a page offers for download hold them.
"""

import re
from pathlib import Path

import nbformat

LECTURERS = ("book/teaching.md",)
STUB = "This page is for lecturers, and not in this edition.\n"
SOLUTION = re.compile(r"^(:{3,}|`{3,})\{solution\}.*?^\1[ \t]*$\n?", re.MULTILINE | re.DOTALL)


def take_out_solutions(site: Path) -> None:
    """Take every `{solution}` out of the staged pages of `site`, and the lecturers' pages.

    Raises:
        ValueError: a page has a solution that is not one directive, such as a gated one.
    """
    for name in LECTURERS:
        page = site / name
        if page.exists():
            title = page.read_text(encoding="utf-8").splitlines()[0]
            page.write_text(f"{title}\n\n{STUB}", encoding="utf-8")
    for path in sorted((site / "book").rglob("*.md")):
        path.write_text(_without(path.read_text(encoding="utf-8"), path), encoding="utf-8")
    for path in sorted((site / "notebooks").rglob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = _without(cell.source, path)
        nbformat.write(notebook, path)


def _without(text: str, path: Path) -> str:
    left = SOLUTION.sub("", text)
    if "{solution" in left:
        raise ValueError(
            f"{path.name} has a solution that the students' book cannot leave out: write it as one "
            "directive, :::{solution} label … :::"
        )
    return left
