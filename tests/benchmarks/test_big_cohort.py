"""The benchmark of a cohort larger than memory, small: its file, its steps, its table."""

import pandas as pd
import pytest

from helpers.cohorts.on_disk import stores
from helpers.cohorts.registry import load_cohort
from tests.benchmarks import big_cohort
from tests.benchmarks.big_cohort import PAGE, prepare_and_train, with_table, write_cohort

pytestmark = pytest.mark.filterwarnings("ignore:.*zarr v")


@pytest.fixture
def path(tmp_path, monkeypatch, empty_cache):
    monkeypatch.setattr(stores, "IN_MEMORY_BYTES", 10)
    monkeypatch.setattr(big_cohort, "_CHUNK_ROWS", 100)
    monkeypatch.setattr(big_cohort, "load_gene_sets", lambda _: {"A": ["GATA3", "TP53"]})
    write_cohort(tmp_path / "big.zarr", 400, 60)
    return str(tmp_path / "big.zarr")


def test_the_file_is_a_cohort_with_all_that_the_chapter_reads(path):
    cohort = load_cohort(path)
    assert cohort.shape == (400, 60) and {"GATA3", "TP53", "GENE57"} < set(cohort.var_names)
    assert cohort.obs["cancer_type"].nunique() == 20
    assert {"batch", "age", "sex", "os_time", "os_event"} <= set(cohort.obs)
    assert cohort.obs["os_time"].min() > 0 and set(cohort.obs["os_event"]) == {0, 1}


def test_every_step_is_measured(path):
    found = prepare_and_train(path, 20, 100, 1)
    named = {name for name in big_cohort.ROWS if name.endswith("_s") or name.startswith("rows")}
    assert named <= set(found) and min(found.values()) >= 0


def test_the_page_shows_what_was_published():
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page


def test_a_cohort_is_a_column_of_the_table(tmp_path, monkeypatch):
    monkeypatch.setattr(big_cohort, "PUBLISHED", tmp_path)
    row = {"samples": 2000, "genes": 10, "matrix_mb": 3, "chapter_minutes": 1.5}
    pd.DataFrame([row]).to_csv(tmp_path / "big_cohort.csv", index=False)
    lines = big_cohort.page_table().splitlines()
    assert lines[0] == "| Samples × genes | 2,000 × 10 |"
    assert lines[2:] == ["| Matrix in memory, MB | 3 |", "| Chapter 1, minutes | 1.5 |"]
