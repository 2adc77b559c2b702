import json
from dataclasses import replace

import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.book.interactive.placing import FOLDER, offer_closer_looks


def page_asking(**asked):
    cells = [new_code_cell("1"), new_code_cell("draw()", metadata={"look_closer": asked})]
    return new_notebook(cells=[*cells, new_code_cell("2")])


def recorded(finished, **tables):
    folder = finished.folder / "tables"
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)


def data_of(site, name):
    text = (site / FOLDER / "data" / f"{name}.js").read_text(encoding="utf-8")
    return json.loads(text.removeprefix("lookCloser.take(...").removesuffix(");\n"))


def test_a_cell_that_asks_gets_a_place_and_its_data(finished, tmp_path):
    table = pd.DataFrame({"sample": ["NA", "007"], "PC 1": [1, 2], "PC 2": [3, 4]})
    recorded(finished, pca=table.assign(kind=["a", "b"]))
    page = page_asking(kind="map", table="pca")
    offer_closer_looks(page, finished, tmp_path)
    assert [cell.cell_type for cell in page.cells] == ["code", "code", "markdown", "code"]
    assert page.cells[2].source == (
        '<div class="look-closer" data-figure="tiny-map-pca" data-kind="map"></div>'
    )
    name, data = data_of(tmp_path, "tiny-map-pca")
    assert name == "tiny-map-pca" and sorted(data["samples"]) == ["007", "NA"]


def test_a_run_without_the_table_keeps_its_picture_alone(finished, tmp_path):
    page = page_asking(kind="map", table="umap")
    offer_closer_looks(page, finished, tmp_path)
    assert len(page.cells) == 3 and not (tmp_path / FOLDER).exists()


def test_a_volcano_takes_its_threshold_from_the_runs_parameters(finished, tmp_path):
    row = {"feature": ["G"], "difference": [1.0], "p": [0.1], "q": [0.1]}
    recorded(finished, differential=pd.DataFrame(row))
    run = finished.run | {"parameters": {"min_difference": 0.25}}
    (finished.folder / "run.json").write_text(json.dumps(run))
    fresh = replace(finished)
    page = page_asking(kind="volcano", table="differential", threshold="min_difference")
    offer_closer_looks(page, fresh, tmp_path)
    assert data_of(tmp_path, "tiny-volcano-differential")[1]["threshold"] == 0.25


def test_flows_and_lines_are_drawn_too(finished, tmp_path):
    near = {"tumour": ["t"], "cancer_type": ["eye"], "rank": [1], "line": ["L"]}
    near |= {"line_type": ["eye"], "distance": [0.5], "p": [0.1]}
    flow = pd.DataFrame({"source": ["a"], "target": ["b"], "n": [3]})
    recorded(finished, flow=flow, near=pd.DataFrame(near))
    for kind, table in (("flow", "flow"), ("lines", "near")):
        offer_closer_looks(page_asking(kind=kind, table=table), finished, tmp_path)
    assert data_of(tmp_path, "tiny-flow-flow")[1]["bands"] == [[0, 0, 3]]
    assert data_of(tmp_path, "tiny-lines-near")[1]["tumours"][0]["name"] == "t"


def test_an_unknown_kind_is_refused(finished, tmp_path):
    with pytest.raises(ValueError, match="map, flow, volcano or lines; got 'pie'"):
        offer_closer_looks(page_asking(kind="pie", table="pca"), finished, tmp_path)
