"""Tumour purity: which share of a sample's cells are cancer cells, and who says so.

ABSOLUTE (Carter 2012; PanCanAtlas calls) reads it off somatic copy number. CPE (Aran 2015) is the
median of four estimates, from expression, copy number, methylation and histology; it knows 21
types. The two agree to a Spearman correlation of .71, so every value keeps its source.
"""

import pandas as pd

from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.sources import fetch_group

_SAMPLE = 15  # characters of a barcode up to the sample type: TCGA-OR-A5J1-01


def load_purity() -> pd.DataFrame:
    """TCGA samples (15-character barcode) × ABSOLUTE, CPE: purity in 0–1, NaN where not known.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    paths = {path.suffix: path for path in fetch_group("tcga-purity")}
    calls = pd.read_csv(paths[".txt"], sep="\t")
    return parse_purity(calls, read_r_objects(paths[".rda"])["Tumor.purity"])


def parse_purity(calls: pd.DataFrame, consensus: pd.DataFrame) -> pd.DataFrame:
    """PanCanAtlas' ABSOLUTE table and TCGAbiolinks' `Tumor.purity` as `load_purity` returns them.

    Decimal commas are read as points. Of a sample's several vials the first one counts.
    """
    absolute = calls.assign(sample=calls["array"].str[:_SAMPLE]).dropna(subset="purity")
    cpe = pd.DataFrame(
        {
            "sample": consensus["Sample.ID"].astype(str).str[:_SAMPLE],
            "purity": _decimal(consensus["CPE"]),
        }
    ).dropna()
    columns = {"ABSOLUTE": absolute, "CPE": cpe}
    return pd.DataFrame(
        {
            name: table.drop_duplicates("sample").set_index("sample")["purity"]
            for name, table in columns.items()
        }
    )


def tumour_purity(barcodes: pd.Index, cancer_type: pd.Series, known: pd.DataFrame) -> pd.DataFrame:
    """Purity (0–1) and purity_source of samples, one row per barcode.

    ABSOLUTE; CPE where that is missing; else the median of the samples of the same cancer type
    ("type median"), or of all samples where the type has none ("overall median"). `cancer_type`
    has one label per barcode, `known` is as `load_purity` returns it; barcodes that are not TCGA's
    are not in it.

    Raises:
        ValueError: no sample has a known purity.
    """
    found = known.reindex(pd.Index(barcodes).astype(str).str[:_SAMPLE]).set_axis(barcodes)
    measured = found["ABSOLUTE"].fillna(found["CPE"])
    if measured.isna().all():
        raise ValueError(
            f"one sample or more must have a known purity; none of {len(barcodes)} has. Give "
            'obs["purity"] yourself'
        )
    typical = measured.groupby(pd.Series(cancer_type).to_numpy()).transform("median")
    purity = measured.fillna(typical).fillna(measured.median())
    source = pd.Series("overall median", index=barcodes, dtype=object)
    for name, is_so in (
        ("type median", typical.notna()),
        ("CPE", found["CPE"].notna()),
        ("ABSOLUTE", found["ABSOLUTE"].notna()),
    ):
        source = source.mask(is_so, name)
    return pd.DataFrame({"purity": purity.astype(float), "purity_source": source})


def _decimal(values: pd.Series) -> pd.Series:
    text = values.astype(object).where(values.notna(), None).map(str, na_action="ignore")
    return pd.to_numeric(text.str.replace(",", "."), errors="coerce")
