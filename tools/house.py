"""Prints how the house is built: files a folder, arrows between folders, circles, a question's stays, language tables.

    python tools/house.py [QUESTION]     over the sample articles, indexed in a temporary folder

An arrow is an import from one folder to another, whether at the top of a module or later; what only names types does
not count. A stay is a call that `answer_events` makes to another module while it answers; a return is one to a module
where it has been before. A crossing is a place in the code of `rag` from where the way goes to another of its folders.
"""

from __future__ import annotations

import ast
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

__all__ = ["arrows", "circles", "imports", "language_tables", "way_of"]

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("index", "rag", "ui")
QUESTION = "Who heads the AOI?"
_MOST = 14  # files of a folder that are still seen at once

Graph = Mapping[str, frozenset[str]]


def modules() -> dict[str, Path]:
    """Return the modules of the packages by their names."""
    found = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports() -> Graph:
    """Return which of our modules each one imports when it runs."""
    known = modules()
    return {name: frozenset(set(_imported(path, known)) - {name}) for name, path in known.items()}


def _imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    asides = (one for one in ast.walk(tree) if isinstance(one, ast.If) and "TYPE_CHECKING" in ast.dump(one.test))
    named = {id(node) for one in asides for node in ast.walk(one)}
    for node in ast.walk(tree):
        if id(node) in named:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (one if one in known else node.module for one in whole if {one, node.module} & known.keys())
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)


def folder_of(module: str) -> str:
    """Return the folder of a module below its package; a module of the package itself counts as one."""
    return ".".join(module.split(".")[:2])


def package_of(module: str) -> str:
    """Return the package of a module."""
    return module.partition(".")[0]


def arrows(graph: Graph, package: str) -> int:
    """Return how many pairs of folders of a package are joined by an import."""
    pairs = {(folder_of(one), folder_of(other)) for one, others in graph.items() for other in others}
    return sum(one != other and {package_of(one), package_of(other)} == {package} for one, other in pairs)


def circles(graph: Graph) -> list[list[str]]:
    """Return the modules that import each other, however far around (Tarjan 1972, by the plain way of reachability)."""
    reached = {one: _reachable(graph, one) for one in graph}
    groups = {tuple(sorted(other for other in reached[one] if one in reached[other])) for one in graph}
    return sorted(list(group) for group in groups if group)


def _reachable(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        if (one := waiting.pop()) not in seen:
            seen.add(one)
            waiting += graph.get(one, ())
    return seen


def way_of(question: str, index_dir: Path) -> tuple[list[str], set[tuple[str, int, str]]]:
    """Return the modules that `answer_events` calls while it answers a question, in their order, and all crossings."""
    from rag import Assistant

    stays: list[str] = []
    crossings: set[tuple[str, int, str]] = set()

    def watch(frame: FrameType, event: str, _: object) -> None:
        caller = frame.f_back
        if event != "call" or caller is None:
            return
        before, module = (str(one.f_globals.get("__name__", "")) for one in (caller, frame))
        if caller.f_code.co_name == "answer_events" and module != before and package_of(module) in PACKAGES:
            stays.append(module)
        if package_of(before) == package_of(module) == "rag" and folder_of(before) != folder_of(module):
            crossings.add((before, caller.f_lineno, module))

    assistant = Assistant(index_dir)
    assistant.answer(question)  # models are loaded
    sys.setprofile(watch)
    try:
        assistant.answer(question)
    finally:
        sys.setprofile(None)
    return stays, crossings


def language_tables() -> tuple[int, int]:
    """Return how many literals in the code hold letters beyond ASCII, documentation aside, and on how many lines."""
    count, lines = 0, 0
    for path in modules().values():
        tree = ast.parse(path.read_text("utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said]
        words = [one for one in found if isinstance(one.value, str) and _has_words(one.value)]
        count += len(words)
        lines += len({one.lineno for one in words})
    return count, lines


def _has_words(text: str) -> bool:
    return any(not letter.isascii() and letter.isalpha() for letter in text)


def main(question: str = QUESTION) -> int:
    """Print all of it."""
    import index

    found, graph = modules(), imports()
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in found.values())
    large = ", ".join(f"{name} {count}" for name, count in folders.most_common() if count > _MOST)
    print(f"modules: {len(found)} in {len(folders)} folders; of more than {_MOST} files: {large}")
    print("arrows between folders:", ", ".join(f"{one} {arrows(graph, one)}" for one in PACKAGES))
    print(f"circles: {circles(graph) or 'none'}")
    with tempfile.TemporaryDirectory() as folder:
        index.build([ROOT / "seeds"], index_dir=folder)
        way, crossings = way_of(question, Path(folder))
    wings = {folder_of(one) for before, _, module in crossings for one in (before, module)}
    print(f"a question's way: {len(way)} stays in {len(set(way))} modules, {len(way) - len(set(way))} returns")
    print(f"  within rag {len(crossings)} crossings between {len(wings)} folders")
    print("  " + " → ".join(dict.fromkeys(way)))
    literals, lines = language_tables()
    files = list((ROOT / "index" / "language" / "data").glob("*.toml"))
    kept = sum(len(one.read_text("utf-8").splitlines()) for one in files)
    print(
        f"words of languages: {literals} literals on {lines} lines of code; {kept} lines in {len(files)} files of data"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
