import numpy as np
import pytest

from helpers.rnalign.rivals.combat import combat


def naive_combat(x, batch, covariate):
    """Johnson, Li & Rabinovic (2007), written from the paper: genes one by one."""
    batches, levels = np.unique(batch), np.unique(covariate)[1:]
    indicator = (batch[:, None] == batches).astype(float)
    design = np.column_stack([indicator, covariate[:, None] == levels]).astype(float)
    shares = indicator.mean(axis=0)
    z, scale, centre = np.empty_like(x), [], np.empty_like(x)
    for gene in range(x.shape[1]):
        coefficients = np.linalg.lstsq(design, x[:, gene], rcond=None)[0]
        residual = x[:, gene] - design @ coefficients
        scale.append(np.sqrt(np.mean(residual**2)))
        kept = shares @ coefficients[: len(batches)]
        centre[:, gene] = kept + design[:, len(batches) :] @ coefficients[len(batches) :]
        z[:, gene] = (x[:, gene] - centre[:, gene]) / scale[-1]
    for name in batches:
        rows = batch == name
        z[rows] = _shrunk(z[rows])
    return z * scale + centre


def _shrunk(z):
    """One batch's standardised values less their posterior location, over their scale."""
    n, mean, variance = len(z), z.mean(axis=0), z.var(axis=0, ddof=1)
    prior_mean, prior_variance = mean.mean(), mean.var()
    spread = variance.var(ddof=1)
    shape = 2 + variance.mean() ** 2 / spread
    rate = variance.mean() + variance.mean() ** 3 / spread
    location, spread = mean.copy(), variance.copy()
    for _ in range(200):
        weight = n * prior_variance
        location = (weight * mean + spread * prior_mean) / (weight + spread)
        spread = (rate + 0.5 * ((z - location) ** 2).sum(axis=0)) / (n / 2 + shape - 1)
    return (z - location) / np.sqrt(spread)


def test_equals_the_paper_written_out(planted):
    origin = planted.is_line.astype(str)
    corrected = combat(planted.x, origin, planted.cancer_type)
    expected = naive_combat(planted.x, origin, planted.cancer_type)
    np.testing.assert_allclose(corrected, expected, atol=5e-3)  # scanpy stops at a change of 1e-4


def test_batches_come_together_and_types_stay_apart(planted, origin_gap, line_match):
    corrected = combat(planted.x, planted.is_line, planted.cancer_type)
    assert origin_gap(corrected, planted) < 0.15 * origin_gap(planted.x, planted)
    assert line_match(corrected, planted) > 0.95


def test_types_of_one_batch_are_kept_apart_only_as_covariates(planted):
    is_kept = (planted.cancer_type != "type 0") | ~planted.is_line
    x, origin, types = planted.x[is_kept], planted.is_line[is_kept], planted.cancer_type[is_kept]
    arguments = x, origin.astype(str)
    shift = {
        name: result[origin].mean(axis=0) - result[~origin & (types != "type 0")].mean(axis=0)
        for name, result in [("told", combat(*arguments, types)), ("not told", combat(*arguments))]
    }
    assert np.linalg.norm(shift["told"]) < 0.7 * np.linalg.norm(shift["not told"])


def test_constant_genes_come_back_and_others_do_not_notice(planted):
    with_constant = np.column_stack([planted.x, np.full(320, 3.0), 3.0 * planted.is_line])
    corrected = combat(with_constant, planted.is_line)
    np.testing.assert_array_equal(corrected[:, 120:], with_constant[:, 120:])
    np.testing.assert_allclose(corrected[:, :120], combat(planted.x, planted.is_line))


def test_number_type_and_input_are_kept(planted):
    x = planted.x.astype(np.float32)
    before = x.copy()
    assert combat(x, planted.is_line).dtype == np.float32
    np.testing.assert_array_equal(x, before)


@pytest.mark.parametrize(
    ("batch", "covariates", "message"),
    [
        (["a"] * 320, None, "at least two batches"),
        (["a"] + ["b"] * 319, None, "of at least two samples; got a 1, b 319"),
        (["a", "b"] * 160, ["x", "y"] * 160, "`covariates` must not follow from `batch`"),
        (["a", "b"] * 160, ["x", "y"] * 10, "must have one label per sample: 320 samples"),
    ],
)
def test_bad_input_is_named(planted, batch, covariates, message):
    with pytest.raises(ValueError, match=message):
        combat(planted.x, batch, covariates)
