"""The sets a cohort's features are read with: planted programs, Hallmark genes or microRNAs.

Here sets meet features: both may name a gene as it was called once, and `named_as` finds them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import anndata

from helpers.cohorts.gene_sets import (
    HALLMARK_TASKS,
    load_gene_sets,
    load_microrna_targets,
    microrna_families,
    microrna_sets,
)
from helpers.cohorts.reading.previous_names import previous_names, same_genes
from helpers.cohorts.sources import DataUnavailable


@dataclass(frozen=True)
class CohortSets:
    """Sets of features, the hallmark tasks made of them, and what a ranked item is.

    sets: set name → its members. tasks: task → its sets. family: feature → the item that is
    ranked in its stead (microRNA stem-loops by family), None where features are ranked themselves.
    what: one sentence for the reader.
    """

    sets: dict[str, list[str]]
    tasks: dict[str, list[str]]
    family: dict[str, str] | None
    what: str


def cohort_sets(cohort: anndata.AnnData, min_size: int = 5) -> CohortSets:
    """Sets for this cohort: its planted ones if it is simulated, else MSigDB Hallmark.

    On microRNAs a Hallmark set stands for the families that target its genes more than chance has
    it, as far as experiments support (`microrna_sets`). There are no sets, and `what` says why,
    where the gene sets cannot be had or none has `min_size` of the cohort's features and leaves two
    outside.
    """
    try:
        of_cohort = _planted(cohort) if "truth" in cohort.uns else _hallmark(cohort)
    except DataUnavailable as error:
        return CohortSets({}, {}, None, f"No enrichment here: {error}")
    ranked = set(of_cohort.family.values()) if of_cohort.family else set(cohort.var_names)
    sizes = [len(ranked & set(members)) for members in of_cohort.sets.values()]
    if not any(min_size <= size <= len(ranked) - 2 for size in sizes):
        names = ", ".join(map(str, cohort.var_names[:3]))
        what = (
            f"No enrichment here: no Hallmark set has {min_size} of this cohort's "
            f"{len(ranked):,} features and leaves two outside. They are named {names}, … Sets go "
            "by gene symbols (GATA3) or microRNA stem-loops."
        )
        return CohortSets({}, {}, None, what)
    return of_cohort


def known_sets(collection: str, features: Iterable[str]) -> dict[str, list[str]]:
    """The gene sets of `load_gene_sets`, their genes named as `features` name them.

    Raises:
        ValueError, DataUnavailable, CorruptDownload: see `load_gene_sets`.
    """
    return named_as(features, load_gene_sets(collection))


def named_as(features: Iterable[str], sets: Mapping[str, Iterable[str]]) -> dict[str, list[str]]:
    """Sets whose genes have the names that `features` have for them; others keep theirs.

    A gene that was renamed is found by either name, on either side (see `same_genes`).
    """
    of_features = same_genes({gene for genes in sets.values() for gene in genes}, features)
    return {
        name: list(dict.fromkeys(of_features.get(gene, gene) for gene in genes))
        for name, genes in sets.items()
    }


def _hallmark(cohort: anndata.AnnData) -> CohortSets:
    hallmark = load_gene_sets("hallmark")
    if cohort.uns["feature"] == "microRNA":
        return _microrna(cohort, hallmark)
    sets = named_as(cohort.var_names, hallmark)
    found, as_they_are = (
        set(cohort.var_names) & {gene for genes in of.values() for gene in genes}
        for of in (sets, hallmark)
    )
    what = f"{len(sets)} MSigDB Hallmark sets; {len(found):,} of their genes are in this cohort"
    if n_renamed := len(found - as_they_are):
        what += f", {n_renamed} of them by another name"
    if not previous_names():
        what += " (names that genes had before could not be looked up)"
    return CohortSets(sets, HALLMARK_TASKS, None, f"{what}.")


def _planted(cohort: anndata.AnnData) -> CohortSets:
    truth = cohort.uns["truth"]
    what = f"{len(truth['gene_sets'])} planted gene sets, one per simulated program."
    return CohortSets(truth["gene_sets"], truth["tasks"], None, what)


def _microrna(cohort: anndata.AnnData, hallmark: dict[str, list[str]]) -> CohortSets:
    family = microrna_families(cohort.var_names)
    if not family:
        return CohortSets({}, {}, None, f"No enrichment here: {other_species(cohort)}")
    targets = load_microrna_targets()
    hallmark = named_as({gene for genes in targets.values() for gene in genes}, hallmark)
    stem_loops = microrna_sets(list(family), targets, hallmark)
    sets = {name: sorted({family[m] for m in members}) for name, members in stem_loops.items()}
    what = (
        f"{len(sets)} of {len(hallmark)} MSigDB Hallmark sets, each as the microRNA families with "
        "more supported targets (miRTarBase) in it than chance gives. About half of the "
        "memberships are expected by chance, so little can be found."
    )
    return CohortSets(sets, HALLMARK_TASKS, family, f"{what} {other_species(cohort)}".rstrip())


def other_species(cohort: anndata.AnnData) -> str:
    """A sentence on the features of a cohort of microRNAs that are no human ones; "" without any.

    Spike-ins such as cel-mir-39 have no family, and no set is read by them.
    """
    family = microrna_families(cohort.var_names)
    others = [str(name) for name in cohort.var_names if name not in family]
    if cohort.uns.get("feature") != "microRNA" or "truth" in cohort.uns or not others:
        return ""
    named = ", ".join(others[:3]) + (", …" if len(others) > 3 else "")
    return f"Left out of the families, being no human microRNAs: {len(others)} ({named})."
