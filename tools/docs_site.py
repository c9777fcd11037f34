"""Puts the pages of the documentation together for a site: what is written, and a reference read off the program.

`python tools/docs_site.py FOLDER` writes Markdown and `zensical.toml` into the folder; `make docs` builds the site.
The repository's own links lead to files; here they lead to pages, and what is no page is named without a link.
"""

from __future__ import annotations

import inspect
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "integrations/README.md": "integrations.md",
    "examples/plugin/README.md": "example-plugin.md",
    "docs/index.md": "the-index.md",
    "docs/index-measured.md": "the-index-measured.md",
}
NAV: Mapping[str, tuple[str, ...]] = {
    "Start": ("index.md", "tutorial.md"),
    "How to": (
        *("own-model.md", "ocr.md", "places.md", "agents.md", "sign-in.md"),
        *("operation.md", "deploying.md", "proxy.md", "postgres.md", "integrations.md"),
    ),
    "Add a …": ("languages.md", "plugins.md", "example-plugin.md", "contributing.md"),
    "Reference": ("command-line.md", "settings.md", "python.md", "http.md", "api.md"),
    "How it works": ("retrieval.md", "reading.md", "answers.md", "the-index.md", "models.md", "security.md"),
    "Measured": (
        "benchmarks.md",
        "retrieval-measured.md",
        "answers-measured.md",
        "the-index-measured.md",
        "security-measured.md",
    ),
    "More": ("glossary.md", "changelog.md"),
}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")


def main() -> None:
    """Write everything into the folder that the command line names."""
    sys.path.insert(0, str(ROOT))
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    write(folder)
    print(f"{len(list((folder / 'docs').glob('*.md')))} pages in {folder}")


def write(folder: Path) -> None:
    """Write pages, pictures and settings of the site."""
    docs = folder / "docs"
    docs.mkdir(parents=True)
    sources = {**{f"docs/{path.name}": path.name for path in (ROOT / "docs").glob("*.md")}, **PAGES}
    for source, name in sources.items():
        text = (ROOT / source).read_text("utf-8")
        (docs / name).write_text(_LINK.sub(partial(_linked, source=source, pages=sources), text), "utf-8")
    for path in (ROOT / "docs").iterdir():
        if path.suffix != ".md":
            shutil.copy(path, docs / path.name)
    for name, text in reference().items():
        (docs / name).write_text(text, "utf-8")
    (folder / "zensical.toml").write_text(site(), "utf-8")


def _linked(link: re.Match[str], source: str, pages: Mapping[str, str]) -> str:
    """Return a link as it leads within the site."""
    mark, words, target = link.groups()
    address, hash_mark, anchor = target.partition("#")
    if "://" in target or not address:
        return link[0]
    place = _joined(PurePosixPath(source).parent, address)
    if place in pages:
        return f"{mark}[{words}]({pages[place]}{hash_mark}{anchor})"
    if f"{place}/README.md" in pages:
        return f"{mark}[{words}]({pages[f'{place}/README.md']})"
    if place.startswith("docs/"):
        return f"{mark}[{words}]({place.removeprefix('docs/')})"
    return f"{words} (`{place}`)"


def _joined(folder: PurePosixPath, target: str) -> str:
    parts: list[str] = []
    for part in (*folder.parts, *PurePosixPath(target).parts):
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def reference() -> dict[str, str]:
    """Return the pages that are read off the program, by their names."""
    return {
        "command-line.md": "\n".join(["# Command line", "", *_commands()]),
        "settings.md": "\n".join(["# Settings", "", *_settings()]),
        "python.md": "\n".join(["# Python", "", *_python()]),
        "http.md": "\n".join(["# HTTP", "", *_http()]),
    }


def _commands() -> Iterator[str]:
    """Describe every command with its arguments and options."""
    import typer

    from ui.cli import app

    yield "`--help` of a command says the same. Before its name: `--config FILE`, `--debug`, `--version`."
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        yield from ("", f"## rag {name}", "", command.help or "", "", "| option | does | default | variable |")
        yield "|---|---|---|---|"
        for one in command.params:
            if not getattr(one, "hidden", False):
                yield _row(_written(one), getattr(one, "help", "") or "", _default(one), _variable(one))


def _written(one: Any) -> str:  # noqa: ANN401 - a parameter of typer's own kind
    return " ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts)) if one.opts[0] != one.name else one.name


def _default(one: Any) -> str:  # noqa: ANN401
    shown = getattr(one, "show_default", None)
    value = shown if isinstance(shown, str) else one.default
    return "" if value in (None, False, "", ()) or callable(value) else f"`{value}`"


def _variable(one: Any) -> str:  # noqa: ANN401
    return f"`{one.envvar}`" if isinstance(getattr(one, "envvar", None), str) else ""


def _row(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _settings() -> Iterator[str]:
    from ui.cli.settings import SETTINGS

    yield "Keys of `babelquote.toml`, each with its variable; [what goes before what](operation.md#settings)."
    yield from ("", "| key | variable | takes | default | decides |", "|---|---|---|---|---|")
    for one in SETTINGS:
        yield _row(f"`{one.key}`", f"`{one.variable}`", ", ".join(one.choices) or one.kind, one.default, one.concerns)


def _python() -> Iterator[str]:
    """Describe every public name by its signature and its docstring."""
    import babelquote

    yield "`from babelquote import …` has every name here; so have `rag` and `index`, whose they are."
    for name in babelquote.__all__:
        value = getattr(babelquote, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        yield from ("", f"## {name}", "", *_described(name, value))
        if inspect.isclass(value):
            for method, function in inspect.getmembers(value, inspect.isfunction):
                if not method.startswith("_") and method in vars(value):
                    yield from ("", f"### {name}.{method}", "", *_described(method, function))


def _described(name: str, value: Any) -> Iterator[str]:  # noqa: ANN401
    try:
        signature = str(inspect.signature(value))
    except ValueError:  # an error, whose class is written in C
        signature = "(…)"
    yield from ("```python", f"{name}{signature}", "```", "", "```text", inspect.getdoc(value) or "", "```")


def _http() -> Iterator[str]:
    """Describe every route by the description that the server gives itself."""
    description = _description()
    yield "The server describes itself at `/api/openapi.json` (OpenAPI 3.1); [examples](api.md)."
    yield from ("", "| route | does |", "|---|---|")
    for path, methods in description["paths"].items():
        for method, what in methods.items():
            yield _row(f"`{method.upper()} {path}`", what.get("summary", ""))
    for name, schema in sorted(description["components"]["schemas"].items()):
        yield from ("", f"## {name}", "", schema.get("description", ""), "", "| field | is |", "|---|---|")
        for field, kind in schema.get("properties", {}).items():
            yield _row(f"`{field}`", kind.get("description", "") or _kind(kind))


def _description() -> dict[str, Any]:
    """Return what a server says of its API; nothing needs to be indexed for that."""
    from fastapi import FastAPI

    import index
    from rag import Assistant
    from ui.api.answers import api_routes
    from ui.api.checking import checking_routes
    from ui.api.openai_api import openai_routes
    from ui.api.openapi import describe
    from ui.api.overviews import overview_routes
    from ui.service.asking.asking import ChatService

    app = FastAPI()
    with tempfile.TemporaryDirectory() as folder, closing(index.LiveIndex(folder, wait=True)) as live:
        service = ChatService(Assistant(index=live), "extractive")
        routes = api_routes(service, service.gates) + openai_routes(service, service.gates)
        app.router.routes.extend([*routes, *checking_routes(service), *overview_routes(service, service.gates)])
        describe(app, signed_in=False)
        return app.openapi()


def _kind(schema: Mapping[str, Any]) -> str:
    """Return what a field is, in a few words."""
    if "$ref" in schema:
        return f"a {schema['$ref'].rsplit('/', 1)[-1]}"
    if schema.get("type") == "array":
        return f"list: {_kind(schema.get('items', {}))}"
    found = schema.get("type") or schema.get("enum") or schema.get("const")
    return (
        json.dumps(found)
        if found is not None
        else " or ".join(_kind(one) for one in schema.get("oneOf") or schema.get("anyOf", ()))
    )


def site() -> str:
    """Return the settings of the site; it loads nothing from anywhere else."""
    rows = [f"  {{ {json.dumps(title, ensure_ascii=False)} = {json.dumps(pages)} }}," for title, pages in NAV.items()]
    head = ["[project]", 'site_name = "Babelquote"', 'site_description = "Answers cited by exact words."', "nav = ["]
    theme = ["[project.theme]", "font = false", 'language = "en"']
    features = 'features = ["content.code.copy", "navigation.sections", "navigation.top", "search.highlight"]'
    return "\n".join([*head, *rows, "]", "", *theme, features, ""])


if __name__ == "__main__":
    main()
