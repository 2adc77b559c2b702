import pandas as pd
import pytest

from helpers.pancan_vae.figures.enrichment_heatmap import plot_enrichment, plot_tasks


@pytest.fixture
def tests():
    rows = [
        (f"z{d}", f"HALLMARK_SET_{s}", 2.5 if d == s else -0.5, 0.01 if d == s else 0.6)
        for d in range(4)
        for s in range(6)
    ]
    return pd.DataFrame(rows, columns=["dimension", "set", "nes", "fdr"])


def test_stars_stand_where_the_fdr_is_low(tests, small_texts):
    ax = plot_enrichment(tests, n_sets=5)
    nes = ax.images[0].get_array()
    assert nes.shape == (5, 4)
    places = [(round(text.get_position()[0]), int(text.get_position()[1])) for text in ax.texts]
    assert len(places) == 4
    assert all(nes[row, column] == 2.5 for column, row in places)
    assert "4 of 24 tests, 5 of 6 sets" in ax.get_title()
    assert small_texts(ax.figure) == []


def test_another_fdr_and_other_dimension_names(tests):
    renamed = tests.assign(fdr_camera=1.0, dimension=tests["dimension"].str[1:].astype(int))
    ax = plot_enrichment(renamed, fdr_column="fdr_camera")
    assert not ax.texts
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0", "1", "2", "3"]


def test_missing_cells_are_hatched_and_explained(tests, small_texts):
    holes = tests.assign(nes=tests["nes"].where(tests.index > 1))
    ax = plot_enrichment(holes)
    assert [patch.get_hatch() for patch in ax.patches] == ["////"] * 2
    assert ax.get_legend().get_texts()[0].get_text() == "NES not defined (2 of 24 cells)"
    assert small_texts(ax.figure) == []
    whole = plot_enrichment(tests)
    assert not whole.patches and whole.get_legend() is None


def test_no_tests_are_refused(tests):
    with pytest.raises(ValueError, match="no tests"):
        plot_enrichment(tests[:0])


def test_tasks_say_which_set_and_dimension(small_texts):
    tasks = pd.DataFrame(
        {
            "set": ["HALLMARK_G2M_CHECKPOINT", None],
            "dimension": ["z3", None],
            "nes": [-2.1, None],
            "fdr": [0.001, None],
            "n_sets": [2, 0],
        },
        index=["proliferation", "angiogenesis"],
    )
    ax = plot_tasks(tasks)
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["G2M checkpoint, dimension z3, FDR 0.001", "no set tested"]
    assert "1 of 2 at FDR < 0.05" in ax.get_title()
    assert ax.patches[0].get_width() == 2.1
    assert small_texts(ax.figure) == []
