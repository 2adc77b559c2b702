"""Names that say nothing to a page, a terminal or a figure but what they look like.

Names of a stranger's file are shown in pages (Markdown, HTML), in figures (mathematics between
dollar signs), in tables and in lines of text. What has a meaning there becomes its nearest
look-alike, once, where the file is read, so that no place where a name is shown has to think of it.
"""

import unicodedata

import pandas as pd

_OBEYED = {"<": "‹", ">": "›", "`": "ʼ", "$": "§"}  # HTML, roles, mathematics
_MARKUP = {"|": "¦", "\\": "∖", "[": "(", "]": ")", "{": "(", "}": ")"}  # tables, links, roles
_IN_NAMES, _IN_SENTENCES = str.maketrans(_OBEYED | _MARKUP), str.maketrans(_OBEYED)
LONGEST = 200  # characters of a name; more are cut
_NAMES = ("patient", "cancer_type", "subtype", "batch", "sample_type")


def plain_name(name: str) -> str:
    """`name` in one line, without marks that nobody sees or that a page would obey.

    Line breaks, control characters and marks of direction become spaces, several of them one.
    """
    if name.isascii() and name.replace("_", "").replace("-", "").isalnum():
        return name
    return _in_one_line(name).translate(_IN_NAMES)[:LONGEST]


def plain_sentence(text: str) -> str:
    """A sentence that quotes a file, safe in a page; it may hold brackets and be long."""
    return _in_one_line(text).translate(_IN_SENTENCES).replace("](", "] (")  # no link


def _in_one_line(text: str) -> str:
    seen = (" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join("".join(seen).split())


def read_plain_names(obs: pd.DataFrame) -> list[str]:
    """Make the names of samples, patients and labels plain, in place; how many were not.

    A name that would then be another's keeps apart from it by a number.
    """
    notes = []
    names, n_changed = plain_index(obs.index)
    if n_changed:
        obs.index = names
        notes.append(_note("obs_names", n_changed))
    for column in [name for name in _NAMES if name in obs]:
        old = obs[column].astype(object)
        told = _apart({v: plain_name(v) for v in old.unique() if isinstance(v, str)})
        changed = {value: new for value, new in told.items() if value.strip() != new}
        if changed:
            obs[column] = old.map(lambda value, changed=changed: changed.get(value, value))
            notes.append(_note(f"obs['{column}']", int(old.isin([*changed]).sum())))
    return notes


def plain_index(names: pd.Index) -> tuple[pd.Index, int]:
    """Names of samples or features made plain, and how many were not; other kinds stay."""
    told = _apart({name: plain_name(name) for name in names if isinstance(name, str)})
    n_changed = sum(old != new for old, new in told.items())
    return (names.map(lambda name: told.get(name, name)), n_changed) if n_changed else (names, 0)


def _apart(told: dict[str, str]) -> dict[str, str]:
    """The same with a number behind a changed name that is another's already."""
    taken = {old for old, new in told.items() if old == new}
    for old, new in told.items():
        if old == new:
            continue
        name, number = new or "unnamed", 2
        while name in taken:
            name, number = f"{new or 'unnamed'} ({number})", number + 1
        taken.add(name)
        told[old] = name
    return told


def _note(where: str, n: int) -> str:
    return f"{where}: {n} have signs that pages and figures would obey, shown as look-alikes."
