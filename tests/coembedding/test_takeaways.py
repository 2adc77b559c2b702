"""Takeaways say what the numbers say: better, worse, cannot be told, or nothing."""

import numpy as np
import pandas as pd
import pytest

from helpers.coembedding.atac.peak_comparison import ChangedRegions, PeakFits
from helpers.coembedding.benchmarks.across_modalities import Imputation
from helpers.coembedding.benchmarks.all_benchmarks import Benchmarks
from helpers.coembedding.benchmarks.pairing import Pairing
from helpers.coembedding.benchmarks.reconstructions import Reconstructions
from helpers.coembedding.histology.slide_folds import PATIENTS, SITES, SlideFolds, SlideOutcomes
from helpers.coembedding.takeaways import (
    Evidence,
    benchmarks_rank,
    donors_meet,
    mixing_costs,
    pairs_help,
    peaks_explain,
    rebuilt_keeps,
    slides_predict,
    slides_rebuilt,
    survival_unseen,
    takeaways,
)
from helpers.runs.published import published_table

STEPS = np.array([-0.01, 0.0, 0.01])


def pairing(n_seeds=3, **metrics):
    """Models → {metric: mean}, spread over seeds by a hundredth."""
    rows = [
        {"model": model, "seed": seed} | {name: value + STEPS[seed] for name, value in row.items()}
        for model, row in metrics.items()
        for seed in range(n_seeds)
    ]
    columns = ["foscttm", "foscttm_within_type", "foscttm_inside_type", "modality_accuracy"]
    columns += ["label_accuracy", "model", "seed"]
    return Pairing(pd.DataFrame(rows).reindex(columns=columns), 0.3)


def imputation(**spearman):
    rows = [
        {"method": name, "direction": "ATAC → RNA", "seed": seed, "spearman": mean + STEPS[seed]}
        for name, mean in spearman.items()
        for seed in range(3)
    ]
    return Imputation(pd.DataFrame(rows, columns=["method", "direction", "seed", "spearman"]))


@pytest.mark.parametrize(
    ("foscttm", "within", "chance", "type_alone"),
    [
        (0.05, 0.2, "better than chance", "better than knowing the cancer type alone"),
        (0.6, 0.2, "worse than chance", "worse than knowing the cancer type alone"),
        (0.5, 0.5, "not to be told from chance", "not to be told from knowing the cancer type"),
    ],
)
def test_donors_are_found_or_not(foscttm, within, chance, type_alone):
    rows = {"foscttm": foscttm, "foscttm_within_type": within}
    text = donors_meet(pairing(adversarial=rows))
    assert chance in text and type_alone in text
    assert f"({foscttm:.3g} ± 0.01 against 0.5)" in text
    assert "contrastive" not in text and "one type" not in text


def test_one_seed_tells_no_order():
    text = donors_meet(pairing(1, contrastive={"foscttm": 0.05, "foscttm_within_type": 0.4}))
    assert "better" not in text and text.count("not to be told from") == 2


def test_pairs_beside_ridge():
    scores = pairing(
        contrastive_paired={"foscttm": 0.02, "foscttm_inside_type": 0.3},
        ridge={"foscttm": 0.2, "foscttm_inside_type": 0.1},
    )
    text = pairs_help(scores, imputation(contrastive_paired=0.3, ridge=0.3))
    assert "better than ridge in FOSCTTM (" in text
    assert "worse than ridge in FOSCTTM within a type (" in text
    assert "and not to be told from ridge in predicting RNA from ATAC (" in text
    assert pairs_help(pairing(single={"foscttm": 0.5}), imputation()) == ""


def test_mixing_costs_types_or_does_not():
    single = {"label_accuracy": 0.8}
    text = mixing_costs(
        pairing(
            single=single,
            adversarial={"label_accuracy": 0.6, "modality_accuracy": 0.55},
            contrastive={"label_accuracy": 0.9, "modality_accuracy": np.nan},
        )
    )
    assert "the adversarial co-embedding is worse than two single modalities" in text
    assert "the contrastive co-embedding is better than two single modalities" in text
    assert text.count("by how well the modality is told") == 1 and "nan" not in text


def benchmarks(**values):
    """name → (cohort accuracy, C)."""
    rows = []
    for name, (accuracy, c) in values.items():
        model, _, modality = name.rpartition("_")
        model = {"rna_": "rna_vae", "atac_": "atac_vae", "linear_": "linear_vae"}.get(
            f"{model}_", model or name
        )
        modality = {"vae": model.split("_")[0]}.get(modality, modality)
        for step, seed in zip(STEPS, range(3), strict=True):
            row = {"name": name, "model": model, "modality": modality, "seed": seed}
            rows.append(row | {"cohort_accuracy": accuracy + step, "uno_c": c + step})
    return Benchmarks(pd.DataFrame(rows).dropna(axis=1, how="all"), pd.DataFrame(), {})


def test_benchmarks_are_ranked_by_their_spread():
    nan = np.nan
    text = benchmarks_rank(
        benchmarks(
            pca_rna=(0.9, 0.6), pca_atac=(0.7, 0.6), rna_vae=(0.9, 0.6), atac_vae=(0.5, 0.6),
            contrastive_rna=(0.9, 0.7), contrastive_atac=(0.8, 0.7), clinical=(nan, 0.6),
        )
    )  # fmt: skip
    assert "the RNA VAE is not to be told from PCA" in text
    assert "the ATAC VAE is worse than PCA" in text
    assert "the contrastive co-embedding is better than the ATAC VAE" in text
    assert (
        "In survival the contrastive co-embedding is better than age, sex and tumour type" in text
    )
    assert "adversarial" not in text and "told from it" not in text


def test_without_follow_up_nothing_is_said_of_survival():
    nan = np.nan
    text = benchmarks_rank(benchmarks(pca_rna=(0.9, nan), pca_atac=(0.9, nan), rna_vae=(0.9, nan)))
    assert "survival" not in text and "RNA VAE" in text


def test_spread_that_is_lost_is_said_beside_the_counts():
    rebuilt = pd.DataFrame({"modality": "rna", "model": ["pca", "single"], "seed": 0})
    rebuilt = rebuilt.assign(n_differential=[3, 0], sd_ratio=[0.7, 0.1], n_features=1234)
    text = rebuilt_keeps(Reconstructions(rebuilt, 2, 1234))
    assert "Of 1,234 RNA features" in text and "Between pseudoreplicates 2 differ" in text
    assert "by PCA 3 and 0.7; by the RNA VAE 0 and 0.1." in text
    assert rebuilt_keeps(Reconstructions(rebuilt.assign(sd_ratio=np.nan), 2, 1234)) == ""


class Explained:
    def __init__(self, **explained):
        self.explained = explained


def peak_fits(hierarchical, pca):
    fits = {
        seed: (Explained(hierarchical=hierarchical + step, pca=pca + step / 2), np.arange(3))
        for seed, step in enumerate(STEPS)
    }
    return PeakFits(None, fits, 100)


def test_peaks_beside_as_many_components():
    passing = pd.DataFrame({"q_binomial": [0.01, 0.5], "q_peaks": [0.01, 0.01]})
    none = passing.assign(q_peaks=1.0)
    regions = ChangedRegions({0: passing, 1: none, 2: none}, [5, 1, 0])
    text = peaks_explain(peak_fits(0.1, 0.3), regions)
    assert "is worse than as many principal components" in text
    assert "enrich gene sets in 1 of 3 splits" in text
    assert "better than" in peaks_explain(peak_fits(0.4, 0.3), ChangedRegions({}, []))
    assert peaks_explain(PeakFits(None, {}, 0), ChangedRegions({}, [])) == ""


def slide_folds(regions, ridge, profile, n_folds=3):
    rows = []
    for split in (PATIENTS, SITES):
        for name, mean in (("regions", regions), ("ridge", ridge), ("mean profile", profile)):
            for fold in range(n_folds):
                row = {"features": "gene", "split": split, "method": name, "fold": fold}
                value = mean + STEPS[fold]
                rows.append(row | {"gene_median": value, "sample_mean": value})
    return SlideFolds({("gene", PATIENTS): (), ("gene", SITES): ()}, pd.DataFrame(rows))


def test_slides_beside_ridge_and_the_mean_profile():
    text = slides_predict(slide_folds(0.3, 0.5, 0.3))
    assert "the region model is worse than ridge (0.3 ± 0.01 against 0.5 ± 0.01)" in text
    assert "not to be told from the mean profile" in text
    assert "it has not seen, its median Spearman is 0.3 ± 0.01" in text
    assert slides_predict(SlideFolds({}, pd.DataFrame())) == ""


def outcomes(rebuilt, profile, given=0.99):
    columns = {"rebuilt_spearman": rebuilt, "rebuilt_spearman_profile": profile}
    columns["rebuilt_spearman_input"] = given
    table = pd.DataFrame({name: mean + STEPS for name, mean in columns.items()})
    return SlideOutcomes(table, (np.empty(0), np.empty(0)), np.empty(0), {})


def test_what_the_retrained_vae_gives_back_is_read_beside_the_mean_profile():
    text = slides_rebuilt(outcomes(0.7, 0.7))
    assert "gives them back with 0.99 ± 0.01" in text
    assert "it is not to be told from the mean profile (0.7 ± 0.01 against 0.7 ± 0.01)." in text
    assert "it is worse than the mean profile" in slides_rebuilt(outcomes(0.6, 0.7))
    assert slides_rebuilt(SlideOutcomes(pd.DataFrame(), (), np.empty(0), {})) == ""


def test_survival_of_unseen_donors_is_told_where_it_was_asked():
    found = benchmarks(rna_vae=(0.9, 0.7), linear_vae=(0.9, 0.5), clinical=(np.nan, 0.6))
    assert survival_unseen(found) == ""
    scores = found.scores.assign(uno_c_unseen=found.scores["uno_c"])
    text = survival_unseen(Benchmarks(scores, pd.DataFrame(), {}))
    assert "The RNA VAE is better than age, sex and tumour type alone (0.7 ± 0.01" in text
    assert "The linear RNA VAE is worse than age" in text and "added" not in text


def test_mixing_is_told_from_the_modalitys_accuracy():
    """Whether clouds lie on each other is what a classifier says, in either direction."""
    rows = {"modality_accuracy": 0.8, "label_accuracy": 0.8}
    apart = mixing_costs(pairing(single=rows, adversarial=rows | {"modality_accuracy": 0.98}))
    assert "it is worse than modalities that are mixed (0.98 ± 0.01 against 0.5)" in apart
    assert "and worse than two single modalities (0.98 ± 0.01 against 0.8 ± 0.01)" in apart
    mixed = mixing_costs(pairing(single=rows, adversarial=rows | {"modality_accuracy": 0.5}))
    assert "it is not to be told from modalities that are mixed (" in mixed
    assert "and better than two single modalities (" in mixed


def test_the_list_leaves_out_what_was_not_run_and_holds_no_gaps():
    rebuilt = pd.DataFrame({"modality": [], "model": [], "sd_ratio": []})
    evidence = Evidence(
        pairing(1, contrastive={"foscttm": 0.05, "foscttm_within_type": 0.4}),
        benchmarks(pca_rna=(0.9, np.nan)),
        imputation(),
        Reconstructions(rebuilt, 0, 1),
        PeakFits(None, {}, 0),
        ChangedRegions({}, []),
        SlideFolds({}, pd.DataFrame()),
        SlideOutcomes(pd.DataFrame(), (), np.empty(0), {}),
    )
    sweeps = [published_table(name) for name in ("coembedding_models", "coembedding_adversary")]
    text = takeaways(evidence, *sweeps)
    lines = text.splitlines()
    assert all(line.startswith("- **") for line in lines)
    text = text.replace("../book/", "")
    assert "nan" not in text and "  " not in text and ".." not in text
    assert [line.split("**")[1] for line in lines] == [
        "Donors and types.",
        "What brings donors together.",
        "What the adversary does.",
        "Few seeds.",
    ]
