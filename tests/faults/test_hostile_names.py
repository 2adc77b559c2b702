"""Names with HTML, quotes, line breaks, marks of direction and separators are inert everywhere."""

import io
import json
import re
import unicodedata
from pathlib import Path

import anndata
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from docutils.core import publish_string
from hypothesis import given
from hypothesis import strategies as st
from myst_parser.parsers.docutils_ import Parser

from helpers.book.chapter_pages.run_cards import parameter_table
from helpers.book.sweep_pages.sweep_page import page
from helpers.book.sweep_pages.sweep_results import SweepResult
from helpers.cohorts.reading.plain_names import plain_index, plain_name, plain_sentence
from helpers.cohorts.user_files import load_h5ad, load_panel
from helpers.figures.embedding import plot_embedding
from helpers.runs.parameters import Parameter
from helpers.runs.record import Record

HOSTILE = (
    '<script>alert("1")</script>',
    "<img src=x onerror=alert(2)>",
    "[link](javascript:alert(3))",
    "![image](https://evil.example/a.png)",
    "{raw}`html <b onclick=alert(4)>`",
    "```{raw} html\n<iframe src='https://evil.example'></iframe>\n```",
    "$x^$ and $\\frac{",
    "\u202egnp.exe\u202c\u200b\ufeff",
    "a\nb\r\n\tc\0d\x1b[31m",
    "../../etc/passwd",
    "C:\\temp\\|pipe|",
    '\'; DROP TABLE "x"; --',
    "&lt;script&gt;alert(5)&lt;/script&gt;",
    "é" * 5000,
)
FORBIDDEN = re.compile(
    r"import pickle|joblib|allow_pickle=True|yaml\.load\(|read_pickle|(?<![.\w`])(eval|exec)\("
    r"|shell=True|os\.system"
)
ACTIVE = ("script", "img", "iframe", "object", "embed", "form", "style", "svg", "link", "math")


def rendered(markdown):
    """The body of the page that MyST, with this book's extensions, makes of Markdown."""
    settings = {
        "myst_enable_extensions": ["amsmath", "attrs_inline", "colon_fence", "dollarmath"],
        "embed_stylesheet": False, "warning_stream": io.StringIO(), "report_level": 5,
    }  # fmt: skip
    html = publish_string(
        markdown, parser=Parser(), writer_name="html5", settings_overrides=settings
    ).decode()
    return BeautifulSoup(html, "html.parser").body


def obeyed(body):
    """What a browser would load, run or follow."""
    found = [str(tag)[:80] for name in ACTIVE for tag in body.find_all(name)]
    found += [str(a)[:80] for a in body.find_all("a") if not a.get("href", "#").startswith("#")]
    return found + [
        str(tag)[:80] for tag in body.find_all() if any(a[:2] == "on" for a in tag.attrs)
    ]


def test_the_measure_sees_what_is_obeyed():
    seen = [name for name in HOSTILE if obeyed(rendered(f"- of {name} here"))]
    assert len(seen) >= 4


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_a_plain_name_is_obeyed_by_no_page(name):
    plain = plain_name(name)
    assert "\n" not in plain and len(plain) <= 200
    assert not {unicodedata.category(c)[0] for c in plain} & {"C"}
    for text in (f"- of {plain} here", f"| a |\n| --- |\n| {plain} |", f"**{plain}**: 3"):
        assert obeyed(rendered(text)) == []
    assert obeyed(rendered("- " + plain_sentence(f"`{name}` read as {name!r}."))) == []


@given(st.lists(st.text(), min_size=1, max_size=6, unique=True))
def test_plain_names_stay_apart_and_stay(names):
    once, _ = plain_index(pd.Index(names))
    assert once.is_unique and plain_index(once)[1] == 0


def test_ordinary_names_stay_what_they_are():
    for name in (
        "TCGA-AB-1234-01A",
        "HLA-A*02:01",
        "Head & Neck",
        "stage I/II",
        "hsa-mir-21",
        "Ärzte",
    ):
        assert plain_name(name) == name


@pytest.fixture
def hostile_file(tmp_path):
    """A file whose every name is hostile, its own too."""
    n = 30
    names = [HOSTILE[i % len(HOSTILE)] for i in range(n)]
    obs = pd.DataFrame(
        {"patient": [f"{name[:40]} {i}" for i, name in enumerate(names)],
         "cancer_type": [HOSTILE[0], HOSTILE[6]] * (n // 2),
         "subtype": [HOSTILE[4], HOSTILE[7]] * (n // 2), "batch": HOSTILE[5],
         "sample_type": "primary"},
        index=[f"{name[:40]}{i}" for i, name in enumerate(names)],
    ).replace("\0", "", regex=True)  # fmt: skip
    genes = [
        f"{name[:60]}{i}".replace("\0", "").replace("/", "∕") for i, name in enumerate(HOSTILE)
    ]
    obs.index = obs.index.str.replace("\0", "")
    x = np.random.default_rng(0).uniform(0, 9, (n, len(genes))).astype(np.float32)
    cohort = anndata.AnnData(x, obs, pd.DataFrame(index=genes))
    cohort.uns |= {"unit": "log2(TPM+1) <b>", "notes": [HOSTILE[1]], "name": HOSTILE[0]}
    path = tmp_path / "<img src=x onerror=alert(9)>.h5ad"
    cohort.write_h5ad(path)
    return path


def every_name(cohort):
    columns = [cohort.obs[c] for c in ("patient", "cancer_type", "subtype", "batch")]
    names = [*cohort.obs_names, *cohort.var_names, *(v for c in columns for v in c)]
    return {*map(str, names), cohort.uns.get("name", ""), cohort.uns.get("unit", "")}


@pytest.mark.parametrize("load", [load_h5ad, load_panel])
def test_a_file_of_hostile_names_is_read_plain_and_says_so(hostile_file, load):
    cohort = load(hostile_file)
    names = every_name(cohort) if load is load_h5ad else set(cohort.obs["cancer_type"])
    assert obeyed(rendered("\n".join(f"- {name}" for name in names))) == []
    notes = cohort.uns["notes"]
    assert obeyed(rendered("\n".join(f"- {note}" for note in notes))) == []
    assert "obs['cancer_type']: 30 have signs that pages and figures would obey" in " ".join(notes)
    assert cohort.obs["cancer_type"].nunique() == 2 and cohort.obs_names.is_unique


def test_figures_tables_and_files_of_them(hostile_file, tmp_path):
    cohort = load_h5ad(hostile_file)
    record = Record("tiny", tmp_path / "run")
    ax = plot_embedding(cohort.X[:, :2], cohort.obs["cancer_type"].to_numpy(str))
    ax.set_title(" ".join(sorted(every_name(cohort)))[:400])
    record.figure("umap", ax)
    table = cohort.obs.reset_index(names="sample")
    record.table("samples", table)
    record.cohort(cohort)
    plt.close("all")
    assert [
        str(value) for value in pd.read_csv(tmp_path / "run/tables/samples.csv")["subtype"]
    ] == [*table["subtype"].astype(str)]
    svg = BeautifulSoup((tmp_path / "run/figures/umap.svg").read_text(), "html.parser")
    assert not svg.find_all(["script", "iframe", "foreignobject"])
    about = json.loads((tmp_path / "run/cohort.json").read_text())
    assert len(about["cancer_types"]) == 2
    shown = BeautifulSoup(table.to_html(), "html.parser")
    assert not shown.find_all([name for name in ACTIVE if name != "style"])
    for name in HOSTILE:
        with pytest.raises(ValueError, match="a file name must be letters"):
            record.table(name, table)
        with pytest.raises(ValueError, match="a metric's key must be"):
            record.metric(f"fit.{name}", 1.0)
    assert {path.name for path in tmp_path.iterdir()} == {"run", hostile_file.name}


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_the_page_of_a_sweep(name):
    """Values of parameters, labels and what failed runs said."""
    table = pd.DataFrame(
        {"run_id": ["0" * 12, "1" * 12], "label": [name, "plain"], "cohort": [name, "demo"],
         "status": ["finished", "failed"], "error": ["", f"KeyError: {name}"], "a.b": [1.0, np.nan]}
    )  # fmt: skip
    about = {
        "title": "A sweep", "about": "", "notebook": "tiny", "n_runs": 2, "n_finished": 1,
        "varied": ["cohort"], "seeds": [0], "same": {"cohort_of": name}, "search": None,
        "drawn": {}, "inputs": {}, "show": ["a.b"], "metric": "a.b", "direction": "minimise",
    }  # fmt: skip
    parameters = [Parameter("cohort_of", str, "demo", "a cohort")]
    text = page(SweepResult(Path("mine.csv"), about, table), None, parameters, {}, "")
    assert obeyed(rendered(text)) == []


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_the_table_of_parameters(name):
    parameters = [Parameter("cohort", str, "demo", "a cohort")]
    assert obeyed(rendered(parameter_table({"cohort": f"{name}.h5ad"}, parameters))) == []


def test_nothing_that_is_read_can_hold_code():
    """`torch.load` of tensors alone, `np.load` without pickles, no pickle, no YAML with objects."""
    root = Path(__file__).resolve().parents[2] / "helpers"
    for path in root.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("torch.load(") == text.count("weights_only=True"), path
        assert not FORBIDDEN.search(text), path
