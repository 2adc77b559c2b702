"""Published tables are read by name, and what they say is part of a run's identity."""

import hashlib

import pandas as pd
import pytest

from helpers.runs.plans import plan_run
from helpers.runs.published import published_sum, published_table


@pytest.fixture
def published(tmp_path, monkeypatch):
    """Function (name, text): writes book/published/<name>.csv of a project of this test's own."""
    monkeypatch.setattr("helpers.files.project_root", lambda: tmp_path)

    def write(name, text):
        path = tmp_path / "book" / "published" / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_a_table_is_read_by_its_name(published):
    published("latent", "n,loss\n2,0.5\n")
    published("benchmarks/wide", "n\n3\n")
    pd.testing.assert_frame_equal(
        published_table("latent"), pd.DataFrame({"n": [2], "loss": [0.5]})
    )
    assert list(published_table("benchmarks/wide")["n"]) == [3]


def test_a_table_that_is_not_there_names_those_that_are(published):
    with pytest.raises(ValueError, match=r"one of none; got .latent.\. Publish a sweep with"):
        published_table("latent")
    published("latent", "n\n1\n")
    published("benchmarks/wide", "n\n1\n")
    with pytest.raises(ValueError, match="one of benchmarks/wide, latent; got 'latnet'"):
        published_table("latnet")


def test_the_sum_is_of_the_files_bytes(published):
    assert published_sum("latent") == "absent"
    path = published("latent", "n\n1\n")
    assert published_sum("latent") == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_runs_id_changes_with_the_tables_that_its_notebook_reads(
    tiny_project, write_notebook, published
):
    write_notebook(
        "reader",
        "from helpers.runs.published import published_table",
        "published_table('read')",
    )
    reader, other = plan_run("reader").run_id, plan_run("tiny").run_id
    published("unread", "n\n1\n")
    assert plan_run("reader").run_id == reader
    published("read", "n\n1\n")
    with_table = plan_run("reader")
    assert with_table.run_id != reader
    assert list(with_table.inputs) == ["book/published/read.csv"]
    published("read", "n\n2\n")
    assert plan_run("reader").run_id not in (reader, with_table.run_id)
    assert plan_run("tiny").run_id == other
