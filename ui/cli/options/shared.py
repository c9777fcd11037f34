"""Options that several commands of the command line share, with what `--help` says of them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from index.errors import ConfigError, RagError
from index.sizes import MAX_FILE_SIZE, parse_size
from rag.llms.calls.remote import HEADERS, read_headers

if TYPE_CHECKING:
    from index.locations import Location

__all__ = [
    "Add",
    "AnswerStyle",
    "AsJson",
    "Browser",
    "ByContent",
    "Documents",
    "EmbedderSpec",
    "Exclude",
    "Folder",
    "Force",
    "Host",
    "HostNames",
    "IdField",
    "InCollections",
    "Include",
    "IndexDir",
    "LanguageField",
    "Languages",
    "Llm",
    "LlmHeader",
    "LlmTimeout",
    "MaxFileSize",
    "MayChange",
    "Nli",
    "Ocr",
    "Offer",
    "Passages",
    "Port",
    "PrivateAddresses",
    "PublicUrl",
    "Reading",
    "Rebuild",
    "Reranker",
    "Since",
    "Sources",
    "TextField",
    "TitleField",
    "Until",
    "UsersFile",
    "Verify",
    "Version",
    "Watch",
    "Where",
    "WorkersOption",
    "located",
]

IndexDir = Annotated[
    str | None,
    typer.Option(
        "--index",
        help="Folder of the index, or postgresql://… for one in a database; several, with blanks between, are shards.",
        envvar="RAG_INDEX",
        show_default="var/index of a clone, else your data folder",
    ),
]


def located(index_dir: str | None) -> Location | None:
    """Return what `--index` names; `None` for the default place."""
    from index.locations import location_of

    return None if index_dir is None else location_of(index_dir)


Llm = Annotated[
    str,
    typer.Option(
        "--llm", envvar="RAG_LLM", help="Who writes the answer: extractive, local, ollama:MODEL, openai:MODEL …"
    ),
]


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rag (Babelquote) {version('babelquote')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", help="Print the version and end.", callback=_print_version, is_eager=True)
]
WorkersOption = Annotated[
    str | None,
    typer.Option(
        "--workers",
        envvar="RAG_WORKERS",
        help="Who embeds: a number of processes, or a Dask scheduler such as tcp://scheduler:8786.",
        show_default="this process",
    ),
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
    list[str] | None,
    typer.Option(envvar="RAG_OFFER", help="Other backends to choose from on the page; repeatable, or with commas."),
]
Reranker = Annotated[
    str,
    typer.Option(
        envvar="RAG_RERANKER", help="Model that orders the passages anew: sentence-transformers:NAME_OR_FOLDER."
    ),
]
Nli = Annotated[
    str,
    typer.Option(
        "--nli",
        envvar="RAG_NLI",
        help="Model that says whether quotes carry claims: sentence-transformers:NAME_OR_FOLDER.",
    ),
]
Reading = Annotated[
    str,
    typer.Option(
        "--reader", envvar="RAG_READER", help="Model that reads question and passage together: bundled, none."
    ),
]
AnswerStyle = Annotated[
    str,
    typer.Option("--style", envvar="RAG_STYLE", help="How long a language model writes: short, normal, detailed."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Passages = Annotated[int, typer.Option("--k", envvar="RAG_K", min=1, max=100, help="How many passages to retrieve.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="Only passages in this language; repeatable.")]
Documents = Annotated[list[str] | None, typer.Option("--document", help="Only this document, by its id; repeatable.")]
InCollections = Annotated[
    list[str] | None, typer.Option("--collection", help="Only documents of this collection; repeatable.")
]
Since = Annotated[str | None, typer.Option("--since", help="Only documents from this date on (2021, 2021-05 …).")]
Until = Annotated[str | None, typer.Option("--until", help="Only documents up to this date.")]
Folder = Annotated[str | None, typer.Option("--folder", help="Only documents below this folder (as sources show it).")]
Include = Annotated[list[str] | None, typer.Option(help="Only files that match this glob; repeatable.")]
Exclude = Annotated[list[str] | None, typer.Option(help="Not the files that match this glob; repeatable.")]
Rebuild = Annotated[bool, typer.Option("--rebuild", help="Read and embed everything again.")]
ByContent = Annotated[bool, typer.Option("--by-content", help="Compare files by their content, not by size and times.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
Add = Annotated[bool, typer.Option("--add", help="Keep what is indexed already beside the named paths.")]
Watch = Annotated[bool, typer.Option("--watch", help="Then follow the files, keeping the index up to date.")]
Verify = Annotated[bool, typer.Option("--verify", help="Build nothing: check every file of the index.")]
Sources = Annotated[
    list[str] | None,
    typer.Argument(help="Files, folders, web addresses. None: what was indexed before, else the sample articles."),
]
EmbedderSpec = Annotated[
    str | None,
    typer.Option(
        envvar="RAG_EMBEDDER", help="bundled, or sentence-transformers:NAME_OR_FOLDER.", show_default="bundled"
    ),
]


def _size(text: str | None) -> str | None:
    """Check a size where it is typed: a wrong call is reported before anything is read."""
    if text is not None:
        try:
            parse_size(text, "--max-file-size")
        except ConfigError as error:
            raise typer.BadParameter(str(error)) from None
    return text


MaxFileSize = Annotated[
    str | None,
    typer.Option(
        "--max-file-size",
        help=f"Largest file that is read, such as 50MB; remembered. Also {MAX_FILE_SIZE}.",
        callback=_size,
        show_default="100MiB",
    ),
]
Host = Annotated[
    str, typer.Option(envvar="RAG_HOST", help="Address to listen on; any but this machine's own needs --auth.")
]
Port = Annotated[int, typer.Option(envvar="RAG_PORT", min=0, max=65535, help="Port to listen on; 0 takes a free one.")]
UsersFile = Annotated[
    Path | None, typer.Option(envvar="RAG_AUTH", help="Users' file: lines as `rag password` prints them.")
]
MayChange = Annotated[
    bool | None,
    typer.Option(
        "--admin/--no-admin",
        envvar="RAG_ADMIN",
        help="May the page change the index?",
        show_default="yes without --auth",
    ),
]
Browser = Annotated[bool, typer.Option("--open", help="Show the page in the browser.")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", help="Only documents that tell so of themselves: author=Mei, status=paused; repeatable."),
]


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
Places = Annotated[
    bool,
    typer.Option(
        "--allow-places",
        envvar="RAG_ALLOW_PLACES",
        help="Let the page name places elsewhere (s3:// …), which the server's own credentials open.",
    ),
]
PrivateAddresses = Annotated[
    bool,
    typer.Option(
        "--allow-private-addresses",
        envvar="RAG_ALLOW_PRIVATE_ADDRESSES",
        help="Fetch pages of this machine's own network too.",
    ),
]
