"""The README's table of verdicts, and what it promises."""

import json
import re
from pathlib import Path

from PIL import Image

from helpers.book.overviews.readme_verdicts import (
    PLACE,
    named_papers,
    published_verdicts,
    update_readme,
)
from tests.book.picture import PICTURE

ROOT = Path(__file__).parents[3]
README = ROOT / "README.md"


def publish(folder, cohort, **counts):
    record = {"notebook": "tiny", "cohort": cohort, "metrics": {}}
    record["metrics"] = {f"reproduction.n_claims.{name}": n for name, n in counts.items()}
    (folder / "chapters").mkdir(exist_ok=True)
    (folder / "chapters" / f"tiny.{cohort}.json").write_text(json.dumps(record))


def test_a_row_a_published_run_on_real_data(tmp_path):
    publish(tmp_path, "real-one", reproduced=3, partly=0, not_testable_here=1)
    publish(tmp_path, "demo-one", reproduced=9)
    lines = published_verdicts(tmp_path, {"tiny": "Tiny", "other": "Other"}).splitlines()
    assert lines[0] == "| Paper | Cohort | Reproduced | Not testable here |"
    assert lines[2] == "| Tiny | `real-one` | 3 | 1 |"
    assert lines[3] == "| Other | no run is published yet |  |  |"


def test_the_table_is_written_between_its_two_comments_only(tmp_path):
    publish(tmp_path, "real-one", reproduced=3)
    readme = tmp_path / "README.md"
    listed = "| [tiny](notebooks/tiny.ipynb) | Little, *Small* | room |\n"
    readme.write_text(f"a\n<!-- verdicts -->\nold\n<!-- end of verdicts -->\nb\n{listed}")
    assert update_readme(readme, tmp_path)
    text = readme.read_text()
    assert "| [Little](notebooks/tiny.ipynb) | `real-one` | 3 |" in text and "old" not in text
    assert text.startswith("a\n<!-- verdicts -->\n") and text.endswith(f"\nb\n{listed}")
    assert update_readme(readme, tmp_path) and readme.read_text() == text
    assert not update_readme(tmp_path / "none.md", tmp_path)


def test_the_readme_has_the_verdicts_that_are_published():
    text = README.read_text(encoding="utf-8")
    written = published_verdicts(ROOT / "book" / "published", named_papers(text))
    assert len(named_papers(text)) == 4
    assert PLACE.search(text)[0].strip() == written, (
        "README.md must have the table of book/published; write it with: python -m helpers "
        "compare RUN --publish"
    )


def test_its_picture_is_there_and_small():
    assert f"({PICTURE.relative_to(ROOT)})" in README.read_text(encoding="utf-8")
    assert PICTURE.stat().st_size <= 150_000 and Image.open(PICTURE).width >= 1000


def test_its_files_and_headings_are_there():
    text = README.read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in text.splitlines()
        if line.startswith("#")
    }
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert target.removeprefix("#") in headings or (ROOT / target).exists(), target
    for sweep in re.findall(r"notebooks/sweeps/\w+\.yaml", text):
        assert (ROOT / sweep).exists()
