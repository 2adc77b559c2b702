"""What a notebook may be given: names, types, defaults, comments; the check of what is given."""

import ast
import difflib
import json
import numbers
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers import files
from helpers.runs.ranges import check_range

TRUE, FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


@dataclass(frozen=True)
class Parameter:
    """One line `name: type = default  # comment` of a notebook's parameters cell."""

    name: str
    type: str
    default: Any
    comment: str


def notebook_parameters(path: str | Path) -> list[Parameter]:
    """Parameters of the notebook at `path`, in the order of its parameters cell.

    They are what `papermill.inspect_notebook` sees, so plain papermill agrees.

    Raises:
        ValueError: the cell has a line that papermill does not read as a parameter, or a default
            that is not a literal.
    """
    import papermill

    seen = papermill.inspect_notebook(str(path))
    _refuse_unread_lines(Path(path), set(seen))
    return [_parameter(Path(path), entry) for entry in seen.values()]


def check_parameters(
    given: Mapping[str, Any], parameters: Sequence[Parameter], notebook: str = "the notebook"
) -> dict[str, Any]:
    """Value of each of a notebook's `parameters`: the given one, converted, or the default.

    The one place where ranges and choices are checked (see `ranges`), for every command.

    Strings are read as the declared type ("1e-3" for a float, "true" for a bool, "a, b" or
    '["a", "b"]' for a list), which serves the command line and YAML alike; integers pass for
    floats, nothing else passes for another type. `notebook` is only named in errors.

    Raises:
        ValueError: a name is none of theirs (the nearest one is suggested) or a value has the
            wrong type, or lies outside its range or choices.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in by_name:
            raise ValueError(
                f"unknown parameter `{name}` of {notebook}{nearest(name, by_name)}. "
                f"All: {', '.join(by_name) or 'none'}"
            )
    return {
        name: _checked(given[name], parameter, notebook) if name in given else parameter.default
        for name, parameter in by_name.items()
    }


def nearest(name: str, candidates: Sequence[str] | Mapping[str, Any]) -> str:
    """'; nearest: `…`' for the entry of `candidates` most like `name`, '' if nothing is like it."""
    matches = difflib.get_close_matches(name, list(candidates), n=1, cutoff=0.5)
    return f"; nearest: `{matches[0]}`" if matches else ""


def _checked(value: Any, parameter: Parameter, notebook: str) -> Any:
    try:
        converted = _convert(value, parameter.type)
    except (TypeError, ValueError, OverflowError, SyntaxError, RecursionError, MemoryError):
        example = json.dumps(parameter.default)
        meaning = f" ({parameter.comment})" if parameter.comment else ""
        raise ValueError(
            f"`{parameter.name}` of {notebook} is {parameter.type}{meaning}: "
            f"got {value!r} ({type(value).__name__}). Give for example {example}"
        ) from None
    check_range(parameter.name, converted, parameter.comment, parameter.default)
    return converted


def _convert(value: Any, kind: str) -> Any:
    if match := re.fullmatch(r"Optional\[(.+)\]", kind):
        is_none = value is None or (isinstance(value, str) and value.lower() in ("none", "null"))
        return None if is_none else _convert(value, match[1])
    if match := re.fullmatch(r"[Ll]ist(?:\[(.+)\])?", kind):
        return [_convert(item, match[1] or "Any") for item in _items(value)]
    return SCALARS[kind](value)


def _items(value: Any) -> list:
    if isinstance(value, str):
        inner = value.strip()
        if inner.startswith("["):
            return list(ast.literal_eval(inner))
        return [part.strip() for part in inner.split(",") if part.strip()]
    if isinstance(value, list | tuple):
        return list(value)
    raise TypeError("not a list")


def _int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral | str):
        raise TypeError("not an integer")
    return int(value)


def _float(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real | str):
        raise TypeError("not a number")
    number = float(value)
    if number - number != 0:
        raise ValueError("not finite")
    return number


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in TRUE | FALSE:
        return value.lower() in TRUE
    raise TypeError("not a truth value")


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _any(value: Any) -> Any:
    return value


SCALARS = {"int": _int, "float": _float, "bool": _bool, "str": _str, "Any": _any}


def _parameter(path: Path, entry: Mapping[str, str]) -> Parameter:
    try:
        default = ast.literal_eval(entry["default"])
    except (ValueError, SyntaxError):
        raise ValueError(
            f"parameter `{entry['name']}` of {path.stem} must have a literal default: "
            f"got `{entry['default']}`. Derive values in a later cell"
        ) from None
    kind = entry["inferred_type_name"]
    kind = type(default).__name__ if kind == "None" else kind.replace(" ", "")
    try:
        _convert(default, kind)
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            f"parameter `{entry['name']}` of {path.stem} must be one of {', '.join(SCALARS)}, "
            f"list[…] or Optional[…], with a default of that type: got `{kind}` and {default!r}"
        ) from None
    return Parameter(entry["name"], kind, default, entry["help"])


def _refuse_unread_lines(path: Path, seen: set[str]) -> None:
    cells = files.read_json(path)["cells"]
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    for cell in tagged[:1]:
        for statement in ast.parse("".join(cell["source"])).body:
            targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
            if getattr(targets[0], "id", None) not in seen:
                raise ValueError(
                    f"papermill cannot read `{ast.unparse(statement)}` in the parameters cell of "
                    f"{path.stem}: write `name: type = literal  # comment`, with no `=` or `#` in "
                    "the literal or the comment"
                )
