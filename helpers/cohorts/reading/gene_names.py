"""Names of genes as other tools write them, turned into the symbols that gene sets go by.

Ensembl ids (with or without a version), `SYMBOL|entrez` of Firehose and `SYMBOL (entrez)` of DepMap
(by the id, where it is known: SLC35E2|728661 is SLC35E2B), `ENSG…|SYMBOL`, symbols in the spelling
of mice, and dates that a spreadsheet made of symbols. After one of these, or none, names that genes
had before are turned into their current ones. A symbol that two features would share goes to the
first of them, protein-coding before others, and a current name to who has it; the rest keep the
names they have.
"""

from collections.abc import Callable

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.reading.feature_words import feature_types
from helpers.cohorts.reading.missing_words import is_missing_word
from helpers.cohorts.reading.previous_names import previous_names
from helpers.cohorts.sources import DataUnavailable
from helpers.cohorts.tcga.genes import load_entrez_symbols, load_gene_annotation

_ENSEMBL = r"^(ENSG\d{11})(?:\.\d+)?(?:_PAR_Y)?$"
_OTHER_ENSEMBL = r"^ENS[A-Z]{3,4}G\d{11}(?:\.\d+)?$"
_WITH_ID = (  # the symbol, beside another id of the gene
    r"^(?P<symbol>[^|\s]+)\|(?:(?P<entrez>\d+)|ENSG\d+(?:\.\d+)?)$",
    r"^(?P<symbol>[^\s(]+) \((?:(?P<entrez>\d+)|ENSG\d+(?:\.\d+)?)\)$",
    r"^ENSG\d{11}(?:\.\d+)?[|_:](?P<symbol>[^|\s]+)$",
    r"^(?P<symbol>[^|\s]+)_ENSG\d{11}(?:\.\d+)?$",
)
_MOUSE = r"^[A-Z0-9]?[A-Z0-9]?[A-Z]?[0-9]*[a-z][A-Za-z0-9.-]*$"
_SYMBOL_COLUMNS = ("symbol", "gene_symbol", "gene_symbols", "gene_name", "feature_name",
                   "hgnc_symbol", "external_gene_name", "Symbol", "gene_names")  # fmt: skip
_DATE = r"(?i)^(?:(?P<day>\d{1,2})-(?P<month>Mar|Sep|Dec|Oct|Apr)|(Mar|Sep|Dec|Oct|Apr)-(\d{1,2}))$"
_MADE_DATES = (  # by spreadsheets, of SEPT2, MARCH3 and DEC1, which are called otherwise since
    {f"sep-{n}": f"SEPTIN{n}" for n in (*range(1, 13), 14)}
    | {f"mar-{n}": f"MARCHF{n}" for n in range(3, 12)}
    | {"dec-1": "DELEC1"}
)
_TWO_GENES = {"mar-1": ("MARCHF1", "MTARC1"), "mar-2": ("MARCHF2", "MTARC2")}
_UNKNOWN_NAMES = {
    "Ensembl ids of another species": _OTHER_ENSEMBL,
    "numbers": r"^\d+(\.0)?$",
    "probes, not genes": r"^(\d+(_[a-z])*_at|ILMN_\d+|A_\d+_P\d+|cg\d{8})$",
    "transcripts, not genes": r"^(ENST\d{11}|N[MR]_\d+)(\.\d+)?$",
}
_NEARLY_ALL = 0.9


def read_gene_names(
    cohort: anndata.AnnData,
    annotation: Callable[[], pd.DataFrame] = load_gene_annotation,
) -> list[str]:
    """Name features by gene symbol, in place; what was renamed and what was not known, counted.

    var["symbol"] holds the names, var["ensembl"] the ids they were made from.
    """
    names = cohort.var_names.astype(str)
    if not len(names) or "chrom" in cohort.var:  # peaks are named by their place
        return []
    readers = (
        lambda: _from_ensembl(cohort, names, annotation),
        lambda: _beside_an_id(names),
        lambda: _from_mouse(names),
        lambda: _from_dates(names),
    )
    found = next((found for read in readers if (found := read()) is not None), None)
    if found is None:
        return _unreadable(names) + _from_previous(cohort)
    symbols, notes = found
    _, n_kept = _rename(cohort, symbols)
    if n_kept:
        notes.append(f"{n_kept} features would share a symbol with another one: they keep their "
                     "names.")  # fmt: skip
    return notes + _from_previous(cohort)


def _rename(cohort: anndata.AnnData, symbols: pd.Series) -> tuple[int, int]:
    """(how many features are named anew, in place, how many keep a name that they should not)."""
    names = cohort.var_names.astype(str)
    named, n_kept = _unique(names, symbols)
    cohort.var_names = named
    cohort.var["symbol"] = named.to_numpy(object)
    return int((named != names).sum()), n_kept


def _from_previous(cohort: anndata.AnnData) -> list[str]:
    """Name genes by what they are called today, in place; notes."""
    is_gene = (feature_types(cohort) == "gene").to_numpy()
    if cohort.uns.get("feature") == "component" or not is_gene.any():
        return []
    names, table = cohort.var_names.astype(str), previous_names()
    is_previous = is_gene & names.isin(list(table))
    if not is_previous.any():
        return []
    wanted = [table[name] if past else name for name, past in zip(names, is_previous, strict=True)]
    n_read, n_kept = _rename(cohort, pd.Series(wanted))
    notes = []
    if n_read:
        first = int(np.flatnonzero(cohort.var_names != names)[0])
        notes.append(f"Names that genes had before, or took since: {n_read} of {len(names)} "
                     "features are read as the annotation's, "
                     f"{names[first]} as {cohort.var_names[first]}.")  # fmt: skip
    if n_kept:
        notes.append(f"{n_kept} features keep such a name: another one has the annotation's.")
    return notes


def _from_ensembl(cohort, names, annotation) -> tuple[pd.Series, list[str]] | None:
    ids = names.to_series().str.extract(_ENSEMBL)[0].to_numpy(object)
    is_id = pd.notna(ids)
    if not is_id.any():
        return None
    cohort.var["ensembl"] = np.where(is_id, ids, "")
    in_file = next((name for name in _SYMBOL_COLUMNS if name in cohort.var), None)
    if in_file:
        symbols = cohort.var[in_file].astype(object).to_numpy()
        origin = f"var['{in_file}']"
    else:
        try:
            genes = annotation()
        except DataUnavailable:
            return pd.Series(names, index=names), [
                f"{is_id.sum()} features are Ensembl ids; the annotation that names them cannot be "
                "had, so that no gene set knows them."
            ]
        # Names of protein-coding genes come first where several ids have the same one.
        symbols = genes["symbol"].reindex(ids).to_numpy(object)
        is_coding = (genes["biotype"].reindex(ids) == "protein_coding").to_numpy()
        claimed = set(symbols[is_coding])
        repeats = np.array([s in claimed for s in symbols]) & ~is_coding
        symbols = np.where(repeats, None, symbols)
        origin = "GRCh38"
    is_known = is_id & np.array([_is_symbol(symbol) for symbol in symbols])
    is_known &= np.array([not str(symbol).startswith("ENSG") for symbol in symbols])
    named = pd.Series(np.where(is_known, symbols, np.where(is_id, ids, names)), index=names)
    return named, [
        f"{is_id.sum()} features are Ensembl ids: {is_known.sum()} are known to {origin} and go by "
        f"their symbols; {is_id.sum() - is_known.sum()} keep their ids."
    ]


def _beside_an_id(names: pd.Index) -> tuple[pd.Series, list[str]] | None:
    plain = names.to_series()
    for pattern in _WITH_ID:
        found = plain.str.extract(pattern)
        symbols = found["symbol"]
        is_symbol = symbols.map(_is_symbol).astype(bool)
        if is_symbol.mean() > 0.5:
            first = plain[is_symbol].iloc[0]
            note = f"{int(is_symbol.sum())} of {len(names)} features are named like {first!r}: "
            notes = [note + f"read as {symbols[first]}."]
            return _by_entrez(symbols.where(is_symbol, plain), found, notes)
    return None


def _by_entrez(symbols, found, notes) -> tuple[pd.Series, list[str]]:
    """`symbols`, but what the Entrez id says where they differ: symbols go from gene to gene."""
    if "entrez" not in found or found["entrez"].isna().all():
        return symbols, notes
    try:
        known = load_entrez_symbols()
    except OSError:
        return symbols, notes
    told = found["entrez"].map(known)
    is_told = told.notna()
    is_current = is_told & symbols.isin(set(known.values()))
    if (told == symbols)[is_current].mean() <= 0.5:
        return symbols, [*notes, "The numbers beside them are not these genes' Entrez ids."]
    is_other = is_told & (told != symbols)
    if is_other.any():
        one = told[is_other].head(1)
        notes.append(f"{int(is_other.sum())} of them go by the symbol that their Entrez id has "
                     f"today, {one.index[0]} by {one.iloc[0]}.")  # fmt: skip
    return symbols.where(~is_other, told), notes


def _from_mouse(names: pd.Index) -> tuple[pd.Series, list[str]] | None:
    plain = names.to_series()
    has_letters = plain.str.contains(r"[A-Za-z]{2}") & ~plain.str.contains("[_:|]|mir-|let-")
    is_small = has_letters & plain.str.match(_MOUSE)
    is_small |= has_letters & (plain == plain.str.lower())
    if not has_letters.any() or is_small.sum() < _NEARLY_ALL * len(plain):
        return None
    first = plain[is_small].iloc[0]
    return plain.where(~is_small, plain.str.upper()), [
        f"{int(is_small.sum())} of {len(names)} features are spelled as genes of mice are "
        f"({first}): read as the human genes of those names in capitals ({first.upper()}), which "
        "is right for most genes with one counterpart."
    ]


def _from_dates(names: pd.Index) -> tuple[pd.Series, list[str]] | None:
    """Genes whose names a spreadsheet took for dates; those that two genes share stay dates."""
    plain = names.to_series()
    parts = plain.str.extract(_DATE)
    is_date = parts.notna().any(axis=1).to_numpy()
    if not is_date.any():
        return None
    month = parts["month"].fillna(parts[2])[is_date].str.lower()
    day = parts["day"].fillna(parts[3])[is_date].astype(int).astype(str)
    dates = month + "-" + day
    symbols = plain.copy()
    symbols[is_date] = dates.map(_MADE_DATES).fillna(plain[is_date])
    read = plain[is_date][dates.isin(_MADE_DATES)]
    note = f"{is_date.sum()} features are named by dates, as spreadsheets do to genes"
    if len(read):
        note += f": {len(read)} are read as genes, {read.iloc[0]} as {symbols[read.index[0]]}"
    two = plain[is_date][dates.isin(_TWO_GENES)]
    if len(two):
        either = " or ".join(_TWO_GENES[dates[two.index[0]]])
        note += f"; {two.iloc[0]} may be {either} and keeps its name"
    return symbols, [f"{note}; {is_date.sum() - len(read)} are in no gene set."]


def _unique(names: pd.Index, symbols: pd.Series) -> tuple[pd.Index, int]:
    """(new names, how many keep theirs as another feature has the symbol)."""
    wanted = pd.Series(symbols.to_numpy(object), index=range(len(names))).astype(str)
    old = pd.Series(names.to_numpy(object), index=wanted.index)
    is_second = wanted.duplicated() | ((wanted != old) & wanted.isin(old))
    chosen = wanted.where(~is_second, old)
    if not chosen.is_unique:  # as names that repeat in the file do; they are refused by name
        chosen = old
    return pd.Index(chosen.to_numpy(object)), int((is_second & (chosen != wanted)).sum())


def _unreadable(names: pd.Index) -> list[str]:
    """A note for names that no gene set can know."""
    plain, notes = names.to_series(), []
    for what, pattern in _UNKNOWN_NAMES.items():
        n_such = int(plain.str.match(pattern).sum())
        if n_such > 0.5 * len(plain):
            notes.append(f"{n_such} of {len(plain)} features are named by {what} ({plain.iloc[0]}):"
                         " no gene set knows them. Name them by gene symbol.")  # fmt: skip
    return notes


def _is_symbol(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip()) and not is_missing_word(value)
