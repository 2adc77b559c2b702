import pandas as pd
import pytest

from helpers.data import pam50
from helpers.data.pam50 import PAM50, load_pam50_centroids, measured_pam50_genes


def test_the_subtypes_come_in_one_order(monkeypatch, tmp_path):
    path = tmp_path / "centroids.txt"
    path.write_text("\tBasal\tHer2\tLumA\tLumB\tNormal\nESR1\t-2\t-1\t1\t1\t0\n")
    monkeypatch.setattr(pam50, "fetch_group", lambda _: [path])
    table = load_pam50_centroids()
    assert tuple(table.columns) == PAM50
    assert table.loc["ESR1"].tolist() == [1, 1, -1, -2, 0]
    assert measured_pam50_genes(pd.Index(["TP53", "ESR1"])) == ["ESR1"]


def test_a_file_without_a_subtype_is_refused(monkeypatch, tmp_path):
    path = tmp_path / "centroids.txt"
    path.write_text("\tBasal\tHer2\nESR1\t-2\t-1\n")
    monkeypatch.setattr(pam50, "fetch_group", lambda _: [path])
    with pytest.raises(ValueError, match=r"must have columns LumA.*lacks"):
        load_pam50_centroids()


@pytest.mark.real
def test_the_published_centroids(real_data):
    table = load_pam50_centroids()
    assert table.shape == (50, 5)
    assert table.loc["ESR1"].idxmin() == "Basal" and table.loc["ERBB2"].idxmax() == "Her2"
    assert table.loc["KRT5", ["Basal", "Normal"]].min() > table.loc["KRT5", ["LumA", "LumB"]].max()
