"""A record: what a notebook reports is checked, whole and the same each time."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.figure import Figure
from PIL import Image

from helpers.runs.record import Record, write_json


@pytest.fixture
def record(tmp_path):
    return Record("tiny", tmp_path / "run")


def metrics(record):
    return json.loads((record.folder / "metrics.json").read_text())


def drawing():
    figure = Figure(figsize=(2, 1))
    figure.subplots().plot([1, 2, 4], label="loss")
    return figure


def test_metrics_are_on_disk_after_each_call(record):
    assert metrics(record) == {}
    record.metric("clustering.nmi.vae.kmeans", 1)
    record.metric("classifier.accuracy.vae", np.float32(0.5))
    assert metrics(record) == {"classifier.accuracy.vae": 0.5, "clustering.nmi.vae.kmeans": 1}
    record.metrics({"latent.active_units": np.int64(7), "classifier.accuracy.vae": 0.75})
    assert metrics(record) == {
        "classifier.accuracy.vae": 0.75,
        "clustering.nmi.vae.kmeans": 1,
        "latent.active_units": 7,
    }


@pytest.mark.parametrize(
    "key", ["accuracy", "Classifier.accuracy", "a.b.c.d.e", "a b.c", "a..b", "a.b ", ".a.b", "a.b."]
)
def test_a_key_of_another_form_is_refused(record, key):
    with pytest.raises(ValueError, match=r"must be <section>.<metric> or"):
        record.metric(key, 1.0)


@pytest.mark.parametrize(
    "value", [float("nan"), np.inf, "0.5", None, True, np.bool_(True), [1.0, 2.0], np.ones(2)]
)
def test_a_value_that_is_no_finite_number_is_refused(record, value):
    with pytest.raises(ValueError, match=r"metric `a.b` must be one finite number"):
        record.metric("a.b", value)


def test_one_refused_metric_refuses_them_all(record):
    with pytest.raises(ValueError, match="finite"):
        record.metrics({"a.good": 1, "a.bad": np.nan})
    assert metrics(record) == {}


@pytest.mark.parametrize("value", [torch.tensor(0.25), np.array([0.25]), np.array(0.25)])
def test_arrays_of_one_number_are_numbers(record, value):
    record.metric("a.b", value)
    assert metrics(record) == {"a.b": 0.25}


def test_a_table_comes_back_as_it_was(record):
    named = pd.DataFrame({"auc": [1 / 3, 2 / 3]}, index=pd.Index(["BRCA", "LUAD"], name="type"))
    record.table("by_type", named)
    back = pd.read_csv(record.folder / "tables" / "by_type.csv", index_col="type")
    pd.testing.assert_frame_equal(back, named, check_exact=True)


def test_an_index_that_only_counts_is_left_out(record):
    record.table("rows", pd.Series([1, 2], name="n"))
    assert (record.folder / "tables" / "rows.csv").read_text() == "n\n1\n2\n"


@pytest.mark.parametrize("name", ["../up", "a/b", "a b", "", "x.csv"])
def test_a_file_name_is_only_a_name(record, name):
    with pytest.raises(ValueError, match="letters, digits"):
        record.table(name, pd.DataFrame())


def test_a_figure_is_opaque_white_and_reproducible(record, tmp_path):
    record.figure("loss", drawing())
    again = Record("tiny", tmp_path / "again")
    again.figure("loss", drawing().axes[0])
    for name in ("loss.png", "loss.svg"):
        first = (record.folder / "figures" / name).read_bytes()
        assert first == (again.folder / "figures" / name).read_bytes()
    assert b"<dc:date>" not in first
    image = Image.open(record.folder / "figures" / "loss.png").convert("RGBA")
    assert image.getpixel((0, 0)) == (255, 255, 255, 255)


def test_what_is_no_figure_is_refused(record):
    with pytest.raises(ValueError, match=r"figure `x` must be a matplotlib figure.*got list"):
        record.figure("x", [drawing()])


def test_weights_load_without_running_code(record):
    layer = torch.nn.Linear(2, 3)
    record.weights(layer)
    state = torch.load(record.folder / "model.pt", weights_only=True)
    assert torch.equal(state["weight"], layer.weight)


def test_the_cohort_is_described(record):
    from anndata import AnnData

    obs = pd.DataFrame(
        {"patient": ["p1", "p1", "p2"], "cancer_type": pd.Categorical(["B", "B", "A"])},
        index=["s1", "s2", "s3"],
    )
    cohort = AnnData(np.zeros((3, 2), np.float32), obs=obs)
    cohort.uns |= {"name": "demo", "unit": "log2(RPM+1)", "feature": "gene", "notes": ["caveat"]}
    record.cohort(cohort[[True, True, True]])
    assert json.loads((record.folder / "cohort.json").read_text()) == {
        "name": "demo",
        "n_samples": 3,
        "n_patients": 2,
        "n_features": 2,
        "feature": "gene",
        "unit": "log2(RPM+1)",
        "cancer_types": {"A": 1, "B": 2},
        "notes": ["caveat"],
    }


def test_the_interactive_folder_starts_empty(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.files.project_root", lambda: tmp_path)
    first = Record("tiny")
    first.table("old", pd.DataFrame({"a": [1]}))
    first.metric("a.b", 1)
    second = Record("tiny", "")
    assert second.folder == tmp_path / "results" / "tiny" / "interactive"
    assert [path.name for path in second.folder.iterdir()] == ["metrics.json"]
    assert metrics(second) == {}


def test_closing_says_what_was_reported(record, capsys):
    with pytest.raises(ValueError, match="at least one metric"):
        record.close()
    record.metric("a.b", 1)
    record.figure("loss", drawing())
    record.close()
    assert capsys.readouterr().out == "Recorded 1 metrics, 0 tables, 1 figures.\n"


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(path, {"a": float("nan")})
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})
    assert json.loads(path.read_text()) == {"a": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["a.json"]


def test_spread_reports_mean_and_sample_sd(tmp_path):
    record = Record("some", tmp_path)
    record.spread("latent.active_units", [1.0, 2.0, float("nan"), 6.0])
    record.spread("latent.once", [4.0])
    found = json.loads((tmp_path / "metrics.json").read_text())
    assert found["latent.active_units"] == 3.0 and "latent.active_units_mean" not in found
    assert found["latent.active_units_sd"] == pytest.approx(7**0.5)
    assert found["latent.once_sd"] == 0.0


def test_spread_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"latent\.none"):
        Record("some", tmp_path).spread("latent.none", [float("nan")])
