"""`rag languages`: what the language files hold, and what each still lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.options.shared import AsJson
from ui.terminal.colours import Line, Span, line, show
from ui.terminal.lines import as_json, echo

if TYPE_CHECKING:
    from index.language.lexicon import Language

__all__ = ["languages_command"]

_WIDEST_NAME = 22

Code = Annotated[str, typer.Argument(help="Code of one language: show each of its fields.", show_default=False)]


def languages_command(code: Code = "", json: AsJson = False) -> None:
    """Show what is known of each language.

    That is which fields its file has; with a code, every field of that language.
    """
    from index.errors import ConfigError
    from index.language.codes import canonical
    from index.language.lexicon import languages

    known = languages()
    wanted = canonical(code) if code else ""
    if code and wanted not in known:
        raise ConfigError(f"there is no file for the language {code}", "docs/languages.md says how to add one")
    chosen = [known[wanted]] if wanted else sorted(known.values(), key=lambda language: language.code)
    if json:
        echo(as_json([_row(language) for language in chosen]))
    else:
        show(list(_fields_of(chosen[0]) if wanted else _table(chosen)))


def _row(language: Language) -> Mapping[str, object]:
    from index.language.fields import FIELDS

    held = {name: _size(value) for name, value in language.values.items()}
    return {
        "code": language.code,
        "name": language.values.get("name", ""),
        "file": str(language.file),
        "entries": held,
        "missing": [name for name in FIELDS if name not in held],
    }


def _size(value: object) -> int:
    return len(value) if isinstance(value, tuple) else 1


def _table(languages: list[Language]) -> Iterator[Line]:
    """Yield a row a language: of each section, how many of its fields the file has."""
    from index.language.fields import FIELDS

    fields: dict[str, list[str]] = {}
    for name, (section, _, _) in FIELDS.items():
        if section:
            fields.setdefault(section, []).append(name)
    yield line(Span(_columns("code", "name", list(fields)), "title"), breaks=False)
    for language in languages:
        has = [sum(name in language.values for name in fields[section]) for section in fields]
        shares = [f"{count or '–'}" for count in has]
        yield line(_columns(language.code, str(language.values.get("name", "")), shares), breaks=False)
    yield line(Span(_columns("", "of", [str(len(fields[section])) for section in fields]), "quiet"), breaks=False)


def _columns(code: str, name: str, rest: list[str]) -> str:
    return f"{code:<5}{name[:_WIDEST_NAME]:<{_WIDEST_NAME}}" + "".join(f"{part:>11}" for part in rest)


def _fields_of(language: Language) -> Iterator[Line]:
    """Yield each field: how many entries it has, and what it is for."""
    from index.language.fields import FIELDS

    yield line(Span(f"{language.values.get('name', language.code)}: {language.file}", "title"))
    for name, (_, _, what) in FIELDS.items():
        count = str(_size(language.values[name])) if name in language.values else "–"
        yield line(f"{count:>5}  {name:<22}", Span(what, "quiet"), indent=29)
