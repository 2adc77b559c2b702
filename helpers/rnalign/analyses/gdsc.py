"""Drug sensitivity of cell lines: GDSC's ln(IC50), by DepMap model."""

from pathlib import Path

import pandas as pd

from helpers.cohorts.sources import fetch_group

_SENSITIVITY, _DRUGS = "GDSC_IC50.csv", "1.Drug_listMon Jun 24 09_00_55 2019.csv"


def load_drug_sensitivity() -> pd.DataFrame:
    """One row per drug and cell line that was measured: 266 drugs, 969 lines.

    model_id (DepMap's ACH-…, as obs["model_id"] of cohort `ccle-tcga`); drug (with GDSC's number
    where a drug was screened twice, so that each has one value a line); target; pathway; ln_ic50:
    natural logarithm of the concentration in µM that halves growth, lower is more sensitive.
    Beyond the highest dose given, GDSC extrapolates it from the fitted curve.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    paths = {path.name: path for path in fetch_group("gdsc")}
    return read_drug_sensitivity(paths[_SENSITIVITY], paths[_DRUGS])


def read_drug_sensitivity(sensitivity: Path, drugs: Path) -> pd.DataFrame:
    """The two files, a matrix of drug (`GDSC:<id>`) × model and the list of drugs, as one table.

    Raises:
        ValueError: a drug of the matrix is not in the list, or in it twice.
    """
    matrix = pd.read_csv(sensitivity, index_col=0)
    listed = pd.read_csv(drugs).set_index("drug_id")[["Name", "Targets", "Target pathway"]]
    listed.columns = ["drug", "target", "pathway"]
    again = listed["drug"].duplicated(keep=False)
    listed["drug"] += (" (GDSC " + listed.index.astype(str) + ")").where(again, "")
    ids = matrix.index.str.removeprefix("GDSC:").astype(int)
    unknown = ids.difference(listed.index)
    if len(unknown) or not listed.index.is_unique:
        raise ValueError(
            f"every drug of {sensitivity.name} must be listed once in {drugs.name}; "
            f"{unknown.tolist() or 'some'} is not. Use the two files of one release"
        )
    measured = matrix.set_axis(ids).rename_axis("drug_id").reset_index()
    table = measured.melt("drug_id", var_name="model_id", value_name="ln_ic50").dropna()
    table = table.join(listed, on="drug_id")
    columns = ["model_id", "drug", "target", "pathway", "ln_ic50"]
    return table[columns].sort_values(["drug", "model_id"], ignore_index=True)
