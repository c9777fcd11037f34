"""A wing's doors: what a module shows to other wings is its `__all__`, and nothing else of it is imported there."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("index", "rag", "ui", "babelquote")


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def wing_of(dotted: str) -> str:
    """Return the folder of a module, rooms of a folder included; a module of a package itself is its own."""
    path = file_of(dotted)
    inside = path is not None and path.parent.parent != ROOT
    return ".".join(path.parent.relative_to(ROOT).parts) if path is not None and inside else dotted


@cache
def file_of(dotted: str) -> Path | None:
    base = ROOT.joinpath(*dotted.split("."))
    return next((path for path in (base.with_suffix(".py"), base / "__init__.py") if path.is_file()), None)


@cache
def parsed(path: Path) -> ast.Module:
    """Return a module's tree: several tests look at all of them."""
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all parts of a module's tree."""
    return tuple(ast.walk(parsed(path)))


@cache
def shown(path: Path) -> frozenset[str] | None:
    """Return the `__all__` of a module; `None` where it has none."""
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == "__all__" for one in node.targets):
            made = not isinstance(node.value, ast.List)  # gathered from other modules
            return None if made else frozenset(ast.literal_eval(node.value))
    return None


def foreign_imports(path: Path) -> Iterator[tuple[str, str]]:
    """Yield module and name of each import from another wing of ours."""
    own = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for node in nodes(path):
        if not isinstance(node, ast.ImportFrom) or not node.module or node.module.split(".")[0] not in PACKAGES:
            continue
        if wing_of(node.module) != wing_of(own):
            yield from ((node.module, alias.name) for alias in node.names if alias.name != "*")  # all that it shows


def hidden(found: Iterator[tuple[str, str]]) -> list[str]:
    """Return the imports that go past a module's door."""
    wrong = []
    for module, name in found:
        path = file_of(module)
        if path is None or file_of(f"{module}.{name}") is not None:  # a whole module
            continue
        door = shown(path)
        if name.startswith("_") or (door is not None and name not in door):
            wrong.append(f"{module}.{name}")
    return wrong


def test_other_wings_import_only_what_a_module_shows() -> None:
    wrong = {str(path.relative_to(ROOT)): found for path in modules() if (found := hidden(foreign_imports(path)))}
    assert wrong == {}


def test_every_module_that_others_import_says_what_it_shows() -> None:
    used = {module for path in modules() for module, _ in foreign_imports(path)}
    paths = {module: path for module in used if (path := file_of(module)) is not None}
    silent = {module for module, path in paths.items() if shown(path) is None and path.name != "__init__.py"}
    assert silent == set()


def test_what_a_module_shows_is_there() -> None:
    for path in modules():
        tree = nodes(path)
        named = {node.name for node in tree if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
        named |= {one.id for one in tree if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        named |= {
            alias.asname or alias.name
            for node in tree
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        }
        assert (shown(path) or frozenset()) - named - {"__version__"} == set(), path


def test_rooms_of_a_folder_are_wings_too() -> None:
    assert wing_of("index.stores.postgres.tables.rows") == "index.stores.postgres.tables"
    assert wing_of("index.stores.postgres.connection") == "index.stores.postgres"
    assert wing_of("index.errors") == "index.errors" != wing_of("index.sizes")


def test_folders_hold_no_more_files_than_are_seen_at_once() -> None:
    """Fourteen, and two more, so that a new file needs no move of others."""
    folders = Counter(path.parent.relative_to(ROOT).as_posix() for path in modules())
    assert {name for name, count in folders.items() if count > 16} == set()


def test_a_private_name_is_caught(tmp_path: Path) -> None:
    assert hidden(iter([("index.stores.base", "_KEY")])) == ["index.stores.base._KEY"]
    assert hidden(iter([("index.errors", "Callable"), ("index.errors", "RagError")])) == ["index.errors.Callable"]


def test_what_prints_answers_only_names_their_types() -> None:
    """`rag.types` imports `rag.output` to print itself: an arrow back at run time would be a circle."""
    for path in sorted((ROOT / "rag" / "output").glob("*.py")):
        tree = parsed(path)
        named = [
            node
            for one in ast.walk(tree)
            if isinstance(one, ast.If) and "TYPE_CHECKING" in ast.dump(one.test)
            for node in ast.walk(one)
        ]
        loaded = {
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module and node not in named
        }
        assert not {name for name in loaded if name.startswith("rag.") and not name.startswith("rag.output")}, path


def loaded_by(path: Path) -> set[str]:
    """Return the modules of ours that a module imports when the program runs, late or at once."""
    asides = [one for one in nodes(path) if isinstance(one, ast.If) and "TYPE_CHECKING" in ast.dump(one.test)]
    named = {id(node) for one in asides for node in ast.walk(one)}
    found = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in named:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if file_of(name) is not None else node.module for name in names}
    return {name for name in found if name.split(".")[0] in PACKAGES and file_of(name) is not None}


def circle(arrows: dict[str, set[str]]) -> list[str]:
    """Return modules of which each imports the next one and the last one the first; none where there is no circle."""
    left = {name: targets & arrows.keys() - {name} for name, targets in arrows.items()}
    while loose := {name for name, targets in left.items() if not targets}:  # nothing that they import is in a circle
        left = {name: targets - loose for name, targets in left.items() if name not in loose}
    return sorted(left)


def test_no_modules_import_each_other_in_a_circle() -> None:
    named = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in modules()
    }
    assert circle({name: loaded_by(path) for name, path in named.items()}) == []


def test_a_circle_is_caught() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": set()}) == ["a", "b", "c"]
    assert circle({"a": {"b"}, "b": {"c"}, "c": set()}) == []


def plain(name: str) -> str:
    """Return a package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> set[str]:
    """Return the names of all that the packages import, but for the standard library and themselves."""
    found: set[str] = set()
    for node in chain.from_iterable(map(nodes, modules())):
        if isinstance(node, ast.Import):
            found |= {one.name.partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found - sys.stdlib_module_names - set(PACKAGES)


def undeclared(modules: Iterable[str], declared: set[str]) -> list[str]:
    """Return the modules that no declared package brings."""
    brought = packages_distributions()
    return [one for one in modules if not {plain(name) for name in brought.get(one, [one])} & declared]


def test_what_the_packages_import_is_declared() -> None:
    """What only another package asks for today is gone the day that this one no longer does."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    declared = {plain(re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0]) for one in asked}
    found = imported() - {"babelquote_model", "pandas"}  # weights for Windows; `as_frame` says how to install the other
    assert {"numpy", "fastapi", "openvino"} <= found
    assert undeclared(found, declared) == []
    assert undeclared(found, declared - {"numpy"}) == ["numpy"]
