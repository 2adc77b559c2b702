"""YAML read safely, with the line of every value, and without YAML's traps.

Refused, because YAML would silently take them for something else: `1e-3` (text in YAML 1.1), a
tuple (text), `010` (8) and `1:30` (90), a name given twice (the first is dropped).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml

TEXT_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+")
ODD_NUMBER = re.compile(r"[-+]?(0\d|.*:)")

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class LocatedYaml:
    """Content of the YAML file `name` and the line of each of its values, by path."""

    name: str
    content: dict[str, Any]
    lines: dict[Path_, int]

    def refuse(self, path: Path_, message: str) -> NoReturn:
        """Raise a ValueError that names the file and the line of `path`, or of what holds it."""
        raise ValueError(f"{self.name}, line {self.line(path)}: {message}")

    def line(self, path: Path_) -> int:
        """Line of the value at `path`; where there is none, of the nearest that holds it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(path: str | Path) -> LocatedYaml:
    """Content of the YAML file at `path`, which must be fields with values.

    Raises:
        ValueError: the file cannot be read, is not YAML, or holds what YAML would misread; the
            message names file and line.
    """
    path = Path(path)
    try:
        root = _compose(path.read_text(encoding="utf-8"))
        lines: dict[Path_, int] = {}
        content = _Reader(path.name, lines).read(root, ()) if root else None
    except OSError as error:
        raise ValueError(f"cannot read the sweep {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is not text in UTF-8") from None
    except yaml.YAMLError as error:
        raise ValueError(f"{_where(path.name, error)}: not YAML: {_problem(error)}") from None
    if not isinstance(content, dict):
        raise ValueError(f"{path.name}, line 1: must be fields with values, such as `notebook: …`")
    return LocatedYaml(path.name, content, lines)


def _compose(text: str) -> yaml.Node | None:
    """Nodes of the document; anchors are no part of it, so it is as long as it looks."""
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases are not used here: write the values out",
                problem_mark=event.start_mark,
            )
    return yaml.compose(text, Loader=yaml.SafeLoader)


class _Reader:
    """Nodes → Python values, noting lines on the way."""

    def __init__(self, name: str, lines: dict[Path_, int]) -> None:
        self.name, self.lines = name, lines

    def read(self, node: yaml.Node, path: Path_) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return dict(self._entries(node, path))
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return [self.read(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node)

    def _entries(self, node: yaml.MappingNode, path: Path_) -> Iterator[tuple[str, Any]]:
        seen = set()
        for key_node, value in node.value:
            key = key_node.value
            if key_node.tag != "tag:yaml.org,2002:str":
                self._refuse(key_node, f"a name must be text: got `{key}`")
            if key in seen:
                self._refuse(key_node, f"`{key}` is given twice: keep one")
            seen.add(key)
            is_scalar = isinstance(value, yaml.ScalarNode)
            self.lines[(*path, key)] = (value if is_scalar else key_node).start_mark.line + 1
            yield key, self.read(value, (*path, key))

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            value = yaml.constructor.SafeConstructor().construct_object(node, deep=True)
        except yaml.YAMLError:
            tag = node.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(node, f"`{tag}` is not plain YAML: write a number, text or [a list]")
        if isinstance(value, str) and node.style is None:
            self._check_text(node, value)
        elif isinstance(value, int | float) and ODD_NUMBER.match(node.value):
            self._refuse(node, f"YAML reads `{node.value}` as {value!r}: write the number plainly")
        return value

    def _check_text(self, node: yaml.Node, text: str) -> None:
        if TEXT_NUMBER.fullmatch(text):
            number = _as_yaml(float(text))
            self._refuse(node, f"YAML reads `{text}` as text, not as a number: write {number}")
        if text.startswith("("):
            self._refuse(node, f"YAML has no tuples and reads `{text}` as text: write [a, list]")

    def _refuse(self, node: yaml.Node, message: str) -> NoReturn:
        raise ValueError(f"{self.name}, line {node.start_mark.line + 1}: {message}")


def _as_yaml(number: float) -> str:
    """`number` as YAML 1.1 reads it: with a point, and a sign in its exponent."""
    mantissa, e, exponent = repr(number).partition("e")
    if not e:
        return mantissa
    sign = "" if exponent[0] in "+-" else "+"
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{sign}{exponent}"


def _where(name: str, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"{name}, line {mark.line + 1}" if mark else name


def _problem(error: yaml.YAMLError) -> str:
    parts = (getattr(error, "context", None), getattr(error, "problem", None))
    return " ".join(part for part in parts if part) or " ".join(str(error).split())
