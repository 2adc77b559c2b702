"""YAML read safely (by ruamel.yaml, version 1.2 of the language), with the line of every value.

Refused, because readers of YAML differ on it or take it for something else: `010` (8 to some, 10 to
others), `1:30` (90 to some), `.5e3` and tuples (text), tags, anchors, a name given twice.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent

TRAPS = (
    (re.compile(r"[-+]?0\d[\d_]*"), "some readers of YAML count `{}` in eights: write plainly"),
    (re.compile(r"[-+]?\d+(:\d+)+"), "some readers of YAML count `{}` in sixties: write plainly"),
    (re.compile(r"[-+]?\.\d+[eE]\d+"), "`{}` is text to YAML: write a digit before its point"),
    (re.compile(r"\(.*", re.DOTALL), "YAML has no tuples and reads `{}` as text: write [a, list]"),
)
"""What a value without quotes must not be, and what to write instead."""

Place = tuple[str | int, ...]  # of a value: ("grid", "n_latent", 0)


@dataclass(frozen=True)
class LocatedYaml:
    """Content of the YAML file `name` and the line of each of its values, by place."""

    name: str
    content: dict[str, Any]
    lines: dict[Place, int]

    def refuse(self, place: Place, message: str) -> NoReturn:
        """Raise a ValueError that names the file and the line of `place`, or of what holds it."""
        raise ValueError(f"{self.name}, line {self.line(place)}: {message}")

    def line(self, place: Place) -> int:
        """Line of the value at `place`; where there is none, of the nearest that holds it."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


def read_yaml(path: str | Path) -> LocatedYaml:
    """Content of the YAML file at `path`, which must be fields with values.

    Raises:
        ValueError: the file cannot be read, is not YAML, or holds what readers of YAML differ on;
            the message names file and line.
    """
    path = Path(path)
    located = LocatedYaml(path.name, {}, {(): 1})
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_traps(text, path.name)
        fields = YAML().load(text)
    except OSError as error:
        raise ValueError(f"cannot read the sweep {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not text in UTF-8") from None
    except YAMLError as error:
        raise ValueError(_in_one_line(error, path.name)) from None
    if not isinstance(fields, dict):
        raise ValueError(f"{path.name}, line 1: must be fields with values, such as `notebook: …`")
    located.content.update(_plain(fields, (), located))
    return located


def _refuse_traps(text: str, name: str) -> None:
    for event in YAML().parse(text):
        line = f"{name}, line {event.start_mark.line + 1}"
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise ValueError(f"{line}: anchors and aliases are not used here: write the values out")
        if tag := getattr(event, "tag", None):
            short = str(tag).replace("tag:yaml.org,2002:", "!!")
            raise ValueError(f"{line}: `{short}` is not plain YAML: write a number, text or a list")
        value = getattr(event, "value", None)
        if value is not None and event.style is None:
            for pattern, message in TRAPS:
                if pattern.fullmatch(value):
                    raise ValueError(f"{line}: {message.format(value)}")


def _plain(value: Any, place: Place, located: LocatedYaml) -> Any:
    """`value` in Python's own types; the lines of what it holds go into `located`."""
    if isinstance(value, dict):
        return {key: _entry(value, key, place, located) for key in value}
    if isinstance(value, list):
        for i in range(len(value)):
            located.lines[(*place, i)] = value.lc.item(i)[0] + 1
        return [_plain(item, (*place, i), located) for i, item in enumerate(value)]
    for kind in (bool, int, float, str):  # ruamel's remember how they were written
        if isinstance(value, kind):
            return kind(value)
    return value


def _entry(fields: Any, key: Any, place: Place, located: LocatedYaml) -> Any:
    """Value of a field, whose line is the value's own or, of a block, its name's."""
    key_line = fields.lc.key(key)[0] + 1
    if not isinstance(key, str):
        raise ValueError(f"{located.name}, line {key_line}: a name must be text: got `{key}`")
    value, within = fields[key], (*place, str(key))
    is_block = isinstance(value, dict | list)
    located.lines[within] = key_line if is_block else fields.lc.value(key)[0] + 1
    return _plain(value, within, located)


def _in_one_line(error: YAMLError, name: str) -> str:
    if not isinstance(error, MarkedYAMLError):
        return f"{name}: not YAML: {' '.join(str(error).split())}"
    where = f"{name}, line {error.problem_mark.line + 1}" if error.problem_mark else name
    return f"{where}: not YAML: " + " ".join(filter(None, (error.context, error.problem)))
