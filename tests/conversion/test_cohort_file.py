"""Two tables in every form that tools write become the same cohort, or are refused in a line."""

import bz2
import gzip
import lzma

import anndata
import numpy as np
import pandas as pd
import pytest

from helpers.cli import main
from helpers.cohorts.registry import cohort as registered
from helpers.cohorts.user_files import check_h5ad
from helpers.conversion.cohort_file import convert_tables

N, GENES = 24, ["TP53", "GATA3", "ESR1", "MYC", "EGFR", "KRAS"]
NAMES = [f"S{i:02d}" for i in range(N)]


@pytest.fixture
def logs():
    """Sample × gene, logarithms of two digits."""
    x = np.random.default_rng(0).uniform(0.5, 12, (N, len(GENES))).round(2)
    return pd.DataFrame(x, NAMES, GENES)


@pytest.fixture
def about():
    kinds = ["BRCA", "LUAD"] * (N // 2)
    facts = {"patient": [f"P{i}" for i in range(N)], "cancer_type": kinds, "age": 61.5}
    return pd.DataFrame(facts, pd.Index(NAMES, name="sample"))


@pytest.fixture
def converted(tmp_path, about):
    """Convert text (or bytes) of values, beside the table of samples, and read it again."""

    def convert(values, samples=None, name="values.csv"):
        path, out = tmp_path / name, tmp_path / "out.h5ad"
        path.write_bytes(values.encode() if isinstance(values, str) else values)
        samples = about.to_csv() if samples is None else samples
        (tmp_path / "samples.csv").write_text(samples, encoding="utf-8")
        out.unlink(missing_ok=True)
        notes = convert_tables(path, tmp_path / "samples.csv", out)
        check_h5ad(out)
        return anndata.read_h5ad(out), " ".join(notes)

    return convert


def same(cohort, logs):
    found = cohort.to_df().loc[logs.index, logs.columns]
    np.testing.assert_allclose(found, logs, rtol=1e-6)
    assert cohort.shape == logs.shape
    return True


def with_line(text, line, at=0):
    lines = text.splitlines()
    return "\n".join([*lines[:at], line, *lines[at:]]) + "\n"


def gct(logs):
    table = logs.T.rename_axis("Name")
    table.insert(0, "Description", "na")
    return f"#1.2\n{len(GENES)}\t{N}\n" + table.to_csv(sep="\t")


def of_cbioportal(logs):
    table = logs.T.rename_axis("Hugo_Symbol")
    table.insert(0, "Entrez_Gene_Id", range(7, 7 + len(GENES)))
    return table.to_csv(sep="\t")


def of_geo(logs):
    table = "ID_REF" + logs.T.to_csv(sep="\t", quoting=2)
    head = '!Series_title\t"x"\n\n!series_matrix_table_begin\n'
    return head + table.replace('ID_REF""', '"ID_REF"') + "!series_matrix_table_end\n"


FORMS = {
    "samples in rows": lambda x: x.to_csv(),
    "genes in rows": lambda x: x.T.to_csv(),
    "tabs": lambda x: x.T.to_csv(sep="\t"),
    "spaces": lambda x: x.T.to_csv(sep=" ", index_label="gene"),
    "bars": lambda x: x.to_csv(sep="|"),
    "R's write.table": lambda x: x.T.to_csv(sep="\t").lstrip("\t"),
    "R's write.csv2": lambda x: x.to_csv(sep=";", decimal=",", quoting=2),
    "quoted": lambda x: x.T.to_csv(quoting=1),
    "a mark": lambda x: x.to_csv().encode("utf-8-sig"),
    "UTF-16": lambda x: x.to_csv().encode("utf-16"),
    "UTF-16 without a mark": lambda x: x.to_csv().encode("utf-16-le"),
    "UTF-32": lambda x: x.to_csv().encode("utf-32"),
    "Windows": lambda x: x.to_csv().replace("\n", "\r\n"),
    "old Mac": lambda x: x.to_csv().replace("\n", "\r"),
    "gzip": lambda x: gzip.compress(x.to_csv().encode()),
    "bzip2": lambda x: bz2.compress(x.to_csv().encode()),
    "xz": lambda x: lzma.compress(x.to_csv().encode()),
    "comments": lambda x: "# made by us\n#\n" + x.T.to_csv(sep="\t"),
    "a header with #": lambda x: "# a, b\n#gene" + x.T.to_csv(sep="\t"),
    "second header": lambda x: with_line(
        x.T.to_csv(sep="\t"), "\t".join(["Composite", *["signal"] * N]), 1
    ),
    "types as second header": lambda x: with_line(
        x.T.to_csv(), ",".join(["tissue", *["breast", "lung"] * (N // 2)]), 1
    ),
    "GCT 1.2": gct,
    "cBioPortal": of_cbioportal,
    "GEO": of_geo,
    "trailing signs": lambda x: "\n".join(f"{line}," for line in x.to_csv().splitlines()),
    "trailing signs below the header": lambda x: "\n".join(
        line + "," * (i > 0) for i, line in enumerate(x.to_csv().splitlines())
    ),
    "empty columns": lambda x: x.assign(**{" ": None, "  ": None}).to_csv(),
    "empty lines": lambda x: x.to_csv().replace("\n", "\n\n"),
    "numbered rows": lambda x: x.rename_axis("sample").reset_index().to_csv(),
    "text columns": lambda x: x.assign(site="left").to_csv(),
    "a sample twice": lambda x: pd.concat([x, x.iloc[:2]]).to_csv(),
    "a nameless gene": lambda x: x.assign(**{"NA": 3.0}).T.to_csv(),
    "lower case gene column": lambda x: x.T.rename_axis("gene_id").to_csv(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_cohort(form, logs, converted):
    cohort, notes = converted(FORMS[form](logs))
    assert same(cohort, logs) and "6 genes in" in notes.replace("7 genes in", "6 genes in")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("UTF-16", "is read as UTF-16"),
        ("R's write.csv2", "have a decimal comma"),
        ("comments", "2 lines of comments"),
        ("a header with #", "its header begins with '#'"),
        ("second header", "the second line ('signal')"),
        ("GCT 1.2", "is read as GCT 1.2"),
        ("cBioPortal", "Columns Entrez_Gene_Id hold no values"),
        ("empty columns", "2 empty columns without a name"),
        ("a sample twice", "2 samples stand there again"),
        ("a nameless gene", "1 features have no name"),
    ],
)
def test_what_was_understood_is_said(form, said, logs, converted):
    assert said in converted(FORMS[form](logs))[1]


def test_genes_that_stand_twice(logs, converted):
    twice = logs.assign(**{"again": logs["MYC"] + 1}).rename(columns={"again": "MYC"})
    cohort, notes = converted(twice.T.to_csv())
    assert same(cohort, logs.assign(MYC=logs["MYC"] + 1)) and "highest mean is kept" in notes
    counts = (logs * 1000).round().astype(int)
    both = pd.concat([counts, counts[["MYC"]]], axis=1)
    cohort, notes = converted(both.T.to_csv())
    summed = counts.assign(MYC=2 * counts["MYC"])
    assert same(cohort, np.log2(summed.div(summed.sum(axis=1), axis=0) * 1e6 + 1))
    assert "reads of one gene" in notes and cohort.uns["unit"] == "log2(CPM+1)"


def test_counts_and_linear_values_become_logarithms(logs, converted):
    counts = (logs * 1000).round().astype(int)
    counts["__no_feature"] = 999_999
    cohort, notes = converted(counts.T.to_csv(sep="\t"))
    plain = counts[GENES]
    assert same(cohort, np.log2(plain.div(plain.sum(axis=1), axis=0) * 1e6 + 1))
    assert "1 features count reads of no gene" in notes and "are counts" in notes
    tpm = logs.div(logs.sum(axis=1), axis=0) * 1e6
    cohort, notes = converted(tpm.to_csv())
    assert same(cohort, np.log2(tpm + 1)) and cohort.uns["unit"] == "log2(TPM+1)"
    cohort, notes = converted((logs * 50 + 41).to_csv())
    assert cohort.uns["unit"] == "log2(x+1)" and "are linear" in notes


def test_feature_counts_of_files(logs, converted):
    counts = (logs * 1000).round().astype(int).T.rename_axis("Geneid")
    counts.columns = [f"/data/{name}.sorted.bam" for name in NAMES]
    for at, (name, value) in enumerate({"Chr": "1;1", "Start": "5;9", "Length": 900}.items()):
        counts.insert(at, name, value)
    cohort, notes = converted("# Program:featureCounts\n" + counts.to_csv(sep="\t"))
    assert cohort.shape == (N, len(GENES)) and "without folder and .bam" in notes
    assert "Columns Chr, Start, Length hold no values" in notes


def test_names_as_r_and_the_gdc_write_them(logs, about, converted):
    named = about.set_axis([f"{i}-A b" for i in range(N)]).rename_axis("sample")
    of_r = logs.set_axis([f"X{i}.A.b" for i in range(N)])
    cohort, notes = converted(of_r.T.to_csv(), named.to_csv())
    assert same(cohort, logs.set_axis(named.index)) and "as R writes names" in notes
    samples = [f"TCGA-AB-{i:04d}-01" for i in range(N)]
    aliquots = logs.set_axis([f"{name}A-11R-A115-07" for name in samples])
    cohort, notes = converted(aliquots.T.to_csv(), about.set_axis(samples).to_csv())
    assert same(cohort, logs.set_axis(samples)) and "of the barcode" in notes


def test_symbols_stand_beside_ensembl_ids(logs, converted):
    table = logs.T.set_axis([f"ENSG{i:011d}.3" for i in range(len(GENES))])
    table.insert(0, "gene_name", GENES)
    cohort, _ = converted(table.to_csv(sep="\t"))
    assert cohort.var["symbol"].tolist() == GENES


def test_a_table_of_samples_in_other_forms(logs, about, converted):
    clinical = about.rename(columns={"patient": "PATIENT_ID"}).reset_index()
    clinical = clinical[["PATIENT_ID", "sample", "cancer_type", "age"]]
    head = "#Patient\tSample\tType\tAge\n#STRING\tSTRING\tSTRING\tNUMBER\n"
    cohort, _ = converted(logs.to_csv(), head + clinical.to_csv(sep="\t", index=False))
    assert same(cohort, logs) and cohort.obs["PATIENT_ID"].tolist()[:2] == ["P0", "P1"]
    comma = about.to_csv(sep=";", decimal=",", quoting=1)
    cohort, _ = converted(logs.to_csv(), comma)
    assert (cohort.obs["age"] == 61.5).all()
    codes = about.assign(batch=[f"{i % 3:02d}" for i in range(N)])
    assert set(converted(logs.to_csv(), codes.to_csv())[0].obs["batch"]) == {"00", "01", "02"}


def test_samples_of_one_table_alone_are_counted(logs, about, converted):
    more = pd.concat([about, about.iloc[:1].set_axis(["other"])]).rename_axis("sample")
    cohort, notes = converted(logs.iloc[:22].T.to_csv(), more.to_csv())
    assert same(cohort, logs.iloc[:22])
    assert "samples.csv: 3 samples are in this table alone" in notes
    cohort, notes = converted(logs.to_csv(), about.iloc[:21].to_csv())
    assert cohort.n_obs == 21 and "values.csv" in notes


REFUSED = {
    "both sides": (lambda x: x[:6].set_axis(NAMES[:6], axis=1).to_csv(), "either side may be"),
    "no sample": (lambda x: x.add_prefix("t", axis=0).to_csv(), "must name the same samples"),
    "text": (lambda x: x.astype(object).replace(x.iloc[3, 2], "high").to_csv(), "sample S03, gene"),
    "short row": (lambda x: x.T.to_csv(sep="\t")[:-40], "must have 25 cells; row 6"),
    "long row": (lambda x: x.to_csv().replace("S05,", "S05,1,"), "must have 7 cells; row 6"),
    "cut gzip": (lambda x: gzip.compress(x.to_csv().encode())[:-40], "cut off"),
    "cut GCT": (lambda x: "\n".join(gct(x).splitlines()[:-1]), "announces 6 rows and has 5"),
    "GCT 1.3": (lambda x: gct(x).replace("#1.2", "#1.3"), "version 1.3"),
    "a workbook": (lambda x: b"PK\x03\x04 and so on", "is a workbook"),
    "an h5ad": (lambda x: b"\x89HDF\r\n\x1a\n", "HDF5"),
    "a web page": (lambda x: "<!DOCTYPE html><html></html>", "is a web page"),
    "no text": (lambda x: b"RDX3\nX\n\x00\x00\x00\x03 abcdefghijkl", "is no text"),
    "nothing": (lambda x: "", "is empty"),
    "comments alone": (lambda x: "# one\n# two\n", "comments and no table"),
    "a header alone": (lambda x: "a,b,c\n", "header and no rows"),
    "one column": (lambda x: "a\nb\nc\n", "parted by tabs, commas or semicolons"),
    "no header": (lambda x: x.to_csv(header=False), "must name its columns; it holds numbers"),
    "points and commas": (lambda x: x.T.to_csv(sep=";").replace(".", ",", 5), "beside numbers"),
    "a sample differs": (
        lambda x: pd.concat([x, x.iloc[:2] + 1]).to_csv(), "'S00' stands there 2 times"),
    "kinds": (
        lambda x: with_line(
            pd.concat([x.T, x.T], axis=1).to_csv(),
            ",".join(["id", *["raw"] * N, *["scaled"] * N]), 1),
        "raw, scaled by its second line"),
}  # fmt: skip


@pytest.mark.parametrize("form", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_line(form, logs, converted, tmp_path):
    made, said = REFUSED[form]
    with pytest.raises(ValueError, match=said) as error:
        converted(made(logs))
    assert "\n" not in str(error.value) and not (tmp_path / "out.h5ad").exists()


def run(error, tmp_path, monkeypatch, start):
    monkeypatch.chdir(tmp_path)
    line = str(error.value)
    exec(line[line.index(start) :].split("; with decimal commas")[0], {})


def test_the_line_that_keeps_one_kind(logs, converted, tmp_path, monkeypatch):
    with pytest.raises(ValueError, match="second line") as error:
        converted(REFUSED["kinds"][0](logs))
    run(error, tmp_path, monkeypatch, "import pandas")
    assert same(converted((tmp_path / "one_kind.tsv").read_bytes())[0], logs)


def test_thousands_or_decimals(logs, converted, tmp_path, monkeypatch):
    text = (logs.round() + 1).astype(int).astype(str).to_csv(sep=";").replace(";", ";", 1)
    text = text.replace(";5", ";5,000").replace(";7", ";7,125")
    with pytest.raises(ValueError, match=r"may be \d+ or .*Say which") as error:
        converted(text)
    run(error, tmp_path, monkeypatch, "import pandas")
    assert converted((tmp_path / "plain.csv").read_bytes())[0].uns["unit"] == "log2(CPM+1)"
    _, notes = converted(text.replace(";5,000", ";1,005,000"))
    assert "part thousands" in notes
    _, notes = converted(text.replace(";5,000", ";0,500"))
    assert "decimal comma" in notes


def test_where_it_is_written_to(logs, about, tmp_path):
    logs.to_csv(tmp_path / "x.csv"), about.to_csv(tmp_path / "s.csv")
    with pytest.raises(ValueError, match=r"must be written to an \.h5ad"):
        convert_tables(tmp_path / "x.csv", tmp_path / "s.csv", tmp_path / "o.csv")
    convert_tables(tmp_path / "x.csv", tmp_path / "s.csv", tmp_path / "o.h5ad")
    with pytest.raises(ValueError, match="is there already"):
        convert_tables(tmp_path / "x.csv", tmp_path / "s.csv", tmp_path / "o.h5ad")
    with pytest.raises(ValueError, match="No such file"):
        convert_tables(tmp_path / "y.csv", tmp_path / "s.csv", tmp_path / "p.h5ad")
    rows = pd.concat([about, about.iloc[:1].assign(cancer_type="other")]).rename_axis("sample")
    rows.to_csv(tmp_path / "s.csv")
    with pytest.raises(ValueError, match="'S00' has 2 rows that differ"):
        convert_tables(tmp_path / "x.csv", tmp_path / "s.csv", tmp_path / "p.h5ad")


def test_the_command_writes_says_and_checks(logs, about, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    logs.T.to_csv("x.csv"), about.to_csv("s.csv")
    assert main(["convert", "x.csv", "s.csv", "my.h5ad"]) == 0
    said = capsys.readouterr()
    assert said.out == "my.h5ad\n" and "6 genes in rows, 24 samples in columns" in said.err
    about.drop(columns="patient").to_csv("s.csv")
    assert main(["convert", "x.csv", "s.csv", "lacks.h5ad"]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert "is written, but no chapter can use it yet" in line
    adata = anndata.read_h5ad("lacks.h5ad")
    exec(line[line.index("Add it with: ") + 13 :], {"adata": adata})
    adata.write_h5ad("mended.h5ad")
    check_h5ad(tmp_path / "mended.h5ad")


def test_a_table_as_cohort_names_the_command_that_converts_it(logs, about, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    logs.to_csv("x.csv"), about.to_csv("samples.csv")
    with pytest.raises(ValueError, match="python -m helpers convert") as error:
        registered("x.csv")
    line = str(error.value)
    assert main(line[line.index("convert x.csv") :].split()) == 0
    check_h5ad(tmp_path / "my_cohort.h5ad")
