"""Cohort tcga-mirna: every published fact about its files, and the loader on small ones."""

import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.sources import fetch_group
from helpers.cohorts.tcga.clinical import load_clinical, load_subtypes
from helpers.cohorts.tcga.mirna import MEASURES, MirnaTable, build_mirna_cohort, read_mirna
from tests.fixtures import r_workspaces as r

pytestmark = pytest.mark.real
SHORT = {"COAD", "READ", "LAML", "OV"}
MIXED = ["BLCA", "BRCA", "COAD", "HNSC", "KIRC", "KIRP", "LUAD", "LUSC", "READ", "STAD", "UCEC"]


@pytest.fixture(scope="module")
def built(real_data):
    """(tables by cancer type, cohort) of a first load, from the files."""
    tables = {path.name.split(".")[0]: read_mirna(path) for path in fetch_group("tcga-mirna")}
    cohort = build_mirna_cohort(tables, load_clinical(), load_subtypes())
    return tables, cohort


def _median(cohort, cancer_type, stem_loop):
    obs = cohort.obs
    is_primary = (obs["cancer_type"] == cancer_type) & (obs["sample_type"] == "primary")
    return np.median(cohort[is_primary, f"hsa-{stem_loop}"].X)


def test_later_loads_give_the_same(built, tcga_mirna):
    from helpers.cohorts.registry import load_cohort

    again = load_cohort("tcga-mirna")
    for cohort in (again, tcga_mirna):
        np.testing.assert_array_equal(cohort.X, built[1].X)
        pd.testing.assert_frame_equal(cohort.obs, built[1].obs)
        assert cohort.uns == built[1].uns


def test_rows_come_in_threes(real_data):
    (path,) = (p for p in fetch_group("tcga-mirna") if p.name.startswith("UCS"))
    (raw,) = read_r_objects(path).values()
    assert raw["miRNA_ID"].astype(str).tolist() == [*MEASURES] * (len(raw) // 3)
    table = read_mirna(path)
    assert len(table.rpm) * 3 == len(raw)
    assert table.rpm.iloc[5]["hsa-mir-21"] == float(raw["hsa-mir-21"].iloc[5 * 3 + 1])


def test_rows_in_another_order_are_refused(tmp_path):
    measures = r.factor([2, 1, 3], MEASURES)
    (tmp_path / "X.rda").write_bytes(
        r.workspace(r.pair("X", r.frame({"miRNA_ID": measures}, r.strings(*"abc"))))
    )
    with pytest.raises(ValueError, match="rows must come in threes, read_count"):
        read_mirna(tmp_path / "X.rda")


def test_reads_per_million_are_the_second_of_each_three_rows(tmp_path):
    columns = {
        "machine": r.factor([1] * 3 + [2] * 3, ["Analyzer", "HiSeq"]),
        "miRNA_ID": r.factor([1, 2, 3] * 2, MEASURES),
        "hsa-mir-21": r.factor([1, 2, 4, 3, 1, 4], ["17", "2.5", "300", "N"]),
    }
    aliquot = "TCGA-A1-A0SE-01A-11R-A085-13"
    rows = r.strings(aliquot, *(f"{aliquot}.{number}" for number in range(1, 6)))
    (tmp_path / "X.rda").write_bytes(r.workspace(r.pair("X", r.frame(columns, rows))))
    table = read_mirna(tmp_path / "X.rda")
    assert table.rpm["hsa-mir-21"].tolist() == [2.5, 17]
    assert table.rpm.index.tolist() == [aliquot, f"{aliquot}.2"]
    assert table.machine.tolist() == ["Analyzer", "HiSeq"]


def test_every_sample_sums_to_a_million(built):
    for table in built[0].values():
        np.testing.assert_allclose(table.rpm.sum(axis=1), 1e6, atol=0.01)
        assert (table.rpm.to_numpy() >= 0).all()


def test_stem_loops(built):
    tables, cohort = built
    assert len(tables) == 33
    n_stem_loops = {name: table.rpm.shape[1] for name, table in tables.items()}
    assert {name for name, n in n_stem_loops.items() if n == 705} == SHORT
    assert all(n == 1046 for name, n in n_stem_loops.items() if name not in SHORT)
    assert cohort.n_vars == 680


def test_aliquots(built):
    tables, cohort = built
    assert cohort.n_obs == 10_893
    n = {name: len(table.rpm) for name, table in tables.items()}
    assert n == cohort.obs["cancer_type"].value_counts().to_dict()
    expected = {"BRCA": 1190, "CESC": 312, "COAD": 407, "KIRC": 593, "LUAD": 561, "LUSC": 523}
    expected |= {"PRAD": 547, "SKCM": 452, "THCA": 569, "UCEC": 573, "UCS": 56, "READ": 144}
    expected |= {"LAML": 188, "GBM": 5}
    assert {name: n[name] for name in expected} == expected


def test_sample_types(built):
    obs = built[1].obs
    counts = obs["sample_type"].value_counts()
    assert counts["primary"] == 9_619
    assert counts["normal"] == 664
    assert counts["metastasis"] == 378
    assert counts["blood"] == 188
    assert set(obs.loc[obs["cancer_type"] == "GBM", "sample_type"]) == {"normal"}
    assert (obs["patient"] == obs.index.str[:12]).all()
    assert (obs["site"] == obs.index.str[5:7]).all()


def test_sequencing_machines(built):
    obs = built[1].obs
    machines = obs.groupby("cancer_type")["batch"].unique().map(set)
    assert set.union(*machines) == {"Illumina Genome Analyzer", "Illumina HiSeq 2000"}
    assert sorted(machines.index[machines.map(len) == 2]) == MIXED
    assert machines["LAML"] == {"Illumina Genome Analyzer"}


def test_16_kirp_barcodes_occur_twice(built):
    obs = built[1].obs
    assert obs.index.is_unique
    again = obs[obs.index.str.endswith(".2")]
    assert again["cancer_type"].tolist() == ["KIRP"] * 16
    assert again.index.str.removesuffix(".2").isin(obs.index).all()


@pytest.mark.parametrize(
    ("stem_loop", "cancer_type", "median"),
    [
        ("mir-122", "LIHC", 14.4),
        ("mir-375", "PRAD", 16.5),
        ("mir-211", "UVM", 14.1),
        ("mir-9-1", "LGG", 18.4),
        ("mir-146b", "THCA", 14.6),
        ("mir-210", "KIRC", 11.7),
    ],
)
def test_medians_of_known_markers(built, stem_loop, cancer_type, median):
    assert _median(built[1], cancer_type, stem_loop) == pytest.approx(median, abs=0.05)


def test_ov_looks_like_an_artefact(built):
    cohort = built[1]
    others = [t for t in cohort.obs["cancer_type"].unique() if t not in ("OV", "GBM", "LAML")]
    mir_142 = [_median(cohort, t, "mir-142") for t in others]
    assert _median(cohort, "OV", "mir-142") < np.quantile(mir_142, 0.1)
    mir_200c = [_median(cohort, t, "mir-200c") for t in others]
    assert _median(cohort, "OV", "mir-200c") > np.quantile(mir_200c, 0.9)


@pytest.mark.filterwarnings("ignore:self.within_class_std_dev_")
def test_nearest_centroid_accuracy(built):
    """0.82–0.83 over 32 types: all aliquots, features standardised, 5 folds by patient."""
    from sklearn.model_selection import cross_val_score
    from sklearn.neighbors import NearestCentroid
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from helpers.cohorts.splits import patient_folds

    cohort = built[1][built[1].obs["cancer_type"] != "GBM"]  # no tumour
    cancer_type = cohort.obs["cancer_type"].to_numpy()
    assert len(set(cancer_type)) == 32
    folds = patient_folds(cohort.obs, n_folds=5, seed=0)
    model = make_pipeline(StandardScaler(), NearestCentroid())
    accuracy = cross_val_score(model, cohort.X, cancer_type, cv=folds).mean()
    assert accuracy == pytest.approx(0.825, abs=0.01)


def test_what_the_chapter_is_told(built):
    uns = built[1].uns
    assert (uns["name"], uns["unit"], uns["feature"]) == ("tcga-mirna", "log2(RPM+1)", "microRNA")
    assert len(uns["default_types"]) == 13
    notes = " ".join(uns["notes"])
    assert "not mRNA" in notes and "machines" in notes and "OV" in notes and "GBM" in notes


def test_clinical_facts_reach_most_samples(built):
    obs = built[1].obs
    assert obs["os_time"].notna().mean() > 0.98
    assert obs["age"].notna().mean() > 0.98
    assert obs.loc[obs["cancer_type"] == "BRCA", "subtype"].isin(["LumA", "Basal"]).mean() > 0.5


def test_only_stem_loops_of_every_cohort_are_kept():
    def table(columns, barcode):
        rpm = pd.DataFrame(1.0, index=[barcode], columns=columns)
        return MirnaTable(rpm, pd.Series(["HiSeq"], index=[barcode]))

    cohort = build_mirna_cohort(
        {
            "AAA": table(["hsa-mir-2", "hsa-mir-1"], "TCGA-A1-A0SE-01A-11R-A085-13"),
            "BBB": table(["hsa-mir-1", "hsa-mir-3"], "TCGA-A2-A0SE-11A-11R-A085-13"),
        },
        pd.DataFrame(columns=["age", "sex", "race", "stage", "os_time", "os_event"]),
    )
    assert cohort.var_names.tolist() == ["hsa-mir-1"]
    assert cohort.X.ravel().tolist() == [1.0, 1.0]
    assert cohort.obs["sample_type"].tolist() == ["primary", "normal"]
