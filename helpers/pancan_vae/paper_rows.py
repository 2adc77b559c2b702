"""Every row of the paper, its methods and figures in order: done as written, or what differs."""

import anndata

from helpers.cohorts.feature_sets import CohortSets
from helpers.evaluate.fidelity import (
    DEVIATING,
    FAITHFUL,
    MISSING,
    UNTESTABLE,
    PaperRows,
    as_paper_rows,
)
from helpers.pancan_vae.claims import ABSENT, NO_SETS, Expected

TWELVE = (
    "BRCA", "CESC", "COAD", "GBM", "KIRC", "LUAD", "LUSC", "PRAD", "SKCM", "THCA", "UCEC", "UCS",
)  # fmt: skip
SIMULATED = "the cohort is simulated"
LEFT_OUT = "left out of this run (`full` is off)"
_Row = tuple[str, str, str, str]  # what the paper has, where, status, how it is here or why not


def count_paper_rows(
    cohort: anndata.AnnData, expected: Expected, sets: CohortSets, test_fraction: float, full: bool
) -> PaperRows:
    """The paper's rows with what this run makes of them; all but the faithful say why.

    `full`: whether the analyses that cost most were made.
    """
    rows = [
        *_data(cohort, expected),
        *_model(test_fraction),
        *_results(cohort, expected, full),
        *_hallmarks(cohort, sets),
    ]
    return as_paper_rows((where, what, status, here) for what, where, status, here in rows)


def _data(cohort: anndata.AnnData, expected: Expected) -> list[_Row]:
    here = sorted(set(expected.types) & set(TWELVE))
    is_same = set(expected.types) == set(TWELVE) and cohort.uns["feature"] == "gene"
    types = SIMULATED if "truth" in cohort.uns else f"{len(here)} of them ({', '.join(here)})"
    kind = f"{types}; {len(expected.types)} types, {cohort.uns['feature']}"
    kind += "" if is_same else "; the paper's: `-p cohort paper-pancan`"
    return [
        ("RNA sequencing of twelve cancers", "methods", FAITHFUL if is_same else DEVIATING, kind),
        ("log transform, depth normalised", "methods", FAITHFUL, cohort.uns["unit"]),
        ("genes of low expression left out", "methods", FAITHFUL, "by the mean in training"),
        (
            "nothing else done to the data", "methods", DEVIATING,
            "most variable features, machine's shift removed, standardised; fitted in training",
        ),
        ("sample numbers, code", "nowhere", UNTESTABLE, "the paper gives none"),
    ]  # fmt: skip


def _model(test_fraction: float) -> list[_Row]:
    is_paper = abs(test_fraction - 0.2) < 1e-9
    split = f"{1 - test_fraction:.0%} train, {test_fraction:.0%} test"
    return [
        ("drawing of a VAE", "figure 1", FAITHFUL, "with this run's numbers of units"),
        (
            "two ReLU layers, 32 latents, mirrored decoder, Adam, reconstruction + KL", "methods",
            FAITHFUL, "the model as the paper has it; its widths, minibatches and epochs are ours",
        ),
        (
            "one model, read throughout", "methods", DEVIATING,
            "a second, tuned one stands beside it; seeds, UMAP and survival are read of that one",
        ),
        (
            "VAE of all tumours", "methods", DEVIATING,
            "of training patients alone, so that scores are of patients it never saw",
        ),
        (
            "MLP of two ReLU layers, softmax, cross-entropy, 80/20", "methods",
            FAITHFUL if is_paper else DEVIATING, f"{split}; widths and early stopping are ours",
        ),
    ]  # fmt: skip


def _results(cohort: anndata.AnnData, expected: Expected, full: bool) -> list[_Row]:
    is_planted = "truth" in cohort.uns
    named = {
        f"{' next to '.join(expected.near)}": ("figure 2", set(expected.near)),
        f"{expected.apart} stands apart": ("results", {expected.apart}),
        f"errors between {' and '.join(expected.mixed)}": ("figure 3", set(expected.mixed)),
    }
    rows = []
    for what, (where, types) in named.items():
        is_here = types <= set(expected.types)
        status = UNTESTABLE if not is_here else DEVIATING if is_planted else FAITHFUL
        why = (
            ABSENT
            if not is_here
            else f"{SIMULATED}: planted types"
            if is_planted
            else "held to its claim above"
        )
        rows.append((what, where, status, why))
    umap = (FAITHFUL, "with trustworthiness") if full else (MISSING, LEFT_OUT)
    return [
        ("UMAP by cancer type", "figure 2", *umap),
        (
            "clusters looked at in the UMAP", "methods", DEVIATING,
            "neighbours, silhouettes and k-means in the latent space: a UMAP bends distances",
        ),
        *rows,
        ("accuracy and confusion matrix", "figure 3", FAITHFUL, "held-out patients of every fold"),
        ("value of the accuracy", "figure 3", UNTESTABLE, "the paper says “high”"),
    ]  # fmt: skip


def _hallmarks(cohort: anndata.AnnData, sets: CohortSets) -> list[_Row]:
    what = {
        "gene-set enrichment of latent dimensions": "figure 4",
        "five hallmark tasks of one to three sets": "methods",
        "hallmark genes across latent clusters": "methods",
    }
    if not sets.sets:
        return [(name, where, UNTESTABLE, NO_SETS) for name, where in what.items()]
    stand_in = "planted sets" if "truth" in cohort.uns else ""
    if cohort.uns["feature"] == "microRNA":
        stand_in = "microRNA families that target a set's genes"
    first, second, third = what
    return [
        (first, what[first], DEVIATING, _said(stand_in, "GSEA as there, judged by CAMERA")),
        (second, what[second], DEVIATING, _said(stand_in, "the paper names no set; ours")),
        (
            third, what[third], DEVIATING if stand_in else FAITHFUL,
            _said(stand_in, "mean of a task's features, beside random sets"),
        ),
    ]  # fmt: skip


def _said(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
