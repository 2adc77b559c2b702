"""The first page's table: one row a notebook, said by the notebook itself."""

import json

import pytest

from helpers.book.chapters import chapter_table
from helpers.book.contents import Entry


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    about = {"paper": "A paper {cite:p}`someone`", "covers": "All of it."}
    (folder / "01_tiny.ipynb").write_text(json.dumps({"cells": [], "metadata": about}))
    (folder / "02_bare.ipynb").write_text(json.dumps({"cells": [], "metadata": {}}))
    return tmp_path


def test_a_row_a_notebook_with_all_its_pages_and_its_room(project):
    entries = [
        Entry("01_tiny", "notebooks/01_tiny", {}, {}),
        Entry("01_tiny", "notebooks/01_tiny_again", {}, {}, suffix=" · a second cohort"),
        Entry("02_bare", "notebooks/02_bare", {}, {}),
    ]
    rows = chapter_table(entries, project).splitlines()[2:]
    assert len(rows) == 2
    assert "[`01_tiny`](../notebooks/01_tiny.ipynb)" in rows[0]
    assert "[a second cohort](../notebooks/01_tiny_again.ipynb)" in rows[0]
    assert "A paper {cite:p}`someone`" in rows[0] and "All of it." in rows[0]
    assert "`helpers/tiny/`" in rows[0] and "`helpers/bare/`" in rows[1]
