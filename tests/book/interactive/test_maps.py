import numpy as np
import pandas as pd
import pytest

from helpers.book.interactive.maps import describe_map
from helpers.figures.sample_map import sample_map


def test_a_map_has_its_spaces_its_facts_and_every_sample_in_its_place():
    kinds = ["primary", "cell line", "cell line", "cell line"] * 2
    obs = {"cancer_type": ["BRCA", "COAD"] * 4, "sample_type": kinds, "age": range(8)}
    names = [f"s{number}" for number in range(8)]
    xy = np.arange(16).reshape(8, 2)
    table = sample_map(pd.DataFrame(obs, index=names), {"input": xy, "after it": -xy})
    found = describe_map(table)
    assert [space["name"] for space in found["spaces"]] == ["input", "after it"]
    assert [fact["name"] for fact in found["facts"]] == ["cancer type", "kind", "age"]
    assert (found["colour"], found["shape"]) == ("cancer type", "kind")
    assert found["shapes"] == ["circle", "triangle"]
    assert sorted(found["samples"]) == names and found["samples"] != names
    for row, name in enumerate(found["samples"]):
        place = int(name[1:])
        assert [found["spaces"][0]["x"][row], found["spaces"][0]["y"][row]] == [*xy[place]]
        assert found["spaces"][1]["y"][row] == -xy[place, 1]
        assert found["facts"][2]["values"][row] == place


def test_the_two_modalities_of_a_donor_have_shapes():
    obs = pd.DataFrame({"age": range(4)}, index=["a", "b", "a", "b"])
    more = {"cancer type": ["BRCA", "COAD"] * 2, "modality": ["RNA", "RNA", "ATAC", "ATAC"]}
    found = describe_map(sample_map(obs, {"shared": np.arange(8).reshape(4, 2)}, more))
    assert (found["colour"], found["shape"]) == ("cancer type", "modality")
    (modality,) = [fact for fact in found["facts"] if fact["name"] == "modality"]
    assert dict(zip(modality["levels"], found["shapes"], strict=True)) == {
        "RNA": "circle",  # as common as the other, and first in the table, as in the picture
        "ATAC": "triangle",
    }


def test_a_table_that_is_no_map_is_refused():
    with pytest.raises(ValueError, match="must have a column `sample`"):
        describe_map(pd.DataFrame({"sample": ["a"], "UMAP 1": [0.0]}))
