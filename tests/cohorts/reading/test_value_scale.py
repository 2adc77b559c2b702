"""What X is, told from all of its values; every mending line run on the file it is for."""

import re

import anndata
import numpy as np
import pytest
from scipy import sparse

from helpers.cohorts.reading.value_scale import is_centred, summarise_values
from helpers.cohorts.user_files import check_h5ad, load_h5ad

KINDS = {"dense": np.asarray, "csr": sparse.csr_matrix, "csc": sparse.csc_matrix}


def _one_bad_sample(x):
    x[3] = np.nan


def _one_bad_gene(x):
    x[:, 2] = np.inf


def _one_bad_value(x):
    x[5, 1] = -np.inf


def _bad_everywhere(x):
    x[np.arange(40), np.arange(40) % 11] = np.nan


def _counts(x):
    x[:] = np.random.default_rng(0).poisson(300, x.shape)


def _small_counts(x):
    x[:] = np.random.default_rng(0).poisson(2, x.shape)


def _counts_of_an_empty_sample(x):
    _counts(x)
    x[7] = 0


def _linear(x):
    x[:] = 2**x * 10 + 0.5


def _linear_late(x):
    x[25:] = 2 ** x[25:]


def _sentinel(x):
    x[4, 4] = -9999


def _far_z_scores(x):
    x[:] = (x - x.mean(axis=0)) / x.std(axis=0)
    x[0, 0] = 80


FAULTS = {
    _one_bad_sample: "sample s3, gene GENE0 is nan.*Drop the samples with",
    _one_bad_gene: "sample s0, gene GENE2 is inf.*Drop the genes with",
    _one_bad_value: "sample s5, gene GENE1 is -inf",
    _bad_everywhere: "40 samples and 11 genes.*median",
    _counts: "raw counts",
    _small_counts: "raw counts: every value is a whole number",
    _counts_of_an_empty_sample: "raw counts",
    _linear: "linear values",
    _linear_late: r"in 15 of 40 samples, the first being s25",
    _sentinel: "lowest value is -9,999",
    _far_z_scores: "z-scores of linear",
}


def _lines(message):
    """The lines of code in an error."""
    return re.findall(r"import numpy as np; .*?(?=\. If all|$)", message)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__)
def test_a_fault_is_refused_and_its_line_mends_the_file(adata, tmp_path, spoil, kind):
    x = adata.X.copy()
    spoil(x)
    adata.X = KINDS[kind](x)
    path = tmp_path / "mine.h5ad"
    adata.write_h5ad(path)
    for use in (check_h5ad, load_h5ad):
        with pytest.raises(ValueError, match=FAULTS[spoil]) as error:
            use(path)
        assert "\n" not in str(error.value)
    for line in _lines(str(error.value)):
        scope = {"adata": anndata.read_h5ad(path)}
        exec(line, scope)
        scope["adata"].write_h5ad(tmp_path / "mended.h5ad")
        check_h5ad(tmp_path / "mended.h5ad")
        n_left = scope["adata"].shape
        assert n_left[0] >= 39 and n_left[1] >= 11


def test_what_is_no_count(adata, tmp_path):
    path = tmp_path / "mine.h5ad"
    for change in (
        lambda a: setattr(a, "X", a.X > 4),
        lambda a: setattr(a, "X", np.rint(a.X) - 3),
        lambda a: (a.var.__setitem__("chrom", "chr1"), setattr(a, "X", (a.X > 4).astype(float))),
        lambda a: (a.uns.__setitem__("feature", "component"), setattr(a, "X", np.rint(a.X))),
    ):
        changed = adata.copy()
        change(changed)
        changed.write_h5ad(path)
        check_h5ad(path)
        assert load_h5ad(path).X.dtype == np.float32


def test_z_scores_are_told_and_noted(adata, tmp_path):
    adata.X = (adata.X - adata.X.mean(axis=0)) / adata.X.std(axis=0)
    adata.write_h5ad(tmp_path / "mine.h5ad")
    note = "around a mean of 0, as z-scores do: features are not chosen by their mean"
    for notes in (
        check_h5ad(tmp_path / "mine.h5ad"),
        load_h5ad(tmp_path / "mine.h5ad").uns["notes"],
    ):
        assert note in notes[-1]


def test_centred_values():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 50))
    above_0 = np.log2(2 ** (x * 3 + 4) + 0.001) - 4 * (np.arange(50) % 2)
    for values, expected in (
        (x, True),
        (x + 8, False),
        (np.abs(x), False),
        (x * 0, False),
        (above_0, False),
    ):
        assert is_centred(values.mean(0), values.min(0), values.max(0)) is expected


@pytest.mark.parametrize("kind", KINDS)
def test_the_summary_is_numpys(adata, kind, monkeypatch):
    monkeypatch.setattr("helpers.cohorts.on_disk.row_blocks.BLOCK_BYTES", 4 * 12 * 7)
    x = adata.X - 3
    adata.X = KINDS[kind](x)
    found = summarise_values(adata)
    np.testing.assert_allclose(found.mean, x.mean(axis=0), rtol=1e-5)
    np.testing.assert_array_equal(found.low, x.min(axis=0))
    np.testing.assert_array_equal(found.high, x.max(axis=0))
    np.testing.assert_array_equal(found.sample_high, x.max(axis=1))
    assert found.share_negative == pytest.approx((x < 0).mean())
    assert (found.lowest, found.highest) == (x.min(), x.max())
