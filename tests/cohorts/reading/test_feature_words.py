import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading.feature_words import feature_types, read_feature_types


def of(names, **var):
    return anndata.AnnData(np.ones((2, len(names))), var=pd.DataFrame(var, index=names))


def test_words_of_cell_ranger_and_others():
    cohort = of(["TP53", "MYC", "hsa-mir-21", "GATA3"],
                feature_type=["Gene Expression", "gene", "miRNA", None])  # fmt: skip
    notes = read_feature_types(cohort, "x.h5ad")
    assert feature_types(cohort).tolist() == ["gene", "gene", "microRNA", "gene"]
    assert notes == [
        "var['feature_type']: 'Gene Expression' (1), 'miRNA' (1) read as gene or microRNA."
    ]


def test_features_that_are_neither_are_refused_and_the_line_mends_it():
    words = ["Gene Expression", "Antibody Capture", "Peaks"]
    cohort = of(["TP53", "CD4", "chr1"], feature_type=words)
    with pytest.raises(ValueError, match=r"Antibody Capture, Peaks for 2 features") as error:
        read_feature_types(cohort, "x.h5ad")
    scope = {"adata": cohort}
    exec(str(error.value).split("with: ")[1], scope)
    read_feature_types(scope["adata"], "x.h5ad")
    assert scope["adata"].var_names.tolist() == ["TP53"]


def test_the_column_of_cell_ranger():
    cohort = of(["TP53", "CD4"], feature_types=["Gene Expression", "Gene Expression"])
    read_feature_types(cohort, "x.h5ad")
    assert feature_types(cohort).tolist() == ["gene", "gene"]
    cohort = of(["TP53", "CD4"], feature_types=["Gene Expression", "Antibody Capture"])
    with pytest.raises(ValueError, match="Antibody Capture for 1 features") as error:
        read_feature_types(cohort, "x.h5ad")
    exec(str(error.value).split("with: ")[1], {"adata": cohort})


def test_a_microrna_of_another_species():
    cohort = of(["hsa-mir-1", "cel-mir-39", "TP53"])
    assert (
        "1 of 3 features are microRNAs of another species, such as cel-mir-39"
        in (read_feature_types(cohort, "x.h5ad")[0])
    )
    assert feature_types(cohort).tolist() == ["microRNA", "microRNA", "gene"]


@pytest.mark.parametrize(("said", "read"), [("miRNA", "microRNA"), ("RNA", "gene"), (3, None)])
def test_what_the_file_says_of_all(said, read):
    cohort = of(["a", "b"])
    cohort.uns["feature"] = said
    read_feature_types(cohort, "x.h5ad")
    assert cohort.uns.get("feature") == read
