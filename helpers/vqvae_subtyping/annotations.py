"""What clusters of a cohort are read with: gene sets, and which microRNA is known to target what.

A simulated cohort brings its own; of any other the gene sets are MSigDB's, and the targets those
that starBase (CLIP-supported, the paper's source) or miRTarBase hold, protein-coding and long
non-coding. Stem-loops stand for the arms of their family, as everywhere here.
"""

from collections.abc import Callable

import anndata
import pandas as pd

from helpers import files
from helpers.cohorts.cohort_cache import cached_table
from helpers.cohorts.feature_sets import known_sets, named_as
from helpers.cohorts.microrna_targets import load_microrna_targets, microrna_family
from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.reading.previous_names import same_genes
from helpers.cohorts.sources import DataUnavailable, fetch_group, registered_sums
from helpers.imports import code_digests, import_closure

SOURCES = ("mirna-targets", "gene-annotation")  # groups of files that the pairs are read from
LNCRNA_SOURCE = "starBase"  # miRTarBase holds no long non-coding RNAs


def subtyping_sets(cohort: anndata.AnnData, min_size: int = 10) -> dict[str, dict[str, list[str]]]:
    """Collection → gene set → genes: "GO BP" and "KEGG", or "planted".

    A collection is left out if it cannot be had or if none of its sets has `min_size` genes of
    the cohort (as prerank asks), as where genes are not named by symbols or are a few.
    """
    if "truth" in cohort.uns:
        collections = {"planted": dict(cohort.uns["truth"]["gene_sets"])}
    else:
        try:
            names = {"GO BP": "go_bp", "KEGG": "kegg"}
            collections = {name: known_sets(of, cohort.var_names) for name, of in names.items()}
        except DataUnavailable:
            collections = {}
    genes = set(cohort.var_names)
    return {
        name: sets
        for name, sets in collections.items()
        if any(len(genes & set(members)) >= min_size for members in sets.values())
    }


def supported_targets(cohort: anndata.AnnData, source: str = "starbase") -> dict[str, set[str]]:
    """MicroRNA feature of the cohort → genes of the cohort that an experiment found it to target.

    `source`: "starbase" or "mirtarbase". Features without such a gene are left out, and so are
    those whose names are not miRBase's.

    Raises:
        ValueError: no such source.
    """
    is_gene = cohort.var["feature_type"] == "gene"
    genes, mirnas = set(cohort.var_names[is_gene]), cohort.var_names[~is_gene]
    targets: dict[str, set[str]] = {}
    if "truth" in cohort.uns:
        for mirna, gene in cohort.uns["truth"]["supported_pairs"]:
            targets.setdefault(str(mirna), set()).add(str(gene))
    elif len(mirnas) and genes:
        targets = {
            name: set(of) for name, of in named_as(genes, _by_feature(mirnas, source)).items()
        }
    measured = {name: targets.get(name, set()) & genes for name in mirnas}
    return {name: genes for name, genes in measured.items() if genes}


def load_lncrna_targets() -> dict[str, set[str]]:
    """Symbol of each long non-coding RNA in starBase → microRNA families found on it (753 pairs).

    One without a symbol has its Ensembl identifier.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    return _kept_pairs("starbase-lncrnas", _read_lncrna_targets)


def _read_lncrna_targets() -> dict[str, set[str]]:
    (path,) = fetch_group("mirna-targets")
    tables = read_r_objects(path)
    symbol = pd.DataFrame(tables["biotype"]).set_index("ensemblID")["geneSymbol"]
    targets: dict[str, set[str]] = {}
    for gene, mirnas in tables["lncTargets"][LNCRNA_SOURCE].items():
        targets.setdefault(symbol.get(gene) or gene, set()).update(map(microrna_family, mirnas))
    return targets


def _kept_pairs(name: str, read: Callable[[], dict[str, set[str]]]) -> dict[str, set[str]]:
    """What `read` gives, from the cache if files and code are the same.

    The workspace that the pairs come from takes three seconds to read, the pairs kept a tenth.
    """
    root = files.project_root()
    made_of = code_digests(import_closure([f"import {__name__}"], root), root)
    for group in SOURCES:
        fetch_group(group)
        made_of |= registered_sums(group)

    def build() -> pd.DataFrame:
        pairs = [(left, right) for left, of_left in read().items() for right in sorted(of_left)]
        return pd.DataFrame(pairs, columns=["left", "right"])

    pairs = cached_table(name, build, made_of)
    return pairs.groupby("left", sort=False)["right"].agg(set).to_dict()


def known_lncrnas(cohort: anndata.AnnData) -> set[str]:
    """The long non-coding RNAs in starBase, as the cohort names them; none for a simulated one.

    Raises:
        DataUnavailable, CorruptDownload: from fetching the files.
    """
    if "truth" in cohort.uns:
        return set()
    names = load_lncrna_targets()
    in_cohort = same_genes(names, cohort.var_names)
    return {in_cohort.get(name, name) for name in names}


def _by_feature(mirnas: pd.Index, source: str) -> dict[str, set[str]]:
    families = _kept_pairs(f"targets-{source}", lambda: load_microrna_targets(source))
    for gene, on_it in load_lncrna_targets().items():
        for family in on_it:
            families.setdefault(family, set()).add(gene)
    return {name: families.get(_family(name), set()) for name in mirnas}


def _family(name: str) -> str:
    try:
        return microrna_family(name)
    except ValueError:
        return ""
