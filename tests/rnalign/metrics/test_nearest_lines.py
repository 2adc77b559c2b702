import numpy as np
import pandas as pd
import pytest
from scipy.stats import mannwhitneyu, pearsonr
from statsmodels.stats.multitest import multipletests

from helpers.rnalign.metrics.nearest_lines import drug_table, nearest_lines

NAMES = [f"LINE-{number:02d}" for number in range(30)]


def profiles(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=20), rng.normal(size=(30, 20))


def sensitivities(seed=0):
    """drug A is effective in the first ten lines; B and C are noise; D was tried in two lines."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        [(name, drug) for name in NAMES for drug in "ABC"] + [(NAMES[0], "D"), (NAMES[15], "D")],
        columns=["line", "drug"],
    )
    table["ln_ic50"] = rng.normal(size=len(table))
    table.loc[(table["drug"] == "A") & table["line"].isin(NAMES[:10]), "ln_ic50"] -= 5
    return table


def ranked(names=NAMES[:8]):
    return pd.DataFrame({"rank": range(1, len(names) + 1), "line": names})


def test_lines_are_ranked_by_pearson():
    tumour, lines = profiles()
    table = nearest_lines(tumour, lines, NAMES, k=30)
    r = {name: pearsonr(tumour, line).statistic for name, line in zip(NAMES, lines, strict=True)}
    assert table["line"].tolist() == sorted(NAMES, key=r.get, reverse=True)
    np.testing.assert_allclose(table["correlation"], [r[name] for name in table["line"]])
    assert table["rank"].tolist() == list(range(1, 31))
    top = nearest_lines(2 * tumour[None] + 3, lines, NAMES, k=4)
    assert top["line"].tolist() == table["line"].tolist()[:4]


def test_a_line_made_of_the_tumour_is_nearest():
    tumour, lines = profiles()
    lines[17] = tumour + 0.1
    assert nearest_lines(tumour, lines, NAMES, k=1)["line"].item() == "LINE-17"


def test_unusable_profiles_are_named():
    tumour, lines = profiles()
    with pytest.raises(ValueError, match="20 genes, 19 values"):
        nearest_lines(tumour[1:], lines, NAMES)
    with pytest.raises(ValueError, match="from 1 to the 30 lines; got 31"):
        nearest_lines(tumour, lines, NAMES, k=31)
    with pytest.raises(ValueError, match="genes that differ"):
        nearest_lines(np.ones(20), lines, NAMES)
    with pytest.raises(ValueError, match="29"):
        nearest_lines(tumour, lines, NAMES[1:])


def test_the_effective_drug_comes_first_with_its_medians():
    table = drug_table(ranked(), sensitivities())
    assert table["drug"].tolist()[0] == "A" and "D" not in set(table["drug"])
    values = sensitivities().query("drug == 'A'").set_index("line")["ln_ic50"]
    near, others = values[NAMES[:8]], values.drop(NAMES[:8])
    first = table.iloc[0]
    assert first["n"] == 8
    assert first["ln_ic50"] == pytest.approx(near.median())
    assert first["ln_ic50_others"] == pytest.approx(others.median())
    assert first["difference"] == pytest.approx(near.median() - others.median())
    above = np.mean([a > b for a in near for b in others])
    assert first["percentile"] == pytest.approx(above)
    assert first["p"] == pytest.approx(mannwhitneyu(near, others).pvalue)
    expected = multipletests(table["p"], method="fdr_bh")[1]
    np.testing.assert_allclose(table["fdr"], expected)
    assert table["fdr"][0] < 0.05 < table["fdr"][1:].min()


def test_repeats_and_gaps_count_once():
    once = sensitivities()
    twice = pd.concat([once, once, once.head(5).assign(ln_ic50=np.nan)])
    pd.testing.assert_frame_equal(drug_table(ranked(), twice), drug_table(ranked(), once))


def test_another_key_and_few_lines():
    renamed = sensitivities().rename(columns={"line": "model_id"})
    pd.testing.assert_frame_equal(
        drug_table(ranked(), renamed, key="model_id"), drug_table(ranked(), sensitivities())
    )
    few = drug_table(ranked(NAMES[:2]), sensitivities())
    assert few.empty and "fdr" in few
    assert len(drug_table(ranked(NAMES[:2]), sensitivities(), min_lines=1)) == 4


def test_strangers_and_missing_columns_are_named():
    with pytest.raises(ValueError, match=r"None of the 1 nearest lines .* 'HELA'"):
        drug_table(ranked(["HELA"]), sensitivities())
    with pytest.raises(ValueError, match=r"lacks the columns \['ln_ic50'\]"):
        drug_table(ranked(), sensitivities().drop(columns="ln_ic50"))
