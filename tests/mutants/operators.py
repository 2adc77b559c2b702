"""Small errors made in a source by rule: signs, comparisons, constants, statements left out.

Own operators, as the maintained tools do not fit here. mutmut runs its trampolines in place of the
functions, whose sources this project hashes and whose shapes jaxtyping reads; cosmic-ray starts a
process for each mutant, and importing torch takes longer than most tests. What is changed is a
piece of the text found by the syntax tree, so that lines stay where they were.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.mutants.mutant import Mutant

COMPARISONS = {
    ast.Lt: ("<", ">="),
    ast.Gt: (">", "<="),
    ast.LtE: ("<=", "<"),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.In: ("in", "not in"),
}
ARITHMETIC = {
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.Pow: ("**", "*"),
    ast.BitAnd: ("&", "|"),
    ast.BitOr: ("|", "&"),
}
NAMES = {
    "min": "max",
    "max": "min",
    "argmin": "argmax",
    "argmax": "argmin",
    "idxmax": "idxmin",
    "mean": "sum",
    "median": "max",
    "any": "all",
    "all": "any",
    "sqrt": "abs",
    "nanargmax": "nanargmin",
    "maximum": "minimum",
    "minimum": "maximum",
    "first": "last",
}
"""Functions and methods → others that take the same."""
SIGNS = {ast.USub: "-", ast.Not: "not ", ast.Invert: "~"}


def mutants_of(root: Path, file: str) -> list[Mutant]:
    """Every small error that the rules make in `file` of the tree at `root`."""
    text = (root / file).read_text(encoding="utf-8")
    source = _Source(file, text)
    return [mutant for node in _code(ast.parse(text)) for mutant in source.errors(node)]


def _code(tree: ast.Module) -> Iterator[ast.AST]:
    """Nodes that are run and matter: no annotations, decorators, messages or sentences."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom | ast.Assert):
            continue
        if isinstance(child, ast.FunctionDef):
            defaults = [*child.args.defaults, *filter(None, child.args.kw_defaults)]
            for part in [*defaults, *child.body]:
                yield part
                yield from _code(part)
        elif isinstance(child, ast.ClassDef):
            yield from _code(ast.Module(child.body, []))
        elif isinstance(child, ast.AnnAssign):
            if child.value is not None:
                yield child.value
                yield from _code(child.value)
        else:
            yield child
            yield from _code(child)


class _Source:
    """A file's text, and where its nodes are in it."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.lines = text.splitlines()

    def place(self, line: int, column: int) -> int:
        """Character of the text; the tree counts columns in bytes."""
        before = self.lines[line - 1].encode()[:column].decode()
        return self.starts[line - 1] + len(before)

    def span(self, node: ast.AST) -> tuple[int, int]:
        first = self.place(node.lineno, node.col_offset)
        return first, self.place(node.end_lineno, node.end_col_offset)

    def errors(self, node: ast.AST) -> Iterator[Mutant]:
        match node:
            case ast.Compare(ops=[operator], comparators=[right]):
                yield from self._between(
                    node.left, right, COMPARISONS.get(type(operator)), "compare"
                )
            case ast.BinOp():
                known = ARITHMETIC.get(type(node.op))
                yield from self._between(node.left, node.right, known, "arithmetic")
            case ast.BoolOp(values=[left, right, *_]):
                words = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
                yield from self._between(left, right, words, "and or")
            case ast.UnaryOp() if type(node.op) in SIGNS:
                first, _ = self.span(node)
                yield self._mutant(first, SIGNS[type(node.op)], "", "sign")
            case ast.Constant(value=bool() | int() | float()):
                yield from self._constant(node)
            case ast.Attribute(attr=name) if name in NAMES:
                _, last = self.span(node)
                yield self._mutant(last - len(name), name, NAMES[name], "function")
            case ast.Call(func=ast.Name(id=name) as called) if name in NAMES:
                yield self._mutant(self.span(called)[0], name, NAMES[name], "function")
            case ast.AugAssign() | ast.Expr(value=ast.Call()):
                first, last = self.span(node)
                yield self._mutant(first, self.text[first:last], "pass", "left out")
            case ast.IfExp():
                first, last = self.span(node.test)
                yield self._mutant(first, self.text[first:last], "True", "always")

    def _constant(self, node: ast.Constant) -> Iterator[Mutant]:
        first, last = self.span(node)
        value = node.value
        if isinstance(value, bool):
            new = str(not value)
        elif isinstance(value, int):
            new = str(value + 1)
        else:
            new = repr(value * 2 if value else 1.0)
        yield self._mutant(first, self.text[first:last], new, "constant")

    def _between(
        self, left: ast.AST, right: ast.AST, words: tuple[str, str] | None, what: str
    ) -> Iterator[Mutant]:
        """The operator between two nodes; brackets and comments may stand there too."""
        if words is None:
            return
        first, last = self.span(left)[1], self.span(right)[0]
        at = self.text.find(words[0], first, last)
        if at >= 0 and "#" not in self.text[first:at]:
            yield self._mutant(at, *words, what)

    def _mutant(self, at: int, old: str, new: str, what: str) -> Mutant:
        return Mutant(self.file, old, new, what, at=at)
