"""The generated parts of the prose pages."""

import re
from types import SimpleNamespace

import pytest

from helpers.book import data_page, pages


def rows(markdown):
    """Cells of a Markdown table, without its rule."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [cells[0], *cells[2:]]


def test_fill_puts_parts_where_they_are_asked_for_and_refuses_unknown_ones():
    text = "before\n<!-- insert: status -->\nafter <!-- insert: status -->"
    assert pages.fill(text, {"status": "|a|"}) == "before\n|a|\nafter <!-- insert: status -->"
    with pytest.raises(ValueError, match=r"`<!-- insert: stats -->`, which is none of status"):
        pages.fill("<!-- insert: stats -->", {"status": ""})


def test_status_names_what_was_run_where_and_from_what(finished):
    what, whence = map(rows, pages.status_table([finished]).split("\n\n"))
    facts = dict(zip(what[0] + whence[0], what[1] + whence[1], strict=True))
    assert facts["Size"] == "1,234 samples × 680 microRNAs"
    assert facts["Time"] == "4 min 12 s"
    assert facts["Peak memory"] == "851 MB"
    assert facts["Commit"] == "`0a1b2c3d4e`"
    assert facts["Device"] == r"CPU (Abacus \| 9, 2 cores, 24 GB memory)"
    assert facts["Date"] == "2026-11-20"


def test_versions_are_told_apart_only_where_they_differ(finished):
    finished.run["versions"] = {"torch": "2.1", "numpy": "2.0"}
    again = SimpleNamespace(
        run={"versions": {"torch": "2.2", "numpy": "2.0"}},
        entry=SimpleNamespace(notebook="other", suffix=""),
    )
    found = dict(rows(pages.version_table([finished, again]))[1:])
    assert found == {"numpy": "2.0", "torch": f"2.1 ({finished.entry.notebook}); 2.2 (other)"}


def test_a_commit_with_changes_and_a_gpu_are_named(finished):
    finished.run.update(git_dirty=True, device="cuda", hardware={"gpu": "H200"})
    assert finished.commit.endswith("with uncommitted changes")
    assert finished.device == "CUDA (H200)"
    finished.run["git_commit"] = None
    assert finished.commit == "not in a git repository"


def test_metrics_of_two_runs_stand_side_by_side_with_their_spread(finished):
    markdown = pages.metric_tables([finished, finished])
    accuracy = rows(markdown[markdown.index("### Classifier") : markdown.index("### Latent")])
    assert accuracy[1:] == [["`accuracy.vae`", "0.940 ± 0.004", "0.940 ± 0.004"]]
    assert ["`active_units`", "27", "27"] in rows(markdown)


def test_a_metric_only_one_run_has_leaves_the_other_empty(finished):
    other = SimpleNamespace(
        metrics={"survival.c_index": 0.6}, entry=finished.entry, cohort_name="other"
    )
    found = rows(pages.metric_tables([finished, other]))
    assert ["`c_index`", "", "0.600"] in found
    assert ["`active_units`", "27", ""] in found


def test_runs_without_metrics_are_said_to_have_none(finished):
    (finished.folder / "metrics.json").unlink()
    assert "recorded no metric" in pages.metric_tables([finished])


def test_the_data_page_lists_every_file_with_its_sum():
    from helpers.cohorts.registry import COHORTS
    from helpers.cohorts.sources import load_sources

    sources = load_sources()
    listed = data_page.source_files(sources)
    for files in sources.values():
        for file in files:
            assert file.url in listed
            assert file.sha256 is None or file.sha256 in listed
    assert [row[0] for row in rows(data_page.source_table(sources))[1:]] == [
        f"`{group}`" for group in sources
    ]
    assert all(f"`{name}`" in data_page.cohort_table(COHORTS.values()) for name in COHORTS)
