import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from helpers.book.interactive.placing import FOLDER
from helpers.book.interactive.sweep_place import with_closer_sweep

PAGE = "# A sweep\n\nWords.\n\n## Every run\n\nRows.\n"


def sweep(n_runs=4, **about):
    columns = {"run_id": [f"r{row}" for row in range(n_runs)], "n_latent": range(n_runs)}
    columns |= {"seed": [0, 1] * (n_runs // 2) + [0] * (n_runs % 2), "status": "finished"}
    finished = pd.DataFrame(columns | {"score.a": 1.0, "score.b": 2.0, "note": "x"})
    made = {"finished": finished, "keys": ["n_latent"], "varied": ["n_latent"]}
    return SimpleNamespace(name="tiny", about=about, shown=["score.b"], metric="score.b", **made)


def test_a_sweeps_page_has_a_place_before_its_runs(tmp_path):
    text = with_closer_sweep(PAGE, sweep(direction="minimise"), tmp_path)
    place = '<div class="look-closer" data-figure="sweep-tiny" data-kind="axes"></div>'
    assert text == PAGE.replace("## Every run", f"{place}\n\n## Every run")
    script = (tmp_path / FOLDER / "data" / "sweep-tiny.js").read_text(encoding="utf-8")
    _, data = json.loads(script.removeprefix("lookCloser.take(...").removesuffix(");\n"))
    assert [axis["name"] for axis in data["axes"]] == ["n_latent", "seed", "score.b", "score.a"]
    assert data["metric"] == "score.b" and data["is_least"]


def test_one_run_is_no_sweep(tmp_path):
    assert with_closer_sweep(PAGE, sweep(1), tmp_path) == PAGE
    assert not (tmp_path / Path(FOLDER)).exists()
