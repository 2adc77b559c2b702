"""Purity: where a value comes from, and the published facts about both sources."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.rnalign.purity_estimates import load_purity, parse_purity, tumour_purity

NAMES = [f"TCGA-AA-000{i}-01" for i in range(6)]


@pytest.fixture
def known():
    return pd.DataFrame(
        {"ABSOLUTE": [0.9, 0.5, np.nan, 0.3], "CPE": [0.8, np.nan, 0.7, np.nan]}, NAMES[:4]
    )


def test_decimal_commas_first_vials_and_missing_calls():
    calls = pd.DataFrame(
        {"array": [NAMES[0], NAMES[1], NAMES[0]], "purity": [0.4, np.nan, 0.6]},
    )
    samples = [f"{NAMES[0]}A", f"{NAMES[0]}B", f"{NAMES[2]}A", f"{NAMES[3]}A"]
    consensus = pd.DataFrame({"Sample.ID": samples, "CPE": ["0,9246", "0,1", "1", np.nan]})
    for table in (consensus, consensus.astype("category")):
        purity = parse_purity(calls, table)
        assert purity["ABSOLUTE"].dropna().to_dict() == {NAMES[0]: 0.4}
        assert purity["CPE"].dropna().to_dict() == {NAMES[0]: 0.9246, NAMES[2]: 1.0}


def test_sources_in_their_order(known):
    barcodes = pd.Index([f"{name}A-11R" for name in NAMES])
    types = pd.Series(["A", "A", "A", "A", "A", "B"])
    purity = tumour_purity(barcodes, types, known)
    assert purity["purity_source"].tolist() == [
        *("ABSOLUTE", "ABSOLUTE", "CPE", "ABSOLUTE"),
        *("type median", "overall median"),
    ]
    assert purity["purity"].tolist() == pytest.approx([0.9, 0.5, 0.7, 0.3, 0.6, 0.6])


def test_the_median_is_that_of_the_type(known):
    types = pd.Series(["A", "B", "B", "B", "A", "B"])
    purity = tumour_purity(pd.Index(NAMES), types, known)["purity"]
    assert purity.iloc[4] == 0.9 and purity.iloc[5] == np.median([0.5, 0.7, 0.3])


def test_nothing_known(known):
    with pytest.raises(ValueError, match=r"none of 2 has\. Give"):
        tumour_purity(pd.Index(["TH01_0001_S01", "x"]), pd.Series(["A", "B"]), known)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.none() | st.floats(0, 1)), min_size=1))
def test_always_a_share_and_never_a_changed_measurement(rows):
    names = [f"TCGA-AA-{i:04d}-01" for i in range(len(rows))]
    values = [np.nan if value is None else value for _, value in rows]
    known = pd.DataFrame({"ABSOLUTE": values, "CPE": np.nan}, names)
    types = pd.Series([kind for kind, _ in rows])
    if known["ABSOLUTE"].isna().all():
        return
    found = tumour_purity(pd.Index(names), types, known)
    assert found["purity"].between(0, 1).all()
    measured = found["purity_source"] == "ABSOLUTE"
    assert (measured == known["ABSOLUTE"].notna()).all()
    assert (found["purity"][measured] == known["ABSOLUTE"].dropna()).all()


@pytest.mark.real
def test_the_two_sources(real_data):
    purity = load_purity()
    n_known = purity.notna().sum()
    assert (n_known["ABSOLUTE"], n_known["CPE"]) == (10_642, 9_110)
    assert purity.index.is_unique and purity.min().min() >= 0 and purity.max().max() <= 1
    assert purity.dropna().corr("spearman").iloc[0, 1] == pytest.approx(0.71, abs=0.01)


@pytest.mark.real
def test_coverage_of_the_mrna_samples(tcga_mrna):
    known = load_purity().reindex(tcga_mrna.obs_names.str[:15]).notna()
    share = known.groupby(tcga_mrna.obs["cancer_type"].to_numpy()).mean()
    assert (100 * share["ABSOLUTE"]).round().to_dict() == {
        **{"ACC": 97, "CHOL": 100, "DLBC": 98, "GBM": 89},
        **{"KICH": 100, "PAAD": 90, "UCS": 98, "UVM": 100},
    }
    assert share.index[share["CPE"] > 0].tolist() == ["ACC", "GBM", "KICH", "UCS"]
