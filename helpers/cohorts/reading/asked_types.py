"""Which cancer types are meant by a list of names, some of which have spaces and commas in them."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

_BETWEEN = re.compile(r"[\s,]*")


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
    if asked == "default" and default:
        return list(default)
    if asked in ("all", "default"):
        return labels
    is_parted = ";" in asked and not any(";" in name for name in labels)
    chosen: list[str] = []
    for part in asked.split(";") if is_parted else [asked]:
        part = part.strip(" ,")
        chosen += [part] if is_parted and part in labels else _read_list(part, labels)
    if not chosen:
        raise ValueError(_unknown(labels, "none"))
    return list(dict.fromkeys(chosen))


def _read_list(text: str, labels: list[str]) -> list[str]:
    readings = [list(names) for names in dict.fromkeys(_readings(text, labels))]
    if not readings:
        raise ValueError(_unknown(labels, _unread(text, labels)))
    if len(readings) > 1:
        one, other = sorted(readings, key=len)
        raise ValueError(
            f"cancer_types = {text!r} can be read as {' and '.join(map(repr, one))} or as "
            f"{' and '.join(map(repr, other))}. Put a semicolon after each label: "
            f"{'; '.join(one)}; or {'; '.join(other)};"
        )
    return readings[0]


def _readings(text: str, labels: list[str]) -> list[tuple[str, ...]]:
    """Ways to read all of `text` as labels with spaces and commas between them, at most two."""

    @cache
    def after(start: int) -> list[tuple[str, ...]]:
        start = _BETWEEN.match(text, start).end()
        if start == len(text):
            return [()]
        found: list[tuple[str, ...]] = []
        for name in labels:
            end = start + len(name)
            if name and text.startswith(name, start) and not text[end : end + 1].strip(" ,\t"):
                found += [(name, *rest) for rest in after(end)]
        return found[:2]

    return after(0)


def _unread(text: str, labels: list[str]) -> str:
    """What is left of `text` without the labels in it."""
    for name in sorted(filter(None, labels), key=len, reverse=True):
        text = re.sub(rf"(?<![^\s,]){re.escape(name)}(?![^\s,])", ",", text)
    return " ".join(text.replace(",", " ").split()) or text


def _unknown(labels: list[str], unread: str) -> str:
    between = "; " if any(re.search(r"[\s,]", name) for name in labels) else " "
    return f"cancer_types must be of {between.join(labels)}, or 'default' or 'all'; got {unread}"
