"""What the program can say to a visitor in English, read off its own code: refusals, doubts, what a model did wrong."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT

__all__ = ["Said", "said_in"]

# Errors whose words reach the page, and calls that hand a sentence on to it; which of their arguments says it.
TOLD = {"SourceError": 1, "SourceSkippedError": 1, "NoSitemapError": 1, "RefusedError": 0, "LLMError": 0}
TOLD |= {"TransientError": 0, "LateError": 0, "QuestionError": 0, "Remark": 0, "IndexBusyError": 0, "warn": 0}
LISTS = frozenset({"warnings", "skipped"})
NAMED = frozenset({"warnings", "problem"})
PLACES = "abcdefgh"
DEEPEST = 6


@dataclass
class Said:
    """One sentence: where it is written, and its words with `{a}`, `{b}` … for what is put in."""

    where: str
    words: str

    @property
    def filled(self) -> str:
        """The sentence with something put in; what may be glued to a word, a bracket or nothing, is left out."""
        alone = re.sub(r"(?<=[\w}])\{\w\}", "", self.words)
        alone = f"#z{alone}" if alone.startswith(" (") else alone  # what stands behind another one
        return re.sub(r"\{(\w)\}", r"#\1", alone).strip(" ;")


@dataclass
class _Module:
    path: Path
    tree: ast.Module
    texts: dict[str, list[ast.expr]] = field(default_factory=dict)
    returns: dict[str, list[ast.expr]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self.texts.setdefault(target.id, []).append(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                self.texts.setdefault(node.target.id, []).append(node.value)
            elif isinstance(node, ast.FunctionDef):
                found = [one.value for one in ast.walk(node) if isinstance(one, ast.Return | ast.Yield) and one.value]
                self.returns.setdefault(node.name, []).extend(found)


def said_in(*folders: str) -> list[Said]:
    """Return every sentence that the code in some folders hands on, each once."""
    found_in = [[ROOT / one] if one.endswith(".py") else sorted((ROOT / one).rglob("*.py")) for one in folders]
    paths = [path for several in found_in for path in several]
    modules = [_Module(path, ast.parse(path.read_text("utf-8"))) for path in paths]
    returns: dict[str, list[tuple[_Module, ast.expr]]] = {}
    for module in modules:
        for name, values in module.returns.items():
            returns.setdefault(name, []).extend((module, value) for value in values)
    found = {}
    for module in modules:
        for node in ast.walk(module.tree):
            for argument, fix in _told(node):
                for words in _with_fix(module, argument, fix, returns):
                    if words.startswith("["):  # it stands in a document's text
                        continue
                    where = f"{module.path.relative_to(ROOT)}:{argument.lineno}"
                    found.setdefault(words, Said(where, words))
    return list(found.values())


def _told(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """Yield what a call says, and what it says to do about it."""
    if not isinstance(node, ast.Call):
        return
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in TOLD and len(node.args) > TOLD[name]:
        fixes = [one.value for one in node.keywords if one.arg == "fix"] + node.args[TOLD[name] + 1 :]
        yield node.args[TOLD[name]], fixes[0] if fixes else None
    elif name == "append" and isinstance(node.func, ast.Attribute) and node.args:
        of = node.func.value
        if (of.attr if isinstance(of, ast.Attribute) else getattr(of, "id", "")) in LISTS:
            yield (node.args[0].elts[-1] if isinstance(node.args[0], ast.Tuple) else node.args[0]), None
    for one in node.keywords:
        if one.arg in NAMED:
            several = one.value.elts if isinstance(one.value, ast.Tuple) else [one.value]
            yield from ((each.value if isinstance(each, ast.Starred) else each, None) for each in several)


def _with_fix(
    module: _Module, said: ast.expr, fix: ast.expr | None, returns: dict[str, list[tuple[_Module, ast.expr]]]
) -> Iterator[str]:
    """Yield what an error says, the problem and its fix in one sentence as people see them."""
    if fix is None:
        yield from _words(module, said, returns, 0)
        return
    alone = [str(said.value)] if isinstance(said, ast.Constant) else list(_words(module, said, returns, 0))
    problems = alone or ["{a}"]
    fixes = list(_words(module, fix, returns, 0)) or ["{h}"]
    for problem in problems:
        for one in fixes:
            yield f"{problem}; {_relettered(one, problem)}"


def _relettered(fix: str, problem: str) -> str:
    """Return a fix whose placeholders are not those of the problem before it."""
    free = iter(letter for letter in PLACES if f"{{{letter}}}" not in problem)
    return re.sub(r"\{\w\}", lambda _: f"{{{next(free)}}}", fix)


def _words(
    module: _Module, node: ast.expr, returns: dict[str, list[tuple[_Module, ast.expr]]], depth: int
) -> Iterator[str]:
    """Yield the sentences that an expression may give."""
    if depth > DEEPEST:
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if " " in node.value.strip():
            yield re.sub(r"\{\w+\}", "{a}", node.value)  # a template that is filled elsewhere
    elif isinstance(node, ast.JoinedStr):
        yield from _filled(module, node, returns, depth)
    elif isinstance(node, ast.IfExp):
        yield from _words(module, node.body, returns, depth)
        yield from _words(module, node.orelse, returns, depth)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _words(module, value, returns, depth)
    elif isinstance(node, ast.Tuple | ast.List) and node.elts:
        table = all(isinstance(one, ast.Tuple) for one in node.elts)  # pairs of a mark and a sentence
        for one in node.elts if table else node.elts[-1:]:
            yield from _words(module, one, returns, depth)
    elif isinstance(node, ast.GeneratorExp):
        yield from _words(module, node.generators[0].iter, returns, depth)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _words(module, value, returns, depth)
    elif isinstance(node, ast.Name):
        for value in module.texts.get(node.id, []):
            yield from _words(module, value, returns, depth + 1)
    elif isinstance(node, ast.Subscript):
        yield from _words(module, node.value, returns, depth)
    elif isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in ("get", "removeprefix", "format") and isinstance(node.func, ast.Attribute):
            yield from _words(module, node.func.value, returns, depth + 1)
        if name == "next":
            for value in node.args:
                yield from _words(module, value, returns, depth + 1)
        for where, value in returns.get(name, []):
            yield from _words(where, value, returns, depth + 1)


def _filled(
    module: _Module, node: ast.JoinedStr, returns: dict[str, list[tuple[_Module, ast.expr]]], depth: int
) -> Iterator[str]:
    """Yield a sentence with letters for what is put in, and the sentences that are put in."""
    words, places = "", iter(PLACES)
    for part in node.values:
        if isinstance(part, ast.Constant):
            words += str(part.value)
        elif isinstance(part, ast.FormattedValue):
            words += f"{{{next(places)}}}"
            yield from _words(module, part.value, returns, depth + 1)
    if " " in words.strip():
        yield words
