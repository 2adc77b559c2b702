"""Printed tables, made readable."""

import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.book.chapter_pages.output_tables import in_words, mend_tables, mended, supported

WORDS = {"pca": "PCA", "vae_logistic": "VAE, logistic regression", "delta_d": "ΔD"}


def cells(html):
    rows = BeautifulSoup(html, "html.parser").find_all("tr")
    return [
        [cell.get_text(strip=True).replace("\xa0", " ") for cell in row.find_all(["th", "td"])]
        for row in rows
    ]


@pytest.mark.parametrize(
    ("mean", "sd", "shown"),
    [
        ("0.955", "0.0062", "0.9550 ± 0.0062"),
        ("0.404", "0.2", "0.40 ± 0.20"),
        ("13.7", "24", "14 ± 24"),
        ("1", "0", "1 ± 0"),
        ("-0.0253", "0.026", "-0.025 ± 0.026"),
    ],
)
def test_digits_are_those_that_the_spread_supports(mean, sd, shown):
    assert supported(mean, sd) == shown


def test_names_of_the_code_are_read_as_words():
    assert in_words("vae_logistic", WORDS) == "VAE, logistic regression"
    assert in_words("pca_rna", WORDS) == "PCA rna"


def test_a_table_lies_in_a_frame_with_named_rows_and_columns():
    table = pd.DataFrame({"delta_d": ["0.404 ± 0.2"], "said": ["much"]}, index=["vae_logistic"])
    html = mended(table.rename_axis("method").to_html(), WORDS)
    assert cells(html) == [
        ["method", "ΔD", "said"],
        ["VAE, logistic regression", "0.40 ± 0.20", "much"],
    ]
    frame = BeautifulSoup(html, "html.parser").div
    assert frame["tabindex"] == "0" and "table-frame" in frame["class"]
    assert frame.find("td", string="much")["class"] == ["text"]
    assert {tag["scope"] for tag in frame.select("tbody th")} == {"row"}


def test_a_wide_table_of_few_rows_is_turned():
    wide = pd.DataFrame({f"metric_{n}": [n, n + 0.5] for n in range(12)}, index=["vae", "pca"])
    shown = cells(mended(wide.to_html(), WORDS))
    assert shown[0] == ["", "vae", "PCA"]
    assert shown[1] == ["metric 0", "0.0", "0.5"] and len(shown) == 13


def test_prose_takes_the_names_that_the_tables_have():
    html = pd.DataFrame({"knn_purity": [1]}).to_html()
    output = new_output("display_data", data={"text/html": html})
    page = new_notebook(
        cells=[
            new_code_cell("t", outputs=[output]),
            new_markdown_cell("*knn_purity* is `knn_purity`."),
        ]
    )
    mend_tables(page, {})
    assert page.cells[1].source == "*knn purity* is `knn_purity`."
    assert ["", "knn purity"] in cells(page.cells[0].outputs[0]["data"]["text/html"])


def test_the_best_value_of_a_column_with_a_better_way_is_marked():
    table = pd.DataFrame({"delta_d": ["0.4 ± 0.2", "-0.1 ± 0.0"], "n": [1, 2]}, index=["a", "b"])
    for way, best in (("lower", "-0.1 ±\xa00.0"), ("higher", "0.40 ±\xa00.20")):
        soup = BeautifulSoup(mended(table.to_html(), WORDS, {"ΔD": way}), "html.parser")
        assert [tag.get_text() for tag in soup.find_all("strong")] == [best]


def test_a_table_of_spreads_is_wide_earlier_and_sets_lose_their_prefix():
    table = pd.DataFrame({name: ["0.5 ± 0.1"] * 6 for name in "abcd"}, index=[*"uvwxyz"])
    assert "is-wide" in mended(table.to_html(), WORDS)
    assert "is-wide" not in mended(table.replace("0.5 ± 0.1", "0.5").to_html(), WORDS)
    sets = pd.DataFrame({"set": ["HALLMARK_MYC_TARGETS_V1"]}, index=["a"])
    assert cells(mended(sets.to_html(), WORDS))[1] == ["a", "MYC TARGETS V1"]


def test_no_best_is_marked_among_what_nobody_chooses():
    table = pd.DataFrame({"purity": [0.4, 0.9]}, index=["LUNG", "SKIN"])
    marked = mended(table.rename_axis("space").to_html(), WORDS, {"purity": "higher"})
    assert "<strong>" in marked
    assert "<strong>" not in mended(
        table.rename_axis("cancer_type").to_html(), WORDS, {"purity": "higher"}
    )


SCORES = pd.DataFrame(
    {"space": ["vae", "vae", "pca", "pca"], "ari": [0.5, 0.7, 0.2, 0.4], "n": [1.0, 3.0, 5.0, 9.0]}
)


def test_a_mean_and_its_spread_stand_in_one_cell_below_one_heading():
    summary = SCORES.groupby("space", sort=False).agg(["mean", "std"]).round(3)
    shown = cells(mended(summary.to_html(), WORDS, {"ari": "higher"}))
    assert shown == [
        ["space", "ari", "n"],
        ["vae", "0.60 ± 0.14", "2.0 ± 1.4"],
        ["PCA", "0.30 ± 0.14", "7.0 ± 2.8"],
    ]
    assert cells(mended(summary.T.to_html(), WORDS)) == [
        ["space", "vae", "PCA"],
        ["ari", "0.60 ± 0.14", "0.30 ± 0.14"],
        ["n", "2.0 ± 1.4", "7.0 ± 2.8"],
    ]
    one = summary["ari"]
    assert cells(mended(one.to_html(), WORDS))[0] == ["space", "mean ± SD"]


def test_no_digit_is_shown_that_was_not_printed():
    table = pd.DataFrame({"mean": ["0.953", "12"], "std": ["0.001", "0.26"]}, index=["a", "b"])
    assert [row[1] for row in cells(mended(table.to_html(), WORDS))[1:]] == [
        "0.953 ± 0.001",
        "12.00 ± 0.26",
    ]


def test_a_value_of_one_seed_has_no_spread():
    summary = SCORES.iloc[[0, 2]].groupby("space").agg(["mean", "std"])
    assert cells(mended(summary.to_html(), WORDS))[1] == ["PCA", "0.2", "5"]


def test_other_pairs_of_columns_stay_two():
    extremes = SCORES.groupby("space").agg(["min", "max"])
    assert cells(mended(extremes.to_html(), WORDS))[:2] == [
        ["", "ari", "n"],
        ["space", *["min", "max"] * 2],
    ]


def test_what_nobody_rounded_and_what_is_missing():
    table = pd.DataFrame({"rate": [0.274510, 0.0000123], "p": [pd.NA, 0.5]}, index=["a", "b"])
    table["rate"] = table["rate"].map("{:.7f}".format)
    assert cells(mended(table.to_html(), WORDS))[1:] == [
        ["a", "0.275", "–"],
        ["b", "1.23e-05", "0.5"],
    ]


def test_a_table_of_many_columns_is_turned_where_that_is_narrower_and_set_smaller_where_not():
    wide = pd.DataFrame({f"c{number}": [1, 2] for number in range(8)}, index=["a", "b"])
    assert cells(mended(wide.to_html(), WORDS))[0] == ["", "a", "b"]
    assert "is-wide" not in mended(wide.to_html(), WORDS)
    tall = pd.concat([wide] * 5).set_axis([*"abcdefghij"])
    assert len(cells(mended(tall.to_html(), WORDS))[0]) == 9
    assert 'class="table-frame is-wide' in mended(tall.to_html(), WORDS)


def test_names_of_rows_and_columns_share_a_line():
    grid = SCORES.assign(seed=[0, 1, 0, 1]).pivot_table("ari", "space", "seed")
    assert cells(mended(grid.to_html(), WORDS))[0] == ["space / seed", "0", "1"]
    named = grid.rename_axis(index="cancer_type", columns="called")
    assert cells(mended(named.to_html(), WORDS))[0][0] == "cancer type / called"
    by_two = SCORES.assign(seed=[0, 1, 0, 1]).set_index(["space", "seed"])
    assert cells(mended(by_two.to_html(), WORDS))[0] == ["space", "seed", "ari", "n"]


def test_an_index_that_counts_the_rows_is_left_out_and_any_other_stays():
    shown = cells(mended(SCORES.to_html(), WORDS))
    assert shown[:2] == [["space", "ari", "n"], ["vae", "0.5", "1"]]
    assert cells(mended(SCORES.iloc[1:].to_html(), WORDS))[1][0] == "1"
    named = SCORES.rename_axis("fold")
    assert cells(mended(named.to_html(), WORDS))[0][0] == "fold"


def test_the_best_is_found_where_names_span_rows():
    by_two = SCORES.assign(seed=[0, 1, 0, 1]).set_index(["space", "seed"])
    soup = BeautifulSoup(mended(by_two.to_html(), WORDS, {"ari": "higher"}), "html.parser")
    assert [tag.get_text() for tag in soup.find_all("strong")] == ["0.7"]


def test_a_column_has_its_unit_and_a_row_of_that_name_has_not():
    table = pd.DataFrame({"kl": [1.0, 2.0]}, index=["kl", "a"])
    shown = cells(mended(table.to_html(), {"kl": "KL"}, units={"KL": "nats"}))
    assert [row[0] for row in shown] == ["", "KL", "a"] and shown[0][1] == "KL (nats)"


def test_what_is_stressed_is_and_what_is_missing_is_a_dash():
    table = pd.DataFrame({"why": ["see *Was it fair?* there", "2 * 3"], "n": [1.0, None]})
    soup = BeautifulSoup(mended(table.to_html(), WORDS), "html.parser")
    assert [tag.get_text() for tag in soup.find_all("em")] == ["Was it fair?"]
    assert cells(str(soup))[1:] == [["seeWas it fair?there", "1"], ["2 * 3", "–"]]


def test_counts_have_no_fraction_where_none_of_them_has():
    table = pd.DataFrame(
        {"n_features": [250.0, 1250.0], "n_found": [9.0, 11.67], "ratio": [1.0, 2.0]},
        index=pd.Index(["a", "b"], name="model"),
    )
    shown = cells(mended(table.to_html(), {}))
    assert shown == [
        *(["model", "n features", "n found", "ratio"], ["a", "250", "9.00", "1.0"]),
        ["b", "1250", "11.67", "2.0"],
    ]
    turned = table.T.loc[["n_features", "ratio"]].rename_axis("score")
    assert cells(mended(turned.to_html(), {}))[1:] == [
        *(["n features", "250", "1250"], ["ratio", "1.0", "2.0"]),
    ]


@pytest.mark.parametrize("control", ["shuffled", "majority", "constant type", "random sets"])
def test_a_control_is_not_the_best(control):
    table = pd.DataFrame({"ari": [0.2, 0.3, 0.9]}, index=["a", "b", control])
    soup = BeautifulSoup(mended(table.to_html(), {}, {"ari": "higher"}), "html.parser")
    assert [tag.get_text() for tag in soup.find_all("strong")] == ["0.3"]
