"""`python -m tests.cohorts.reading.hgnc_comparison TABLE`: previous names held against HGNC's.

TABLE is a download of genenames.org as tab-separated text, "custom" or complete set, with previous
and alias symbols. Of HGNC's table of July 2024 (43,837 approved symbols) it said, before names were
added from that table: of 3,948 names 3,921 lead where HGNC's previous or alias symbols do, capitals
aside, 7 elsewhere and 20 are not in it. Those 7 are left out now. Of 24,633 Entrez ids that both
have, 24,617 are one gene's in both, by a name it has or had.
"""

import argparse
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from helpers.cohorts.gene_sets import load_gene_sets
from helpers.cohorts.reading.previous_names import load_previous_names
from helpers.cohorts.tcga.genes import load_entrez_symbols, load_gene_annotation

COLUMNS = {  # as HGNC calls them in its two kinds of downloads
    "symbol": ("Approved symbol", "symbol"),
    "previous": ("Previous symbols", "prev_symbol"),
    "alias": ("Alias symbols", "alias_symbol"),
    "status": ("Status", "status"),
    "entrez": ("NCBI Gene ID(supplied by NCBI)", "NCBI Gene ID", "entrez_id"),
}


def read_hgnc(path: Path) -> pd.DataFrame:
    """Approved genes of a download: columns symbol, previous, alias (lists), entrez."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    found = {
        ours: next(name for name in theirs if name in table) for ours, theirs in COLUMNS.items()
    }
    table = table[list(found.values())].set_axis(list(found), axis=1)
    table = table[table["status"] == "Approved"]
    lists = {
        name: [[one for one in re.split(r"[|,]\s*", text) if one] for text in table[name]]
        for name in ("previous", "alias")
    }
    return table.assign(**lists)


def verdicts(names: Mapping[str, str], hgnc: pd.DataFrame) -> pd.Series:
    """Previous name → "as HGNC", "otherwise" or "not in HGNC"; capitals make no difference.

    A current name of ours may be one that HGNC calls previous itself.
    """
    leads = defaultdict(set)
    for row in hgnc.itertuples():
        for name in (row.symbol, *row.previous, *row.alias):
            leads[name.upper()].add(row.symbol)

    def judged(name: str) -> str:
        theirs = leads.get(name.upper(), set())
        if not theirs:
            return "not in HGNC"
        return "as HGNC" if theirs & leads.get(names[name].upper(), set()) else "otherwise"

    return pd.Series({name: judged(name) for name in names}, dtype=object)


def missed(names: Iterable[str], known: Iterable[str], hgnc: pd.DataFrame) -> list[str]:
    """Of `names`, those that HGNC has as one gene's previous symbol and `known` lacks."""
    leads = defaultdict(set)
    for row in hgnc.itertuples():
        for name in row.previous:
            leads[name].add(row.symbol)
    passed = {*known, *hgnc["symbol"]}
    return sorted(name for name in {*names} - passed if len(leads.get(name, ())) == 1)


def main() -> None:
    """Print the counts, the names that lead elsewhere, and those of gene sets that we lack."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path)
    hgnc, names = read_hgnc(parser.parse_args().table), load_previous_names()
    print(f"{len(hgnc):,} approved symbols")
    found = verdicts(names, hgnc)
    print(found.value_counts().to_string())
    for name in found.index[found == "otherwise"]:
        print(f"otherwise: {name} → {names[name]}")
    known = {*names, *load_gene_annotation()["symbol"]}
    for collection in ("hallmark", "kegg", "go_bp"):
        genes = {gene for members in load_gene_sets(collection).values() for gene in members}
        print(f"{collection}: not known to us {', '.join(missed(genes, known, hgnc)) or 'none'}")
    entrez, theirs = load_entrez_symbols(), hgnc.set_index("entrez")["symbol"].to_dict()
    both = {key: (symbol, theirs[key]) for key, symbol in entrez.items() if key in theirs}
    alike = sum(ours == other or names.get(other) == ours for ours, other in both.values())
    print(f"{len(both):,} Entrez ids in both, {alike:,} of them with one symbol")


if __name__ == "__main__":
    main()
