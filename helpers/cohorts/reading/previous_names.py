"""Names that genes had before, and the current ones: files and gene sets are both read by them.

HGNC renames some hundred genes a year: FAM46C of an older file is TENT5C in a newer one, and gene
sets go by the names of the year they were made in. No source has all previous names, so three are
put together, each with the names that followed it:

- about 2010 → 2014: names of TCGA's pipelines beside their symbols in TCGAbiolinks (`EAGenes`)
- 2014 → 2018, and what the others lack: `renamed_genes`
- 2018 → now: the Ensembl ids of GDCRNATools' genes, whose symbols the annotation has under the
  same ids

Names that genes took after the annotation was made are among them, and lead back to its. A name is
previous only if no gene of the annotation is called so, and if all that is known of it leads to one
gene. Names of clones (AC091021.1), which were numbered anew, and microRNAs' (they go by miRBase's)
are left out. C10ORF90, as some tools write it, is C10orf90.

Held against HGNC's table of July 2024, capitals and aliases allowed, by `python -m
tests.cohorts.reading.hgnc_comparison TABLE`: of the 3,948 names that the first three made, before
what its table adds to `renamed_genes`, 3,921 lead to the gene they lead to there, 20 are not in it,
and 7 lead to another one (they are left out). All 547 of our own that it knows were right.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd

from helpers import files
from helpers.cohorts.cohort_cache import cached_table
from helpers.cohorts.r_files import read_r_objects
from helpers.cohorts.reading.renamed_genes import DISPUTED, RENAMED_GENES
from helpers.cohorts.sources import cache_folder, fetch_group, registered_sums
from helpers.cohorts.tcga.genes import parse_gene_annotation
from helpers.imports import code_digests, import_closure

SOURCES = ("gene-annotation", "mirna-targets", "tcga-subtypes")
"""Groups of files that the table is made from."""
_NO_SYMBOL = re.compile(r".*\.\d+|hsa-.*")
_READING_FRAME = re.compile(r"C(?:\d+|X|Y)orf\d+.*")


def load_previous_names() -> dict[str, str]:
    """Previous symbol → current symbol of the gene: some 4,000, a third of them capitals of others.

    Raises:
        OSError: the files cannot be had (DataUnavailable, CorruptDownload) or nothing be kept.
    """
    root = files.project_root()
    made_of = code_digests(import_closure([f"import {__name__}"], root), root)
    for group in SOURCES:
        made_of |= registered_sums(group)
    table = cached_table("previous-names", _read, made_of)
    return dict(zip(table["previous"], table["current"], strict=True))


def previous_names() -> dict[str, str]:
    """`load_previous_names`, or {} if they cannot be had; looked for once a process and cache."""
    return _looked_up(str(cache_folder()))


def same_genes(wanted: Iterable[str], among: Iterable[str]) -> dict[str, str]:
    """Name of `wanted` → the name in `among` of the same gene, its own name before another.

    Names of genes that are not `among` them, by any name, are left out.
    """
    wanted, names = list(map(str, wanted)), list(map(str, among))
    there = set(names)
    table = {} if there.issuperset(wanted) else previous_names()
    by_current: dict[str, str] = {}
    for name in names:
        by_current.setdefault(table.get(name, name), name)
    found = {}
    for name in wanted:
        current = table.get(name, name)
        other = current if current in there else by_current.get(current)
        if name in there or other is not None:
            found[name] = name if name in there else other
    return found


def renamed_like(names: Iterable[str], others: Iterable[str]) -> pd.Index:
    """`names`, those of genes that `others` call otherwise renamed as they do; none comes twice.

    Of two genes in `others` that one of `names` can be, its own name comes first.
    """
    names = list(map(str, names))
    theirs: dict[str, str] = {}
    for other, name in sorted(same_genes(others, names).items(), key=lambda pair: len({*pair})):
        theirs.setdefault(name, other)
    return pd.Index([theirs.get(name, name) for name in names])


def renamings(
    symbols: Iterable[str],
    by_id: Mapping[str, str],
    older: Mapping[str, str],
    steps: Iterable[Iterable[tuple[str, str]]],
) -> dict[str, str]:
    """Previous → current name of every gene renamed once or more.

    `symbols`: all current ones. `by_id`, `older`: Ensembl id → symbol, now and once. `steps`: pairs
    of a name and the one that followed it, the newest step first; each may lead to names of those
    before it.
    """
    current = set(symbols)
    followed = [(name, by_id.get(gene)) for gene, name in older.items()]
    meant: dict[str, set[str]] = {}
    for step in (followed, *steps):
        known = _unambiguous(meant)
        for name, next_name in step:
            now = next_name if next_name in current else known.get(next_name)
            if now and name and not _NO_SYMBOL.fullmatch(name):
                meant.setdefault(name, set()).add(now)
    known = _unambiguous(meant)
    frames = {name: known.get(name, name) for name in (*known, *current)
              if _READING_FRAME.fullmatch(name)}  # fmt: skip
    in_capitals = {name.upper(): now for name, now in frames.items()}
    return {name: now for name, now in (in_capitals | known).items() if name not in current}


def _unambiguous(meant: Mapping[str, set[str]]) -> dict[str, str]:
    return {name: next(iter(genes)) for name, genes in meant.items() if len(genes) == 1}


@lru_cache(maxsize=4)
def _looked_up(_cache: str) -> dict[str, str]:
    try:
        return load_previous_names()
    except OSError:
        return {}


def _read() -> pd.DataFrame:
    """Columns previous and current."""
    annotation, targets, subtypes = (read_r_objects(_only(group)) for group in SOURCES)
    genes = annotation["grch38"]
    older = targets["biotype"].set_index("ensemblID")["geneSymbol"]
    named = subtypes["EAGenes"].astype(str)
    found = renamings(
        genes["symbol"].dropna(),
        parse_gene_annotation(genes)["symbol"].to_dict(),
        older.dropna().to_dict(),
        [RENAMED_GENES.items(), zip(named["ID"], named["Gene"], strict=True)],
    )
    kept = [(name, now) for name, now in sorted(found.items()) if name not in DISPUTED]
    return pd.DataFrame(kept, columns=["previous", "current"])


def _only(group: str) -> Path:
    (path,) = fetch_group(group)
    return path
