"""A finished run and a small project around it, made without a kernel."""

import base64
import json
import shutil
from copy import deepcopy
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.book.contents import Contents, Entry
from helpers.book.finished import FinishedRun
from helpers.book.staging import Edition

ROOT = Path(__file__).parents[2]
PIXEL = (  # a PNG of one white pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP6DwABBQECz6AuzQAAAABJRU5ErkJggg=="
)
RUN = {
    "notebook": "tiny",
    "run_id": "0123456789ab",
    "status": "finished",
    "parameters": {"cohort": "demo-pancan", "seed": 3, "n_latent": 64},
    "seed": 3,
    "cohort": "demo-pancan",
    "device": "cpu",
    "hardware": {"cpu": "Abacus | 9", "cores": 2, "memory_gb": 24.0, "gpu": None},
    "versions": {"python": "3.11.7", "torch": "2.13.0"},
    "git_commit": "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
    "git_dirty": False,
    "started": "2026-11-20T10:40:00+00:00",
    "duration_s": 252.4,
    "peak_memory_mb": 812.0,
    "helpers_path": "helpers/__init__.py",
}
COHORT = {
    "name": "demo-pancan",
    "n_samples": 1234,
    "n_features": 680,
    "feature": "microRNA",
    "unit": "log2(RPM+1)",
    "notes": ["It is microRNA, not mRNA."],
}
METRICS = {
    "classifier.accuracy.vae": 0.94012,
    "classifier.accuracy.vae_sd": 0.0041,
    "latent.active_units": 27,
}


CLAIMS = """claim,where,paper,here,n,tolerance,verdict,reason
pixels are white,figure 2,shown,0.955 ± 0.0062,5,accuracy ≥ 0.9; partly ≥ 0.8,reproduced,
"pixels, many",table 1,5 of 5,1,1,rank 1,not,
none is black,not tested,–,0.1 ± 0.2,5,share ≤ 0.2; partly ≤ 0.4,uncertain,by the mean: reproduced
they weigh,results,80 %,–,0,–,not testable here,no scales
"""
SCORES = """method,accuracy,seed
vae,0.90,0
vae,0.92,1
vae,0.91,2
pca,0.80,0
pca,0.83,1
pca,0.81,2
"""
SAID = """- **Telling pixels** (by lamp). They beat dots (0.9 ± 0.01 against 0.81 ± 0.015). So.
- **Is it white?** Yes. It is.
"""


@pytest.fixture
def entry():
    """The page of the first run."""
    return Entry("tiny", "notebooks/tiny", real={"cohort": "tcga-mirna"}, demo={"cohort": "demo"})


@pytest.fixture
def source_notebook():
    """A notebook as it is kept: no outputs."""
    figure = {"name": "pixel", "caption": "One pixel."}
    image = {"mystnb": {"image": {"alt": "One white pixel."}, "figure": figure}}
    cells = [
        new_markdown_cell("# Tiny\n\nWhat it is about, with $z$ {cite:p}`kingma2014`.", id="title"),
        new_code_cell(
            'cohort: str = "demo-pancan"  # registered name or .h5ad path\n'
            "seed: int = 0  # of every random number\n"
            "n_latent: int = 32  # latent dimensions\n"
            'out_dir: str = ""  # folder of the run',
            id="parameters",
            metadata={"tags": ["parameters"]},
        ),
        new_markdown_cell("(pixels)=\n## Pixels\n\nSee {numref}`pixel` in {ref}`pixels`.", id="h2"),
        new_code_cell("show(pixel)", id="show", metadata=image),
        new_markdown_cell("## Exercises", id="exercises", metadata={"tags": ["first-page-only"]}),
        new_markdown_cell("## Key takeaways", id="takeaways"),
        new_code_cell("say(run)", id="say"),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def executed_notebook(source_notebook):
    """The same as papermill leaves it: outputs, injected parameters, notes, widget state."""
    executed = deepcopy(source_notebook)
    executed.cells[3].outputs = [new_output("display_data", data={"image/png": PIXEL})]
    executed.cells[-1].outputs = [new_output("display_data", data={"text/markdown": SAID})]
    executed.cells[3].execution_count = 3
    executed.cells[3].metadata["papermill"] = {"status": "completed"}
    injected = new_code_cell("seed = 3\nn_latent = 64", id="injected")
    injected.metadata["tags"] = ["injected-parameters"]
    executed.cells.insert(2, injected)
    executed.metadata["papermill"] = {"exception": None, "output_path": "/somewhere/else.ipynb"}
    executed.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {}}
    return executed


@pytest.fixture
def finished(tmp_path, entry, executed_notebook):
    """A finished run of `tiny`."""
    folder = tmp_path / "results" / "tiny" / RUN["run_id"]
    (folder / "figures").mkdir(parents=True)
    (folder / "figures" / "umap.png").write_bytes(base64.b64decode(PIXEL))
    nbformat.write(executed_notebook, folder / "notebook.ipynb")
    (folder / "tables").mkdir()
    (folder / "tables" / "reproduction.csv").write_text(CLAIMS)
    (folder / "tables" / "scores.csv").write_text(SCORES)
    for name, content in (("run", RUN), ("cohort", COHORT), ("metrics", METRICS)):
        (folder / f"{name}.json").write_text(json.dumps(content))
    return FinishedRun(folder, entry)


@pytest.fixture
def edition(tmp_path, finished, source_notebook):
    """An edition of this project's book that shows only the run of `tiny`."""
    root = tmp_path / "project"
    root.mkdir()
    shutil.copytree(ROOT / "book", root / "book")
    for table in (root / "book" / "published").glob("*.csv"):
        if table.stem != "pancan_latent":  # each of the twenty would be drawn anew
            table.unlink()
            table.with_suffix(".json").unlink()
    shutil.copy(ROOT / "_config.yml", root)
    toc = (ROOT / "_toc.yml").read_text()
    prose = toc[toc.index("  - caption: Results") :]
    tiny = "  - caption: Chapters\n    chapters:\n      - file: notebooks/tiny\n"
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/intro\nparts:\n" + tiny + prose)
    intro = root / "book" / "intro.md"
    lines = [line for line in intro.read_text().splitlines() if "../notebooks/" not in line]
    intro.write_text("\n".join(lines))
    for page in (root / "book").glob("*.md"):  # chapter 1 is not in this small book
        page.write_text(page.read_text().replace("../notebooks/01_pancan_vae.ipynb", "intro.md"))
    (root / "notebooks").mkdir()
    nbformat.write(source_notebook, root / "notebooks" / "tiny.ipynb")
    return Edition(root, Contents((finished.entry,)), [finished], "demo")
