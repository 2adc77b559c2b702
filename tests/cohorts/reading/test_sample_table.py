import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading.sample_table import read_sample_table
from helpers.cohorts.user_files import check_h5ad, load_h5ad


def read(obs, required=("patient", "cancer_type")):
    return read_sample_table(obs, "mine.h5ad", required, ("patient", "cancer_type"))


@pytest.mark.parametrize("missing", ["NA", "n/a", "", "[Not Available]", "unknown", np.nan, None])
@pytest.mark.parametrize("column", ["patient", "cancer_type"])
def test_a_missing_label_is_refused_and_the_line_mends_it(adata, tmp_path, column, missing):
    values = adata.obs[column].astype(object)
    values.iloc[[2, 4]] = missing
    adata.obs[column] = values
    path = tmp_path / "mine.h5ad"
    adata.write_h5ad(path)
    for use in (check_h5ad, load_h5ad):
        with pytest.raises(ValueError, match=r"must not be missing; it is for 2 samples") as error:
            use(path)
    scope = {"adata": anndata.read_h5ad(path)}
    exec(str(error.value).split("with: ")[1], scope)
    scope["adata"].write_h5ad(path)
    check_h5ad(path)
    assert load_h5ad(path).n_obs == 38


def test_missing_words_of_other_columns_are_missing_with_a_count(adata):
    obs = adata.obs.assign(subtype=["LumA", "NA", "not reported", ""] * 10, site="x")
    obs["subtype"] = obs["subtype"].astype("category")
    assert "20 of 40 samples say 'NA', 'not reported', read as missing" in " ".join(read(obs))
    assert obs["subtype"].isna().sum() == 20 and (obs["subtype"] == "").sum() == 10


def test_one_label_in_several_spellings_is_one(adata):
    obs = adata.obs.copy()
    obs["cancer_type"] = ["BRCA", "brca ", "LUAD", "BRCA"] * 10
    assert read(obs) == ["obs['cancer_type']: 10 labels such as 'brca ' read as 'BRCA'."]
    assert obs["cancer_type"].value_counts().to_dict() == {"BRCA": 30, "LUAD": 10}
    obs["patient"] = ["p1", "P1"] * 20
    read(obs)
    assert obs["patient"].nunique() == 2, "names of patients may differ in case"


def test_a_plain_table_is_left_as_it_is(adata):
    obs = adata.obs.assign(age=50.0, sex="female", stage="Stage II", purity=0.5, batch="b")
    before = obs.copy()
    assert read(obs) == []
    pd.testing.assert_frame_equal(obs, before, check_dtype=False)


def test_purity_as_text(adata):
    obs = adata.obs.assign(purity=["0.5", "1"] * 20)
    read(obs)
    assert obs["purity"].tolist()[:2] == [0.5, 1.0]
