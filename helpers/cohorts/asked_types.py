"""Which cancer types are meant by a list of names, some of which have spaces and commas in them."""

import re
from collections.abc import Iterable, Sequence

_MOST_READINGS = 50


def types_asked(
    present: Iterable[str], asked: str = "default", default: Sequence[str] = ()
) -> list[str]:
    """The cancer types that `asked` names, in its order, each once; all in alphabetical order.

    `asked`: "all"; "default" (the types `default`, all if there are none); or labels separated by
    spaces or commas. A label may hold spaces and commas itself: what is given is read as labels
    that there are, and a semicolon parts labels that could be read in two ways.

    Raises:
        ValueError: an unknown label, or a list with two readings; says what there is.
    """
    labels = sorted({str(name) for name in present})
    if asked == "all" or (asked == "default" and not default and "default" not in labels):
        return labels
    if asked == "default" and default:
        return list(default)
    if asked.strip() in labels and not _parts(asked.strip(), labels):
        return [asked.strip()]
    parts = (
        asked.split(";") if ";" in asked and not any(";" in name for name in labels) else [asked]
    )
    is_parted = len(parts) > 1
    chosen: list[str] = []
    for part in (part.strip(" ,") for part in parts):
        chosen += [part] if is_parted and part in labels else _read_list(part, labels)
    if not chosen:
        raise ValueError(_unknown(labels, asked or "nothing"))
    return list(dict.fromkeys(chosen))


def _read_list(text: str, labels: list[str]) -> list[str]:
    readings = {tuple(dict.fromkeys(reading)) for reading in _readings(text, labels)}
    if len(readings) == 1:
        return list(readings.pop())
    if readings:
        one, other = sorted(readings, key=len)[:2]
        raise ValueError(
            f"cancer_types = {text!r} can be read as {' and '.join(map(repr, one))} or as "
            f"{' and '.join(map(repr, other))}. Part the labels by semicolons: "
            f"{'; '.join(one)};  or {'; '.join(other)};"
        )
    raise ValueError(_unknown(labels, _unread(text, labels)))


def _readings(text: str, labels: list[str]) -> list[list[str]]:
    """Every way to read all of `text` as labels with spaces and commas between them."""
    found: list[list[str]] = []
    open_ones: list[tuple[int, list[str]]] = [(0, [])]
    while open_ones and len(found) < _MOST_READINGS:
        start, names = open_ones.pop()
        start = re.compile(r"[\s,]*").match(text, start).end()
        if start == len(text):
            found.append(names)
            continue
        for name in labels:
            end = start + len(name)
            if (
                name
                and text.startswith(name, start)
                and text[end : end + 1] in {"", " ", ",", "\t"}
            ):
                open_ones.append((end, [*names, name]))
    return found


def _unread(text: str, labels: list[str]) -> str:
    """What is left of `text` without the labels in it."""
    for name in sorted(labels, key=len, reverse=True):
        text = re.sub(rf"(?<![^\s,]){re.escape(name)}(?![^\s,])", ",", text) if name else text
    return " ".join(text.replace(",", " ").split()) or text


def _unknown(labels: list[str], unread: str) -> str:
    between = "; " if any(re.search(r"[\s,]", name) for name in labels) else " "
    return f"cancer_types must be of {between.join(labels)}, or 'default' or 'all'; got {unread}"
