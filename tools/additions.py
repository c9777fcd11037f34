"""What somebody adds who follows the walk of CONTRIBUTING.md: one small part of each kind, in the tree itself.

    python tools/additions.py COPY      adds them to a copy of the project and prints which files each one touches

The parts are those of `examples/plugin`, and a route of the API; tests add them to a copy and ask each
(`tests/test_additions.py`).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

__all__ = ["ADDITIONS", "Tree", "main"]

ROOT = Path(__file__).resolve().parent.parent


class Tree:
    """A copy of the project that is changed.

    Args:
        root: its folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.touched: list[str] = []

    def read(self, name: str) -> str:
        """Return the text of a file."""
        return (self.root / name).read_text("utf-8")

    def write(self, name: str, text: str) -> None:
        """Write a file, a new one or another text of one."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        self.touched.append(name)

    def line(self, name: str, before: str, added: str) -> None:
        """Add a line before the first one that holds some words."""
        lines = self.read(name).splitlines(keepends=True)
        place = next(number for number, one in enumerate(lines) if before in one)
        self.write(name, "".join([*lines[:place], f"{added}\n", *lines[place:]]))

    def part(self, example: str, name: str) -> None:
        """Take a part of the example; within the project it imports from modules, not from the packages."""
        text = self.read(f"examples/plugin/src/babelquote_example/{example}.py")
        self.write(name, _OURS.sub(lambda found: _from_modules(found[0]), text))


_OURS = re.compile(r"(?:^from (?:rag|index)\b[.\w]* import .*\n)+", re.MULTILINE)
_HOMES = {
    "Index": "index.opening.opened",
    "Message": "rag.types",
    "PassageStore": "index.stores.base",
    "Prompt": "rag.types",
    "Reading": "rag.types",
    "ScoredPassage": "rag.types",
}


def _from_modules(imports: str) -> str:
    """Return a block of imports in which names of the packages come from their modules, in order."""
    found: dict[str, set[str]] = {}
    for line in imports.splitlines():
        _, module, _, names = line.split(" ", 3)
        for name in names.split(", "):
            found.setdefault(_HOMES[name] if module in {"rag", "index"} else module, set()).add(name)
    return "".join(f"from {module} import {', '.join(sorted(found[module]))}\n" for module in sorted(found))


def _format(tree: Tree) -> None:
    tree.part("recipes", "index/sources/formats/recipe.py")


def _language(tree: Tree) -> None:
    (shown,) = re.findall(r"```toml\n(.*?)```", tree.read("docs/languages.md"), re.DOTALL)
    tree.write("index/language/data/eo.toml", shown)


def _page_language(tree: Tree) -> None:
    tree.write("ui/locale/eo.json", tree.read("ui/locale/en.json"))
    tree.write("ui/locale/sentences/eo.json", tree.read("ui/locale/sentences/de.json"))
    tree.line("ui/view/strings.py", '"zh": "', '    "eo": "Esperanto",')


def _backend(tree: Tree) -> None:
    tree.part("first", "rag/llms/first.py")
    made = '        "first": BackendKind("first[:]", "rag.llms.first:create", own_machine=True, check="nothing"),'
    tree.line("rag/llms/kinds.py", '"extractive": BackendKind(', made)


def _embedder(tree: Tree) -> None:
    tree.part("letters", "index/embedders/letters.py")
    made = '            "letters": Kind("index.embedders.letters:create", "N"),'
    tree.line("index/embedders/__init__.py", '"hashing": ', made)


def _store(tree: Tree) -> None:
    tree.part("remembered", "index/opening/remembered.py")
    made = '        "remembered": Kind("index.opening.remembered:RememberedEngine"),'
    tree.line("index/locations.py", '"shards": Kind(', made)


def _reader(tree: Tree) -> None:
    tree.part("longest", "rag/reading/longest.py")
    tree.line("rag/reading/loading.py", "BUNDLED: Kind(", '    "longest": Kind("rag.reading.longest:create", "WORD"),')


def _reranker(tree: Tree) -> None:
    tree.part("shortest", "rag/retrieval/shortest.py")
    made = '    "shortest": Kind("rag.retrieval.shortest:create", "N"),'
    tree.line("rag/retrieval/reranking.py", '"sentence-transformers": Kind(', made)


def _judge(tree: Tree) -> None:
    tree.part("verbatim", "rag/checking/verbatim.py")
    made = '    "verbatim": Kind("rag.checking.verbatim:create", "HOW"),'
    tree.line("rag/checking/entailment.py", '"sentence-transformers": Kind(', made)


_REQUEST = '''

class LongestRequest(BaseModel):
    """What asks how long the longest word of a text is."""

    text: NeededText
    letters: Annotated[Flag, Field(description="Count letters alone.")] = False
'''
_RESPONSE = '''

class LongestWord(_Described):
    """How long the longest word of a text is."""

    length: int
'''
_ROUTE = '''"""The route that returns how long the longest word of a text is."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from ui.api.endpoints import ApiRoute, worked
from ui.api.openapi import returns
from ui.api.requests import LongestRequest
from ui.api.responses import LongestWord
from ui.http.admission import Gates

__all__ = ["longest_routes"]


def longest_routes(gates: Gates) -> list[BaseRoute]:
    """Return the routes."""
    router = APIRouter(route_class=ApiRoute)

    @router.post("/api/longest", summary="Longest word", response_model=LongestWord, responses=returns())
    async def longest(request: Request, body: LongestRequest) -> Response:
        return await worked(request, gates.of(), lambda: JSONResponse(_longest(body)))

    return list(router.routes)


def _longest(asked: LongestRequest) -> dict[str, int]:
    lengths = [sum(one.isalpha() or not asked.letters for one in word) for word in asked.text.split()]
    return {"length": max(lengths, default=0)}
'''


def _route(tree: Tree) -> None:
    tree.write("ui/api/longest.py", _ROUTE)
    for name, shown, before, made in (
        ("ui/api/requests.py", "LongestRequest", "OverviewRequest", _REQUEST),
        ("ui/api/responses.py", "LongestWord", "Model", _RESPONSE),
    ):
        tree.line(name, f'    "{before}",', f'    "{shown}",')
        tree.write(name, tree.read(name) + made)
    server = "ui/app/server.py"
    tree.line(server, "from ui.api.mcp", "from ui.api.longest import longest_routes")
    tree.line(server, "    lifespan = None", "    routes += longest_routes(gates)")
    if (tree.root / _TESTS).exists():
        tree.line(_TESTS, '("/v1/chat/completions", {', '    ("/api/longest", {"text": "the light", "letters": True}),')
        tree.line(_TESTS, '    "/v1/chat/completions": {', '    "/api/longest": {"text": "the light"},')


_TESTS = "tests/ui/api/test_openapi.py"


ADDITIONS: Mapping[str, Callable[[Tree], None]] = {
    "file format": _format,
    "language": _language,
    "language of the page": _page_language,
    "language model": _backend,
    "embedder": _embedder,
    "store": _store,
    "reader": _reader,
    "reranker": _reranker,
    "judge": _judge,
    "route of the API": _route,
}
"""By the names that the walk has for them."""


def main(folder: str) -> int:
    """Add one of each to a copy of the project; prints the files."""
    if Path(folder).resolve() == ROOT:
        print("name a copy: the project itself stays as it is")
        return 2
    for name, add in ADDITIONS.items():
        tree = Tree(Path(folder))
        add(tree)
        print(f"{name}: {len(tree.touched)} ({', '.join(tree.touched)})")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
