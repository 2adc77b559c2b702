import pytest

from helpers.cohorts.gene_sets import HALLMARK_TASKS, load_gene_sets, read_gmt


def test_a_gmt_line_is_name_description_members(tmp_path):
    path = tmp_path / "sets.gmt"
    path.write_text("ONE\thttp://x\tA\tB\tA\nTWO\t\tC\t\n")
    assert read_gmt(path) == {"ONE": ["A", "B"], "TWO": ["C"]}


@pytest.mark.parametrize(
    "text", ["ONE\tno members\n", "ONE\n", "ONE\t\tA\nONE\t\tB\n", "ONE A B\n"]
)
def test_what_is_no_gmt_is_refused(tmp_path, text):
    path = tmp_path / "sets.gmt"
    path.write_text(text)
    with pytest.raises(ValueError, match="separated by tabs"):
        read_gmt(path)


def test_unknown_collection():
    with pytest.raises(ValueError, match="must be one of hallmark, kegg, go_bp; got 'c2'"):
        load_gene_sets("c2")


@pytest.mark.real
@pytest.mark.parametrize(
    ("collection", "n_sets"), [("hallmark", 50), ("kegg", 186), ("go_bp", 6036)]
)
def test_collections(real_data, collection, n_sets):
    sets = load_gene_sets(collection)
    assert len(sets) == n_sets
    assert all(members and len(set(members)) == len(members) for members in sets.values())


@pytest.mark.real
def test_the_five_tasks_are_of_one_to_three_hallmark_sets(real_data):
    hallmark = load_gene_sets("hallmark")
    assert list(HALLMARK_TASKS) == [
        "proliferation",
        "evading apoptosis",
        "angiogenesis",
        "immune evasion",
        "metabolic reprogramming",
    ]
    for sets in HALLMARK_TASKS.values():
        assert 1 <= len(sets) <= 3
        assert set(sets) <= set(hallmark)


@pytest.mark.real
def test_hallmark_genes_are_in_the_mrna_cohort(tcga_mrna):
    for members in load_gene_sets("hallmark").values():
        assert tcga_mrna.var_names.isin(members).sum() >= 0.8 * len(members)
