"""A user's tumours beside a cohort that has cell lines, so that they can be aligned with these.

The cohort's own tumours stay: a model learns from them what tells tumours from lines, which a
handful of tumours, or of types, could not teach. They are the reference.
"""

import anndata
import numpy as np
import pandas as pd

from helpers.cohorts.checks import LINE, check_alignment, check_same_scale
from helpers.cohorts.reading.previous_names import renamed_like
from helpers.cohorts.reading.sample_words import TUMOURS
from helpers.cohorts.reading.value_scale import summarise_values
from helpers.rnalign.sides.line_panel import shared_genes, with_plain_text
from helpers.rnalign.sides.purity_fill import FilledPurity, fill_purity

_ORGANS = {
    "GBM": "brain", "LGG": "brain", "KICH": "kidney", "KIRC": "kidney", "KIRP": "kidney",
    "UCS": "uterus", "UCEC": "uterus", "DLBC": "lymphoid", "CHOL": "biliary", "PAAD": "pancreas",
    "UVM": "eye", "ACC": "adrenal",
}  # fmt: skip
"""TCGA study → organ, as cohorts of cell lines name types."""
_ENOUGH = 10  # tumours of a type on both sides that show what tells the two sides apart


def join_tumours(
    reference: anndata.AnnData, tumours: anndata.AnnData, file: str, max_missing: float = 0.2
) -> anndata.AnnData:
    """The cohort `reference`, tumours and lines, with a user's `tumours`; obs["is_own"] says which.

    Genes are those of both, by the reference's names. Types are put in the reference's words, and
    those without a line are left out. Tumours of the reference whose patient or sample name is in
    the file are too. Purity that is missing is filled in (`fill_purity`), and a difference from the
    reference's tumours that all shared types have is removed (`common_shift`). uns["notes"] counts
    all of it.

    `tumours`: of `load_tumours`. `file`: what it is called.

    Raises:
        ValueError: as `check_alignment` of the reference; more than `max_missing` of its genes are
            missing; another scale than its tumours'; no tumour, or none of a type that has a line;
            a name that a line has.
    """
    check_alignment(reference)
    names = renamed_like(tumours.var_names, reference.var_names)
    genes = shared_genes(reference.var_names, names, file, max_missing)
    in_reference = tumours[:, names.get_indexer(genes)].copy()
    in_reference.var_names = genes
    is_line = (reference.obs["sample_type"].astype(str) == LINE).to_numpy()
    own, left_out = _of_known_types(in_reference, reference.obs, is_line, file)
    sides = summarise_values(own), summarise_values(reference[~is_line, genes])
    levels = check_same_scale(*sides, f"those of {file}", "the reference's tumours")
    _check_names(own.obs_names, reference.obs_names[is_line], file)
    is_same = reference.obs["patient"].astype(str).isin(own.obs["patient"])
    is_same |= reference.obs_names.isin(own.obs_names)
    kept = reference[~(is_same.to_numpy() & ~is_line), genes]
    joined = anndata.concat([own, kept], join="outer", merge=None)
    joined = anndata.AnnData(
        np.asarray(joined.X, np.float32), with_plain_text(joined.obs), kept.var.copy()
    )
    joined.obs["is_own"] = np.arange(joined.n_obs) < own.n_obs
    joined.uns = {key: value for key, value in reference.uns.items() if key != "truth"}
    joined.uns |= {"name": file, "default_types": []}
    n_same = reference.n_obs - kept.n_obs
    joined.uns["notes"] = [
        f"{own.n_obs} {_noun(own.n_obs)} of {file} ({_counts(own.obs['cancer_type'])}) beside the "
        f"tumours and cell lines of {reference.uns.get('name', 'the reference')}, on {len(genes)} "
        f"of its {reference.n_vars} genes. They are taken to be measured as its tumours are "
        f"({reference.uns.get('unit', 'unit not known')}).",
        *([f"{n_same} of the reference's tumours are in {file} too: counted once."] * (n_same > 0)),
        *left_out,
        *(f"{file}: {note}" for note in tumours.uns.get("notes", [])),
        *(note.replace("Cell lines and tumours", "Tumours", 1) for note in levels),
        _without_shift(joined, file),
        *_with_purity(joined, file),
        *(f"Reference: {note}" for note in reference.uns.get("notes", [])),
    ]
    check_alignment(joined)
    return joined


def common_shift(
    x: np.ndarray, is_own: np.ndarray, cancer_type: np.ndarray, n_each: int = _ENOUGH
) -> tuple[np.ndarray, list[str]]:
    """What tells own tumours from others in every type alike, a value a gene, and those types.

    The differences of type means are compared: a gene whose differences have one sign gets the
    smallest of them, the others 0. So a machine's shift is found, and what a type has by itself,
    as where the kidney's tumours are of another disease, is not. All 0 with fewer than two types of
    `n_each` tumours on both sides. `x`: tumours × genes.
    """
    counts = pd.crosstab(cancer_type, is_own).reindex(columns=[False, True], fill_value=0)
    types = [str(name) for name in counts.index[(counts >= n_each).all(axis=1)]]
    if len(types) < 2:
        return np.zeros(x.shape[1]), []
    of_type = [cancer_type == name for name in types]
    gaps = np.stack([x[t & is_own].mean(axis=0) - x[t & ~is_own].mean(axis=0) for t in of_type])
    is_common = (np.sign(gaps) == np.sign(gaps[0])).all(axis=0)
    return np.where(is_common, np.sign(gaps[0]) * np.abs(gaps).min(axis=0), 0.0), types


def _of_known_types(
    tumours: anndata.AnnData, known: pd.DataFrame, is_line: np.ndarray, file: str
) -> tuple[anndata.AnnData, list[str]]:
    """The tumours of types that have a line, with the reference's columns; notes on the others."""
    obs = tumours.obs.copy()
    said = obs.get("sample_type", pd.Series("primary", obs.index)).astype(str)
    is_tumour = said.isin(TUMOURS)
    words, notes = _in_words(obs["cancer_type"].astype(str), known, is_line)
    with_line = set(known["cancer_type"][is_line].astype(str))
    lacks = is_tumour & ~words.isin(with_line)
    if not (is_tumour & ~lacks).any():
        raise ValueError(
            f"tumours of {file} must be of a type that cell lines are of, which are "
            f"{', '.join(sorted(with_line))}; it has {_counts(words[is_tumour])}. Rename with: "
            'adata.obs["cancer_type"] = adata.obs["cancer_type"].astype(str).replace({…}), or give '
            "lines of these types with line_panel"
        )
    if lacks.any():
        notes.append(f"Left out, of types without a cell line: {_counts(words[lacks])}.")
    if not is_tumour.all():
        notes.append(f"Left out, no tumours: {_counts(said[~is_tumour])}.")
    others = said[is_tumour & ~lacks & (said != "primary")]
    if len(others):
        notes.append(f"Looked up like primary tumours: {_counts(others)}.")
    patient = obs["patient"] if "patient" in obs else obs.index.to_series()
    described = obs.assign(cancer_type=words, patient=patient.astype(str), sample_type="primary")
    if "purity" not in described:
        described["purity"] = np.nan
    own = tumours[(is_tumour & ~lacks).to_numpy()].copy()
    kept = [*{"patient", "cancer_type", "sample_type", "purity", *known} & set(described)]
    own.obs = described.loc[own.obs_names, sorted(kept)].assign(batch=file)
    own.obs["purity_source"] = np.where(own.obs["purity"].notna(), file, "estimated")
    return own, notes


def _in_words(
    types: pd.Series, known: pd.DataFrame, is_line: np.ndarray
) -> tuple[pd.Series, list[str]]:
    """Types in the reference's words: its own in any case, and codes of TCGA's studies."""
    ours = known["cancer_type"][is_line].astype(str).unique()
    by_word = {name.casefold(): name for name in ours}
    codes = {code.casefold(): organ for code, organ in _ORGANS.items() if organ in set(ours)}
    read = types.map(lambda name: (codes | by_word).get(name.casefold(), name))
    changed = types[read != types]
    notes = [
        f"'{name}' ({n}) read as '{read[changed.index[changed == name][0]]}'."
        for name, n in changed.value_counts().items()
    ]
    return read, notes


def _without_shift(joined: anndata.AnnData, file: str) -> str:
    """Take the common shift from the own tumours, in place; what was done."""
    rows = (joined.obs["sample_type"] != LINE).to_numpy()
    is_own, x = joined.obs["is_own"].to_numpy(bool), np.asarray(joined.X)
    types = joined.obs["cancer_type"].to_numpy(str)
    shift, shared = common_shift(x[rows].astype(float), is_own[rows], types[rows])
    if not shared:
        return (
            f"Values of {file} are taken as they are: fewer than two types have {_ENOUGH} tumours "
            "there and in the reference, so that a machine's shift cannot be told from a type's."
        )
    x[is_own] -= shift.astype(np.float32)
    joined.X = x
    return (
        f"What tells tumours of {file} from the reference's in {', '.join(shared)} alike was "
        f"taken from them: {np.abs(shift).mean():.2g} on the log scale, mean over genes."
    )


def _with_purity(joined: anndata.AnnData, file: str) -> list[str]:
    """Fill in purities of tumours, in place; how."""
    rows = (joined.obs["sample_type"] != LINE).to_numpy()
    tumours = joined[rows]
    columns = (tumours.obs[name] for name in ("cancer_type", "purity", "patient"))
    found = fill_purity(np.asarray(tumours.X), *columns)
    joined.obs.loc[rows, "purity"] = found.purity
    return [_purity_note(found, file)] if found.is_filled.any() else []


def _purity_note(found: FilledPurity, file: str) -> str:
    n, n_known = int(found.is_filled.sum()), int((~found.is_filled).sum())
    errors = (
        f", whose mean absolute error on held-out tumours is {found.error:.2g} (that of the type's "
        f"median {found.median_error:.2g})"
        if np.isfinite(found.error)
        else ""
    )
    return (
        f"Purity is not known for {n} {_noun(n)} of {file}: estimated by {found.method} from "
        f"{n_known} tumours that have one{errors}."
    )


def _check_names(own: pd.Index, lines: pd.Index, file: str) -> None:
    repeated = own.intersection(lines)
    if len(repeated):
        raise ValueError(
            f"sample names of {file} must not be those of cell lines; {repeated[0]!r} is in both. "
            'Rename with: adata.obs_names = "tumour-" + adata.obs_names'
        )


def _noun(n: int) -> str:
    return "tumour" if n == 1 else "tumours"


def _counts(values: pd.Series) -> str:
    return ", ".join(f"{name} {n}" for name, n in values.value_counts().items())
