"""Another panel of lines in place of the cohort's."""

import anndata
import numpy as np
import pytest

from helpers.rnalign.samples import select_alignment
from helpers.rnalign.sides.line_panel import replace_lines


@pytest.fixture
def panel(cohort):
    lines = cohort[-7:].copy()
    lines = lines[:, [4, 2, 0, 1, 3]].copy()  # another order of genes
    lines.X = lines.X + 1
    lines.obs_names = [f"mine {i}" for i in range(7)]
    lines.obs = lines.obs[["cancer_type"]].assign(cancer_type=["A", "B"] * 3 + ["A"])
    return anndata.AnnData(lines.X, lines.obs, lines.var)


@pytest.fixture
def write(tmp_path):
    def write(adata):
        adata.write_h5ad(tmp_path / "panel.h5ad")
        return str(tmp_path / "panel.h5ad")

    return write


def test_the_panels_lines_beside_the_cohorts_tumours(cohort, panel, write):
    merged = replace_lines(cohort, write(panel))
    is_line = (merged.obs["sample_type"] == "cell line").to_numpy()
    assert merged.obs_names[is_line].tolist() == panel.obs_names.tolist()
    assert merged.var_names.tolist() == cohort.var_names.tolist()
    np.testing.assert_allclose(merged.X[is_line], panel[:, cohort.var_names].X)
    tumours = merged.obs_names[~is_line]
    np.testing.assert_array_equal(merged.X[~is_line], cohort[tumours].X)
    assert (merged.obs["purity"][is_line] == 1).all()
    assert merged.obs["patient"][is_line].tolist() == panel.obs_names.tolist()
    assert "7 lines of panel.h5ad on 5 of the cohort's 5 genes" in merged.uns["notes"][-1]
    assert select_alignment(merged, min_lines=2).uns["scored_types"] == ["A", "B"]


def test_a_renamed_gene_is_the_same_gene_on_both_sides(cohort, panel, write, known_before):
    """The cohort has an older name, the panel the current one, and the other way round."""
    old, new = cohort.var_names[:2]
    panel.var_names = [{old: "TODAYS", new: "BEFORE"}.get(name, name) for name in panel.var_names]
    known_before({old: "TODAYS", "BEFORE": new})
    merged = replace_lines(cohort, write(panel))
    assert merged.var_names.tolist() == cohort.var_names.tolist()
    is_line = (merged.obs["sample_type"] == "cell line").to_numpy()
    wanted = panel.var_names.get_indexer(["TODAYS", "BEFORE", *cohort.var_names[2:]])
    np.testing.assert_allclose(merged.X[is_line], panel.X[:, wanted])


def test_truth_of_a_demo_is_not_carried_over(cohort, panel, write):
    cohort.uns["truth"] = {"a": 1}
    cohort.layers["aligned"] = cohort.X
    merged = replace_lines(cohort, write(panel))
    assert "truth" not in merged.uns and not merged.layers


def test_rows_that_are_no_lines_are_left_out(cohort, panel, write):
    panel.obs["sample_type"] = ["cell line"] * 4 + ["primary"] * 3
    merged = replace_lines(cohort, write(panel))
    assert (merged.obs["sample_type"] == "cell line").sum() == 4
    assert any("3 rows of panel.h5ad are no cell lines" in note for note in merged.uns["notes"])
    panel.obs["sample_type"] = "Cell_Line"
    merged = replace_lines(cohort, write(panel))
    assert (merged.obs["sample_type"] == "cell line").sum() == 7
    assert any("'Cell_Line' (7) read as 'cell line'" in note for note in merged.uns["notes"])
    panel.obs["sample_type"] = "spheroid"
    with pytest.raises(ValueError, match=r'must say "cell line" for lines; it has spheroid'):
        replace_lines(cohort, write(panel))


def test_a_panel_on_another_scale_is_refused(cohort, panel, write):
    x = np.random.default_rng(0).uniform(1, 9, panel.shape).astype(np.float32)
    cohort.X = np.random.default_rng(1).uniform(1, 9, cohort.shape).astype(np.float32)
    for values, message in (
        ((x - x.mean(axis=0)) / x.std(axis=0), "looks like z-scores"),
        (np.log2(2**x - 0.99) - 6, "looks like z-scores, or like logarithms of what"),
        (x * np.log10(2), r"another base.*X \* np\.log2\(10\)"),
    ):
        panel.X = values.astype(np.float32)
        with pytest.raises(ValueError, match=message):
            replace_lines(cohort, write(panel))
    panel.X = panel.X * np.log2(10)  # the line that the last error gives
    replace_lines(cohort, write(panel))
    panel.X = (0.7 * x).astype(np.float32)
    notes = replace_lines(cohort, write(panel)).uns["notes"]
    assert any(note.startswith("Cell lines and tumours differ in level") for note in notes)


def test_missing_genes(cohort, panel, write):
    fewer = panel[:, ["GENE0", "GENE1", "GENE2", "GENE3"]].copy()
    assert replace_lines(cohort, write(fewer)).n_vars == 4
    fewer = fewer[:, :3].copy()
    with pytest.raises(ValueError, match=r"at least 80% of the cohort's 5 genes; 2 .*GENE3, GENE4"):
        replace_lines(cohort, write(fewer))
    assert replace_lines(cohort, write(fewer), max_missing=0.5).n_vars == 3
    panel.var_names = [f"ENSG{i}" for i in range(5)]
    with pytest.raises(ValueError, match=r"its names look like ENSG0, ENSG1"):
        replace_lines(cohort, write(panel), max_missing=1.0)


def test_other_types_and_repeated_names(cohort, panel, write):
    panel.obs["cancer_type"] = "brain"
    with pytest.raises(ValueError, match="must share a label"):
        replace_lines(cohort, write(panel))
    panel.obs["cancer_type"] = "A"
    panel.obs_names = [cohort.obs_names[0], *panel.obs_names[1:]]
    with pytest.raises(ValueError, match=r"'sample-000' is in both\. Rename with"):
        replace_lines(cohort, write(panel))
