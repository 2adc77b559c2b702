"""What notebooks say of themselves."""

import json

from helpers.book.chapters import cited_papers
from helpers.book.contents import Entry


def test_each_notebook_names_its_paper_once_or_not_at_all(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    about = {"paper": "A paper {cite:p}`someone`"}
    (folder / "01_tiny.ipynb").write_text(json.dumps({"cells": [], "metadata": about}))
    (folder / "02_bare.ipynb").write_text(json.dumps({"cells": [], "metadata": {}}))
    entries = [
        Entry("01_tiny", "notebooks/01_tiny", {}, {}),
        Entry("01_tiny", "notebooks/01_tiny_again", {}, {}, suffix=" · a second cohort"),
        Entry("02_bare", "notebooks/02_bare", {}, {}),
    ]
    assert cited_papers(entries, tmp_path) == {"01_tiny": "A paper {cite:p}`someone`"}
