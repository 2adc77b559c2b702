"""Tumour, normal or cell line: the words of GDC, TCGA's codes, DepMap and others in ours."""

import re

import pandas as pd

from helpers.cohorts.reading.missing_words import as_numbers, counted, is_missing_word
from helpers.cohorts.tcga.barcodes import SAMPLE_TYPES

TUMOURS = ("primary", "blood", "metastasis")
"""Sample types that stand for their cancer type, in the order in which a patient's are taken."""

UNKNOWN_SAMPLE = "unknown"
"""obs["sample_type"] of a sample of which it is not known."""

OURS = (*dict.fromkeys(SAMPLE_TYPES.values()), "organoid")
_CODES = {
    "tp": "primary",
    "tr": "recurrent",
    "tb": "blood",
    "trbm": "recurrent blood",
    "tap": "additional primary",
    "tm": "metastasis",
    "tam": "additional metastasis",
    "tbm": "blood",
    "nb": "normal",
    "nt": "normal",
    "nbc": "normal",
    "nat": "normal",
    "cellc": "control",
    "t": "primary",
    "n": "normal",
    "m": "metastasis",
    "met": "metastasis",
}
# The first that is found in a word decides.
_SIGNS = (
    ("xenograft", r"xenograft|\bpdx\b"),
    ("organoid", r"organoid|next generation cancer model"),
    ("cell line", r"cell ?lines?\b|^line$|^lines$|immortali[sz]ed"),
    ("normal", r"normal|healthy|adjacent|\b(non|no|not|free)\b"),
    ("normal", r"\bnon(tumou?r|malignan|cancer|neoplas)|benign|tumou?r ?free|cancer ?free"),
    ("control", r"control"),
    ("recurrent blood", r"recurrent blood"),
    ("additional metastasis", r"additional metasta"),
    ("additional primary", r"additional (new )?primary"),
    ("recurrent", r"recurren|relapse"),
    ("metastasis", r"metasta"),
    ("blood", r"blood derived (cancer|tumou?r)|leuka?emia|^blood$"),
    ("primary", r"primary|tumou?r|cancer|carcinoma|neoplasm|malignan|^case$"),
)  # fmt: skip


def read_sample_types(obs: pd.DataFrame) -> list[str]:
    """Put obs["sample_type"] into our words, in place; what was read as what, counted.

    A word that says nothing known stays as it is; one that stands for a missing value becomes
    "unknown". There may be no such column.
    """
    if "sample_type" not in obs:
        return []
    column = obs["sample_type"].astype(object)
    found = {value: _ours(value) for value in column.dropna().unique()}
    if not set(map(_plain, map(str, found))) <= {*_CODES, *OURS}:
        # A "T" among words that are not abbreviations may be anything.
        found |= {value: str(value) for value in found if len(str(value).strip()) == 1}
    found |= _as_codes(column) or {}
    obs["sample_type"] = column.map(found).fillna(UNKNOWN_SAMPLE).astype(str)
    notes = []
    for ours in dict.fromkeys(found.values()):
        of_it = column[column.map(lambda value, ours=ours: found.get(value) == ours)]
        words = of_it[of_it.map(str) != ours]
        if ours != UNKNOWN_SAMPLE and len(words):
            notes.append(f"obs['sample_type']: {counted(words)} read as {ours!r}.")
    n_unknown = int((obs["sample_type"] == UNKNOWN_SAMPLE).sum())
    if n_unknown:
        notes.append(f"obs['sample_type'] is missing for {n_unknown} samples: no tumours.")
    return notes


def check_sample_types(obs: pd.DataFrame, path: object) -> None:
    """Return if some sample is called a tumour, or none is called anything.

    Raises:
        ValueError: no sample is; names what they are called, and the line that says otherwise.
    """
    if "sample_type" not in obs or obs["sample_type"].isin(TUMOURS).any():
        return
    n = obs["sample_type"].value_counts()
    named = ", ".join(f"{name} ({count})" for name, count in n.items())
    unread = sorted(set(n.index) - set(OURS) - {UNKNOWN_SAMPLE})
    rule = f'obs["sample_type"] of {path} must call tumours {", ".join(sorted(TUMOURS))}; it has '
    if not unread:
        raise ValueError(f"{rule}{named}, and no tumour. Add the tumours to the file")
    raise ValueError(
        f'{rule}{named}. If {unread[0]} are tumours, say so with: adata.obs["sample_type"] = '
        f'adata.obs["sample_type"].astype(str).replace({{"{unread[0]}": "primary"}})'
    )


def _plain(word: str) -> str:
    return re.sub(r"[\s_./-]+", " ", word).strip().casefold()


def _ours(value: object) -> str:
    word = _plain(str(value))
    if word in OURS or word in _CODES:
        return _CODES.get(word, word)
    if is_missing_word(str(value)) or not word:
        return UNKNOWN_SAMPLE
    code = re.fullmatch(r"(\d\d)[a-z]?", word)
    if code and code[1] in SAMPLE_TYPES:
        return SAMPLE_TYPES[code[1]]
    return next((ours for ours, sign in _SIGNS if re.search(sign, word)), str(value).strip())


def _as_codes(column: pd.Series) -> dict[object, str] | None:
    """TCGA's numbers for sample types, where the column holds nothing else: 1, 11, "06"."""
    known = column.dropna()
    values, is_unread = as_numbers(known)
    codes = {value: f"{n:02.0f}" for value, n in zip(known, values, strict=True) if n == n}
    if is_unread.any() or not codes or not set(codes.values()) <= set(SAMPLE_TYPES):
        return None
    return {value: SAMPLE_TYPES[code] for value, code in codes.items()}
