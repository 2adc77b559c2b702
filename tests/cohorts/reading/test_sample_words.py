import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.reading.sample_words import OURS, read_sample_types

WORDS = {
    "primary": ["Primary Tumor", "primary solid tumor", "PRIMARY", "tumour", "Tumor", "TP", "01A",
                "Primary_Tumor", "cancer", "T"],
    "normal": ["Solid Tissue Normal", "Normal", "NT", "11", "adjacent non-tumor tissue",
               "Blood Derived Normal", "healthy donor", "tumor-free", "NAT", "Nontumoral",
               "non-tumor"],
    "metastasis": ["Metastatic", "metastases", "TM", "06"],
    "recurrent": ["Recurrent Tumor", "relapse", "TR"],
    "blood": ["Primary Blood Derived Cancer - Peripheral Blood", "TB", "03"],
    "cell line": ["Cell Line", "cell_line", "CELL LINES", "cellline", "Cancer cell line", "50"],
    "xenograft": ["Primary Xenograft Tissue", "PDX"],
    "organoid": ["tumor organoid"],
    "control": ["Control Analyte"],
    "unknown": ["NA", "", "not reported", np.nan, None],
}  # fmt: skip


@pytest.mark.parametrize(
    ("ours", "word"), [(k, word) for k, words in WORDS.items() for word in words]
)
def test_words_of_others(ours, word):
    obs = pd.DataFrame({"sample_type": ["primary", "NT", word]})
    read_sample_types(obs)
    assert obs["sample_type"].tolist() == ["primary", "normal", ours]


def test_our_own_words_stay_without_a_note():
    obs = pd.DataFrame({"sample_type": OURS})
    assert read_sample_types(obs) == [] and tuple(obs["sample_type"]) == OURS
    assert read_sample_types(pd.DataFrame({"x": [1]})) == []


def test_what_was_read_is_counted():
    obs = pd.DataFrame(
        {"sample_type": ["primary", "Primary Tumor", "Primary Tumor", "biopsy", None]}
    )
    assert read_sample_types(obs) == [
        "obs['sample_type']: 'Primary Tumor' (2) read as 'primary'.",
        "obs['sample_type'] is missing for 1 samples: no tumours.",
    ]
    assert obs["sample_type"].tolist() == ["primary"] * 3 + ["biopsy", "unknown"]


@pytest.mark.parametrize(
    "codes", [[1, 11, 6], [1.0, 11.0, 6.0], ["1", "11", "06"], [1, 11, 6, None]]
)
def test_codes_of_tcga(codes):
    obs = pd.DataFrame({"sample_type": codes})
    read_sample_types(obs)
    assert obs["sample_type"].tolist()[:3] == ["primary", "normal", "metastasis"]
