"""The chapter's takeaways, written from a run's results and from the published sweeps.

Every order comes from `compare`; what there are no numbers for is left out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from helpers.coembedding.atac.peak_comparison import ChangedRegions, PeakFits
from helpers.coembedding.benchmarks.across_modalities import Imputation
from helpers.coembedding.benchmarks.all_benchmarks import Benchmarks
from helpers.coembedding.benchmarks.pairing import Pairing
from helpers.coembedding.benchmarks.reconstructions import Reconstructions
from helpers.coembedding.embeddings.coembedding_model import KINDS
from helpers.coembedding.histology.slide_folds import SITES, SlideFolds, SlideOutcomes
from helpers.coembedding.sweep_takeaways import adversary_alone, terms_matter
from helpers.evaluate.results import mean_and_sd
from helpers.evaluate.wording import bullet_list, compare, few_seeds

_CHANCE = 0.5  # of FOSCTTM and of two modalities
_CLINICAL = "age, sex and tumour type"


@dataclass(frozen=True)
class Evidence:
    """What a run found.

    pairing: whether donors meet, and modalities mix. benchmarks: the paper's four. imputation: one
    modality from the other. reconstructions: features that differ once rebuilt. fits: models of
    peaks. regions: gene sets near changed peaks. slides: expression predicted from slides.
    outcomes: what the RNA VAE retrained on those predictions tells.
    """

    pairing: Pairing
    benchmarks: Benchmarks
    imputation: Imputation
    reconstructions: Reconstructions
    fits: PeakFits
    regions: ChangedRegions
    slides: SlideFolds
    outcomes: SlideOutcomes


def takeaways(found: Evidence, models: pd.DataFrame, adversary: pd.DataFrame) -> str:
    """Key takeaways as a Markdown list.

    `models`, `adversary`: the published tables `coembedding_models` and `coembedding_adversary`.
    """
    told = {
        "Donors and types.": donors_meet(found.pairing),
        "What brings donors together.": terms_matter(models),
        "What the adversary does.": adversary_alone(adversary),
        "Pairs, and a straight line.": pairs_help(found.pairing, found.imputation),
        "Mixing.": mixing_costs(found.pairing),
        "Benchmarks.": benchmarks_rank(found.benchmarks),
        "Survival of donors no model has seen.": survival_unseen(found.benchmarks),
        "“Few features differ” is weak evidence.": rebuilt_keeps(found.reconstructions),
        "Peaks.": peaks_explain(found.fits, found.regions),
        "Slides.": slides_predict(found.slides),
        "Slides, rebuilt.": slides_rebuilt(found.outcomes),
    }
    told["Few seeds."] = few_seeds(found.pairing.scores["seed"].nunique())
    return bullet_list([f"**{title}** {text}" if text else "" for title, text in told.items()])


def donors_meet(pairing: Pairing) -> str:
    """Whether co-embeddings without pairs find donors, and more than their cancer type."""
    sentences = []
    for kind in KINDS:
        own, exchanged = (
            pairing.values(metric, kind) for metric in ("foscttm", "foscttm_within_type")
        )
        inside = pairing.values("foscttm_inside_type", kind)
        orders = [
            _order(own, [_CHANCE] * len(own), "chance", higher_is_better=False),
            _order(own, exchanged, "knowing the cancer type alone", higher_is_better=False),
        ]
        sentences.append(_sentence(f"By FOSCTTM the {kind} co-embedding is", orders))
        if len(inside):
            sentences.append(
                f"Among donors of one type its FOSCTTM is {mean_and_sd(inside)}; a half is chance."
            )
    return " ".join(filter(None, sentences))


def pairs_help(pairing: Pairing, imputation: Imputation) -> str:
    """Co-embeddings that see pairs beside ridge, which sees the same."""
    sentences = []
    for kind in KINDS:
        paired = f"{kind}_paired"
        orders = [
            _order(*(pairing.values(metric, m) for m in (paired, "ridge")), where, False)
            for metric, where in (
                ("foscttm", "ridge in FOSCTTM"),
                ("foscttm_inside_type", "ridge in FOSCTTM within a type"),
            )
        ]
        predicted = [imputation.values("rna", method) for method in (paired, "ridge")]
        orders.append(_order(*predicted, "ridge in predicting RNA from ATAC"))
        sentences.append(_sentence(f"With pairs the {kind} co-embedding is", orders))
    return " ".join(filter(None, sentences))


def mixing_costs(pairing: Pairing) -> str:
    """Cancer type and modality of the shared spaces beside those of two single modalities."""
    sentences = []
    for kind in KINDS:
        own, single = (pairing.values("label_accuracy", model) for model in (kind, "single"))
        modality = pairing.values("modality_accuracy", kind)
        order = _order(own, single, "two single modalities, which were not told the types")
        sentences.append(_sentence(f"In cancer type the {kind} co-embedding is", [order]))
        orders = [
            _order(modality, [_CHANCE] * len(modality), "modalities that are mixed", False),
            _order(
                modality, pairing.values("modality_accuracy", "single"), "two single modalities",
                higher_is_better=False,
            ),
        ]  # fmt: skip
        sentences.append(_sentence("In mixing, by how well the modality is told, it is", orders))
    return " ".join(filter(None, sentences))


def benchmarks_rank(benchmarks: Benchmarks) -> str:
    """VAEs beside PCA, co-embedded ATAC beside the ATAC VAE, survival beside clinical facts."""
    accuracy, survival = benchmarks.by_model("cohort_accuracy"), benchmarks.by_model("uno_c")
    both, clinical = benchmarks.by_model("uno_c_both"), survival.get("clinical", ())
    sentences = [
        _sentence(
            f"In cancer type the {name} VAE is",
            [_order(accuracy.get(f"{key}_vae", ()), accuracy.get(f"pca.{key}", ()), "PCA")],
        )
        for key, name in (("rna", "RNA"), ("atac", "ATAC"))
    ]
    linear = [
        _order(told.get("linear_vae", ()), told.get("rna_vae", ()), f"the RNA VAE in {what}")
        for what, told in (("cancer type", accuracy), ("survival", survival))
    ]
    sentences.append(_sentence("The linear RNA VAE is", linear))
    for kind in KINDS:
        atac = accuracy.get(f"{kind}.atac", ())
        others = {"the ATAC VAE": "atac_vae", "PCA": "pca.atac"}
        orders = [_order(atac, accuracy.get(key, ()), name) for name, key in others.items()]
        sentences.append(_sentence(f"In cancer type ATAC in the {kind} co-embedding is", orders))
        alone = [_order(survival.get(kind, ()), clinical, _CLINICAL)]
        sentences.append(_sentence(f"In survival the {kind} co-embedding is", alone))
        added = [_order(both.get(kind, ()), clinical, "survival told from these alone")]
        sentences.append(_sentence(f"Survival told from it and {_CLINICAL} is", added))
    return " ".join(filter(None, sentences))


def survival_unseen(benchmarks: Benchmarks) -> str:
    """Survival of held-out donors by Cox models of the training donors, beside clinical facts."""
    alone, both = benchmarks.by_model("uno_c_unseen"), benchmarks.by_model("uno_c_both_unseen")
    clinical = alone.get("clinical", ())
    names = {"pca.rna": "PCA of RNA", "rna_vae": "The RNA VAE", "linear_vae": "The linear RNA VAE"}
    names |= {f"{kind}.rna": f"RNA in the {kind} co-embedding" for kind in KINDS}
    sentences = []
    for key, name in names.items():
        orders = [
            _order(alone.get(key, ()), clinical, f"{_CLINICAL} alone"),
            _order(both.get(key, ()), clinical, "these when added to them"),
        ]
        sentences.append(_sentence(f"{name} is", orders))
    return " ".join(filter(None, sentences))


def rebuilt_keeps(reconstructions: Reconstructions) -> str:
    """How much spread reconstructions keep, which decides how few means can differ."""
    rna = reconstructions.rebuilt.query("modality == 'rna'")
    names = {"pca": "PCA", "single": "the RNA VAE"} | {kind: f"the {kind} model" for kind in KINDS}
    parts = []
    for model, name in names.items():
        rows = rna[rna["model"] == model]
        if rows["sd_ratio"].notna().any():
            counts, spread = mean_and_sd(rows["n_differential"]), mean_and_sd(rows["sd_ratio"])
            parts.append(f"by {name} {counts} and {spread}")
    if not parts:
        return ""
    total = f"{rna['n_features'].iloc[0]:,} RNA features"
    return (
        f"Of {total} so many differ once rebuilt, and this share of their spread is left: "
        f"{'; '.join(parts)}. Between pseudoreplicates {reconstructions.floor} differ. A mean can "
        "be right where the spread is lost."
    )


def peaks_explain(fits: PeakFits, regions: ChangedRegions) -> str:
    """The hierarchical VAE beside as many principal components, and what its changes are about."""
    order = _order(fits.values("hierarchical"), fits.values("pca"), "as many principal components")
    told = _sentence("In explained held-out variance of peaks the hierarchical VAE is", [order])
    if not told or not regions.regions:
        return told
    n_enriched = sum(n > 0 for n in regions.n_passing)
    n_splits = len(regions.n_passing)
    return f"{told} Its changed peaks enrich gene sets in {n_enriched} of {n_splits} splits."


def slides_predict(slides: SlideFolds) -> str:
    """The region model beside ridge and the mean profile, and in unseen hospitals."""
    if not slides.folds:
        return ""
    own, ridge = (slides.values("gene_median", method) for method in ("regions", "ridge"))
    sample = [slides.values("sample_mean", method) for method in ("regions", "mean profile")]
    sites = slides.values("gene_median", "regions", SITES).dropna()
    sentences = [
        _sentence(
            f"By the median Spearman of a {slides.features} over slides the region model is",
            [_order(own, ridge, "ridge")],
        ),
        f"In hospitals it has not seen, its median Spearman is {mean_and_sd(sites)}."
        if len(sites)
        else "",
        _sentence(
            "By the Spearman of a sample over features it is",
            [_order(*sample, "the mean profile, which is the same for everyone")],
        ),
    ]
    return " ".join(filter(None, sentences))


def slides_rebuilt(outcomes: SlideOutcomes) -> str:
    """The retrained RNA VAE's reconstruction, the paper's number, beside the mean profile."""
    if "rebuilt_spearman" not in outcomes.outcomes:
        return ""
    rebuilt, given, profile = (
        outcomes.outcomes[f"rebuilt_spearman{end}"] for end in ("", "_input", "_profile")
    )
    order = _order(rebuilt, profile, "the mean profile")
    told = _sentence("By the Spearman of a rebuilt with its observed profile it is", [order])
    return (
        f"The RNA VAE retrained on predicted profiles gives them back with {mean_and_sd(given)}. "
        f"{told}"
    )


def _order(
    a: Iterable[float], b: Iterable[float], other: str, higher_is_better: bool = True
) -> str:
    """`better than other (numbers)`, and so on; "" where one was not run or has no value."""
    a, b = pd.Series(list(a), dtype=float), pd.Series(list(b), dtype=float)
    if a.dropna().empty or b.dropna().empty:
        return ""
    if len(a) == len(b) and (a + b).dropna().empty:  # no seed has both
        return ""
    comparison = compare(a, b, higher_is_better)
    # A constant such as chance has no spread to be shown.
    is_constant = len(set(b)) == 1 < len(b)
    numbers = f"{mean_and_sd(a)} against {b[0]:.3g}" if is_constant else comparison.numbers
    return f"{comparison.order} {other} ({numbers})"


def _sentence(start: str, orders: Sequence[str]) -> str:
    """`start` and its orders, joined by commas and “and”; "" if there are none."""
    *some, last = [order for order in orders if order] or [""]
    if not last:
        return ""
    return f"{start} {', '.join(some)} and {last}." if some else f"{start} {last}."
