"""A record: what a notebook reports is checked, whole and the same each time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib import rc_context
from matplotlib.figure import Figure
from PIL import Image

from helpers.evaluate.results import Found, table_metrics
from helpers.runs.record import Record


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


def test_a_laid_out_figure_is_drawn_once_into_each_file(record, monkeypatch):
    drawn = []
    draw = Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda *args: drawn.append(1) or draw(*args))
    figure = drawing()
    figure.set_layout_engine("constrained")
    with rc_context({"figure.constrained_layout.use": True}):
        record.figure("loss", figure)
    assert len(drawn) == 3  # its layout, the PNG, the SVG


@pytest.mark.parametrize("dpi", [72, 110, 150])
def test_no_text_is_cut_at_whatever_resolution_a_figure_was_made(record, dpi):
    figure = Figure(figsize=(3, 3), dpi=dpi, layout="constrained")
    ax = figure.subplots()
    ax.set_title("960 held-out predictions of 960 patients, accuracy 0.958", loc="left")
    record.figure("long", figure)
    pixels = np.asarray(Image.open(record.folder / "figures" / "long.png").convert("L"))
    assert (pixels[:, -5:] == 255).all() and (pixels[:, :5] == 255).all()
    assert figure.dpi == dpi


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


@dataclass(frozen=True)
class Analysis:
    """What an analysis hands back."""

    tables: Mapping
    metrics: Mapping


def test_adding_a_result_keeps_its_tables_metrics_and_pictures(record):
    by_seed = pd.DataFrame({"method": ["vae", "pca"], "accuracy": [0.9, 0.8]})
    result = Analysis({"accuracy": by_seed, "mean": by_seed["accuracy"]}, {"classifier.n": 2})
    record.add(result, accuracy=drawing(), accuracy_again=drawing().axes[0])
    folder = record.folder
    pd.testing.assert_frame_equal(pd.read_csv(folder / "tables" / "accuracy.csv"), by_seed)
    assert (folder / "tables" / "mean.csv").exists()
    assert metrics(record) == {"classifier.n": 2}
    pictures = sorted(path.name for path in (folder / "figures").iterdir())
    assert pictures == [
        "accuracy.png",
        "accuracy.svg",
        "accuracy_again.png",
        "accuracy_again.svg",
    ]


def test_results_add_up_and_the_later_of_two_numbers_stands(record):
    record.add(Analysis({}, {"a.first": 1, "a.both": 1}))
    record.add(Analysis({}, {"b.second": 2, "a.both": 2}))
    assert metrics(record) == {"a.first": 1, "a.both": 2, "b.second": 2}


def test_a_result_of_the_papers_rooms_is_one_to_add(record):
    table = pd.DataFrame({"method": ["vae", "vae"], "score": [1.0, 3.0]})
    metrics_of_it = table_metrics(table, "fit", ["score"], by="method")
    record.add(Found({"fit": table}, metrics_of_it))
    assert metrics(record) == {"fit.score.vae": 2.0, "fit.score.vae_sd": pytest.approx(2**0.5)}


@pytest.mark.parametrize(
    ("result", "figures", "message"),
    [
        (Analysis({}, {"a.b": float("nan")}), {}, "metric `a.b` must be one finite number"),
        (Analysis({}, {"loss": 1}), {}, "must be <section>.<metric>"),
        (Analysis({"a/b": pd.DataFrame()}, {}), {}, "letters, digits"),
        (Analysis({}, {"a.b": 1}), {"loss": "no figure"}, "figure `loss` must be a matplotlib"),
    ],
)
def test_what_a_result_may_not_hold_is_refused(record, result, figures, message):
    with pytest.raises(ValueError, match=message):
        record.add(result, **figures)
