import numpy as np
import pandas as pd
import pytest

from helpers.cohorts.feature_sets import CohortSets, cohort_sets
from helpers.pancan_vae.enrichment import hallmarks

GENES = [f"g{i}" for i in range(200)]
SETS = {f"set{i}": GENES[20 * i : 20 * (i + 1)] for i in range(6)}


@pytest.fixture(scope="module")
def study():
    """Genes of each set share a factor; the first axis is that of set0."""
    rng = np.random.default_rng(0)
    x, factors = rng.standard_normal((120, 200)), rng.standard_normal((120, 10))
    for i in range(10):
        x[:, 20 * i : 20 * (i + 1)] += factors[:, [i]]
    z = pd.DataFrame(
        factors[:, :3] + 0.1 * rng.standard_normal((120, 3)), columns=["z1", "z2", "z3"]
    )
    return z, pd.DataFrame(x, columns=GENES)


@pytest.fixture(scope="module")
def found(study):
    z, x = study
    spaces = hallmarks.spaces_to_read(z, z[["z1"]].set_axis(["d1"], axis=1), seed=1)
    return hallmarks.enrichment_by_space(spaces, x, SETS, n_permutations=100, seed=0)


def test_the_planted_factor_is_found_and_noise_by_gsea_only(found):
    best = found["axes"].sort_values("fdr_camera").iloc[0]
    assert (best["dimension"], best["set"]) in {("z1", "set0"), ("z2", "set1"), ("z3", "set2")}
    counts = hallmarks.finding_counts(found)
    assert counts.loc["axes", "tests"] == 18
    assert counts.loc["directions", "CAMERA"] == 1
    assert counts.loc["noise", "CAMERA"] == 0 < counts.loc["noise", "GSEA"]


def test_findings_are_those_below_five_percent():
    table = pd.DataFrame({"fdr": [0.01, 0.049, 0.05, 0.08], "fdr_camera": [0.04, 0.06, 0.07, 0.2]})
    counts = hallmarks.finding_counts({"axes": table}).loc["axes"]
    assert (counts["tests"], counts["GSEA"], counts["CAMERA"]) == (4, 2, 1)


def test_shuffled_features_find_nothing_and_have_no_camera(study, found):
    control = hallmarks.shuffled_features(*study, SETS, n_permutations=100, seed=0)
    counts = hallmarks.finding_counts(found | {"shuffled": control})
    assert counts.loc["shuffled", "GSEA"] == 0
    assert pd.isna(counts.loc["shuffled", "CAMERA"])
    metrics = hallmarks.finding_metrics(counts)
    assert metrics["enrichment.n_significant.shuffled_gsea"] == 0
    assert metrics["enrichment.n_significant"] == counts.loc["axes", "CAMERA"]
    assert len(metrics) == 8


def test_tasks_go_by_camera_and_leave_the_noise_out(found):
    tables = hallmarks.task_tables(found, {"one": ["set0"], "none": ["set5"]})
    assert list(tables) == ["axes", "directions"]
    assert tables["directions"]["n_dimensions"].to_dict() == {"one": 1, "none": 0}


def test_random_sets_are_rarely_found(study):
    z, x = study
    assert hallmarks.random_sets_found(z, x, [10, 20], 200, seed=0) <= 0.05


def test_without_sets_there_is_nothing(study):
    z, x = study
    assert hallmarks.enrichment_by_space({"axes": z}, x, {}, n_permutations=10, seed=0) == {}
    assert hallmarks.finding_metrics(hallmarks.finding_counts({})) == {}


@pytest.fixture(scope="module")
def small_reading(runs, small_pancan, inputs):
    sets = cohort_sets(small_pancan)
    return sets, hallmarks.read_latents(runs[0], inputs, sets, 0)


def test_a_fold_is_read_by_all_expressed_features_of_held_out_patients(runs, small_reading):
    _, reading = small_reading
    n = len(runs[0].fold.types["test"])
    assert {name: space.shape for name, space in reading.spaces.items()} == {
        "axes": (n, 6), "directions": (n, 6), "noise": (n, 6),
    }  # fmt: skip
    assert list(reading.spaces["directions"])[:2] == ["d1", "d2"]
    assert set(runs[0].fold.features) < set(reading.x) and len(reading.x) == n
    # A nearly linear decoder responds where the feature correlates.
    assert 0.3 < reading.metrics["enrichment.decoder_agreement"] <= 1


def test_stem_loops_are_ranked_by_family(runs, small_pancan, inputs):
    sets = cohort_sets(small_pancan)
    family = {gene: f"family {gene[-1]}" for gene in small_pancan.var_names}
    collapsed = CohortSets(sets.sets, sets.tasks, family, "")
    x = hallmarks.read_latents(runs[0], inputs, collapsed, 0).x
    assert sorted(x) == [f"family {digit}" for digit in range(10)]


def test_enrichment_holds_its_parts(small_reading):
    sets, reading = small_reading
    found = hallmarks.enrich_hallmarks(reading, sets, n_permutations=20, seed=0)
    expected = hallmarks.enrichment_by_space(
        reading.spaces, reading.x, sets.sets, n_permutations=20, seed=0
    )
    pd.testing.assert_frame_equal(found.tables["enrichment_noise"], expected["noise"])
    assert set(found.tables) == {
        "enrichment_axes", "enrichment_directions", "enrichment_noise",
        "tasks_axes", "tasks_directions",
    }  # fmt: skip
    assert list(found.counts.index) == ["axes", "directions", "noise", "shuffled"]
    n_tasks = (found.tasks["directions"]["n_dimensions"] > 0).sum()
    assert found.metrics["enrichment.n_tasks.directions"] == n_tasks
    drawn = hallmarks.draw_random_sets(reading, found, 50, 0)
    assert drawn.metrics["enrichment.random_sets_found"] == drawn.share <= 0.1


def test_a_cohort_without_sets_has_no_enrichment(small_reading):
    _, reading = small_reading
    none = CohortSets({}, {}, None, "")
    found = hallmarks.enrich_hallmarks(reading, none, n_permutations=20, seed=0)
    assert found.tables == found.metrics == {} and found.counts.empty


@pytest.mark.parametrize(("share", "words"), [(0.0, "at most the 5 %"), (0.2, "more than the 5 %")])
def test_the_random_sets_are_read_by_the_level_of_the_test(share, words):
    assert words in hallmarks.RandomSets(share, 100).reading
