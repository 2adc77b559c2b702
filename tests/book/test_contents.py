"""book/runs.toml, and the choice between real and simulated data."""

from pathlib import Path

import pytest

from helpers.book.contents import Entry, load_contents
from helpers.book.dataset import (
    RealDataUnreachable,
    announcement,
    boxed,
    choose_dataset,
    demo_notice,
    needed_groups,
)
from helpers.book.staging import document_names

ROOT = Path(__file__).parents[2]
RUN = '[[run]]\nnotebook = "n"\npage = "{page}"\nreal = {{}}\ndemo = {{}}\n{more}'
REAL = Entry("n", "p", real={"cohort": "tcga-mirna"}, demo={"cohort": "demo-pancan"})


def contents(tmp_path, text):
    path = tmp_path / "runs.toml"
    path.write_text(text)
    return load_contents(path)


def test_the_books_runs_have_pages_and_known_cohorts():
    from helpers.cohorts.registry import COHORTS

    runs = load_contents(ROOT / "book" / "runs.toml")
    assert {entry.page for entry in runs.entries} <= set(document_names(ROOT / "_toc.yml"))
    for entry in runs.entries:
        is_simulated = COHORTS[entry.real["cohort"]].tier == "demo"
        assert is_simulated == ("truth is known" in entry.suffix)  # the title says it
        assert COHORTS[entry.demo["cohort"]].tier == "demo"


def test_quick_is_a_parameter_of_either_dataset():
    assert REAL.parameters("demo", quick=True) == {"cohort": "demo-pancan", "quick": True}
    assert REAL.parameters("real") == {"cohort": "tcga-mirna"}
    with pytest.raises(ValueError, match=r"real, demo; got 'auto'"):
        REAL.parameters("auto")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (2 * RUN.format(page="a", more=""), "its own page; repeated: a"),
        (
            RUN.format(page="a", more="") + RUN.format(page="b", more=""),
            "its own notebook and suffix",
        ),
        (RUN.format(page="a", more="sufix = 'x'"), "unknown here: sufix"),
        ("[[run]]\nnotebook = 'n'", "missing or unknown here: demo, page, real"),
    ],
)
def test_faulty_runs_are_refused(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        contents(tmp_path, text)


def test_demo_suffix_replaces_the_suffix_on_simulated_data_only():
    entry = Entry("n", "p", {}, {}, suffix=" · mRNA", demo_suffix=" · seed 1")
    assert entry.titled_for("demo").suffix == " · seed 1"
    assert entry.titled_for("real").suffix == " · mRNA"


def test_a_real_run_needs_its_cohorts_files_and_those_to_interpret_it():
    assert {"tcga-mirna", "tcga-clinical", "gene-sets", "mirna-targets"} <= needed_groups(REAL)
    both = {"cohort": "demo-pancan", "line_cohort": "ccle-tcga"}
    assert {"ccle", "gdsc"} <= needed_groups(Entry("n", "p", real=both, demo={}))
    assert needed_groups(Entry("n", "p", real={"cohort": "mine.h5ad"}, demo={})) == set()


def test_auto_is_real_only_when_everything_can_be_had():
    assert choose_dataset("auto", [REAL], lambda group: True) == ("real", [])
    dataset, missing = choose_dataset("auto", [REAL], lambda group: group != "gene-sets")
    assert (dataset, missing) == ("demo", ["gene-sets"])


def test_demo_asks_for_no_file():
    def refuse(group):
        raise AssertionError(group)

    assert choose_dataset("demo", [REAL], refuse) == ("demo", [])


def test_real_without_data_says_what_to_do():
    with pytest.raises(RealDataUnreachable, match=r"gene-sets.*make fetch.*HELPERS_DATA_MIRROR"):
        choose_dataset("real", [REAL], lambda group: group != "gene-sets")
    with pytest.raises(ValueError, match="auto, real, demo; got 'fake'"):
        choose_dataset("fake", [REAL])


def test_notices_say_that_the_data_are_simulated():
    assert announcement("real", quick=False) == ""
    assert "simulated" in announcement("demo", quick=False)
    assert "numbers mean nothing" in announcement("real", quick=True)
    notice = demo_notice(["tcga-mirna"])
    assert "tcga-mirna" in notice and "make book DATASET=real" in " ".join(notice.split(" "))
    assert "DATASET=demo" in demo_notice([])


def test_a_box_is_rectangular():
    lines = boxed("TITLE", "word " * 50, "another").splitlines()
    assert len({len(line) for line in lines}) == 1
    assert set(lines[0]) == set(lines[-1]) == {"#"}
