"""Options that several commands of the command line share, with what `--help` says of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import RagError
from rag.llms.remote import HEADERS, read_headers

if TYPE_CHECKING:
    from index.stores.base import Filter

__all__ = [
    "AsJson",
    "Documents",
    "Folder",
    "Globs",
    "HostNames",
    "IdField",
    "IndexDir",
    "LanguageField",
    "Languages",
    "Llm",
    "LlmHeader",
    "LlmTimeout",
    "Nli",
    "Ocr",
    "Offer",
    "Passages",
    "PrivateAddresses",
    "PublicUrl",
    "Reading",
    "Reranker",
    "Since",
    "TextField",
    "TitleField",
    "Until",
    "Version",
    "Where",
    "filter_of",
]

IndexDir = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX", show_default="var/index")
]
Llm = Annotated[
    str, typer.Option("--llm", help="Who writes the answer: extractive, local, ollama:MODEL, openai:MODEL …")
]


def _tell_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rag (Babelquote) {version('babelquote')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Print the version and end.", callback=_tell_version, is_eager=True)
]
PublicUrl = Annotated[
    str,
    typer.Option(
        help="How the world calls the server behind a proxy, such as https://docs.example.org/ask.",
        envvar="RAG_PUBLIC_URL",
        show_default=False,
    ),
]
HostNames = Annotated[
    list[str] | None,
    typer.Option("--host-name", help="A further name to be called by; repeatable.", envvar="RAG_HOST_NAME"),
]


def _remember_timeout(seconds: float | None) -> float | None:
    """Put the option where the backends look, whichever command makes them."""
    if seconds is not None:
        os.environ["RAG_LLM_TIMEOUT"] = f"{seconds:g}"
    return seconds


def _remember_headers(lines: list[str] | None) -> list[str] | None:
    """Put the headers where the backends look; they are shown nowhere, since they may hold a key."""
    if lines:
        os.environ[HEADERS] = "\n".join([*os.environ.get(HEADERS, "").splitlines(), *lines])
        try:
            read_headers()
        except RagError as error:
            raise typer.BadParameter(str(error)) from None
    return lines


LlmTimeout = Annotated[
    float | None,
    typer.Option(
        "--llm-timeout",
        min=1,
        max=86_400,
        help="Seconds that a model's whole reply may take; what came until then is shown. Also RAG_LLM_TIMEOUT.",
        callback=_remember_timeout,
        show_default="by backend",
    ),
]
LlmHeader = Annotated[
    list[str] | None,
    typer.Option(
        "--llm-header",
        help='A header for the model\'s server, as "Name: value"; repeatable. Also RAG_LLM_HEADERS, one a line.',
        callback=_remember_headers,
        show_default=False,
    ),
]
Offer = Annotated[
    list[str] | None, typer.Option(help="Other backends to choose from on the page; repeatable, or with commas.")
]
Reranker = Annotated[
    str, typer.Option(help="Model that orders the passages anew: sentence-transformers:NAME_OR_FOLDER.")
]
Nli = Annotated[
    str,
    typer.Option("--nli", help="Model that says whether quotes carry claims: sentence-transformers:NAME_OR_FOLDER."),
]
Reading = Annotated[
    str,
    typer.Option(
        "--reader", envvar="RAG_READER", help="Model that reads question and passage together: bundled, none."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Passages = Annotated[int, typer.Option("--k", min=1, max=100, help="How many passages to retrieve.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only passages in this language; repeatable.")]
Documents = Annotated[list[str] | None, typer.Option("--document", help="Only this document, by its id; repeatable.")]
Since = Annotated[str | None, typer.Option("--since", help="Only documents from this date on (2021, 2021-05 …).")]
Until = Annotated[str | None, typer.Option("--until", help="Only documents up to this date.")]
Folder = Annotated[str | None, typer.Option("--folder", help="Only documents below this folder (as sources show it).")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only documents that tell so of themselves: author=Mei, status=paused; repeatable."),
]
Globs = list[str] | None


def _remember_ocr(chosen: str) -> str:
    """Put the choice where a build looks for it: so it changes nothing else that the index remembers."""
    if chosen:
        os.environ["RAG_OCR"] = chosen
    return chosen


Ocr = Annotated[
    str,
    typer.Option(
        "--ocr",
        help="How scans and pictures of text are read: auto, off, or Tesseract's models (deu+eng). Also RAG_OCR.",
        callback=_remember_ocr,
        show_default=False,
    ),
]
TitleField = Annotated[str, typer.Option(help="Field of JSON and CSV rows that holds the title.")]
TextField = Annotated[str, typer.Option(help="… that holds the text.")]
IdField = Annotated[str, typer.Option(help="… that holds an identifier.")]
LanguageField = Annotated[str, typer.Option(help="… that holds a language code.")]
PrivateAddresses = Annotated[
    bool, typer.Option("--allow-private-addresses", help="Fetch pages of this machine's own network too.")
]


def filter_of(
    languages: list[str] | None,
    documents: list[str] | None,
    since: str | None,
    until: str | None,
    folder: str | None,
    where: list[str] | None = None,
) -> Filter | None:
    """Return which passages may be found, or `None` when every one may."""
    if not (languages or documents or since or until or folder or where):
        return None
    from index.stores.base import ALIASES, Filter

    pairs = [each.partition("=")[::2] for each in where or ()]
    if not all(key.strip() and value.strip() for key, value in pairs):
        raise typer.BadParameter("--where: write a key and what its value holds, such as author=Mei")
    told = tuple((ALIASES.get(key.strip(), key.strip()), value.strip()) for key, value in pairs)
    return Filter(tuple(languages or ()), tuple(documents or ()), since, until, folder, told)
