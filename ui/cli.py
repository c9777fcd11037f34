"""The command line: `rag index | ask | search | chat | mcp | status | eval | export`.

Exit codes: 0 done (a refusal too), 1 an error told in one line on standard error, 2 a wrong call, 130 interrupted.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from index.errors import RagError
from ui import commands, indexing
from ui.options import (
    AsJson,
    Documents,
    Folder,
    Globs,
    HostNames,
    IdField,
    IndexDir,
    LanguageField,
    Languages,
    Llm,
    LlmHeader,
    LlmTimeout,
    Nli,
    Ocr,
    Offer,
    Passages,
    PrivateAddresses,
    PublicUrl,
    Reading,
    Reranker,
    Since,
    TextField,
    TitleField,
    Until,
    Version,
    Where,
    filter_of,
)
from ui.terminal import fail_line

__all__ = ["app", "main"]

app = typer.Typer(
    help="Ask your own documents in any language; every claim points at the exact words in the source.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
    _version: Version = False,
) -> None:
    """Ask your own documents in any language; every claim points at the exact words in the source."""
    if debug:
        os.environ["RAG_DEBUG"] = "1"


@app.command("index")
def index_command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders, web addresses. None: what was indexed before, else the sample articles."),
    ] = None,
    index_dir: IndexDir = None,
    embedder: Annotated[
        str | None, typer.Option(help="bundled, or sentence-transformers:NAME_OR_FOLDER.", show_default="bundled")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Read and embed everything again.")] = False,
    by_content: Annotated[
        bool, typer.Option("--by-content", help="Compare files by their content, not by size and times.")
    ] = False,
    add: Annotated[bool, typer.Option("--add", help="Keep what is indexed already beside the named paths.")] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Then follow the files, keeping the index up to date.")
    ] = False,
    include: Annotated[Globs, typer.Option(help="Only files that match this glob; repeatable.")] = None,
    exclude: Annotated[Globs, typer.Option(help="Not the files that match this glob; repeatable.")] = None,
    title_field: TitleField = "",
    text_field: TextField = "",
    id_field: IdField = "",
    language_field: LanguageField = "",
    ocr: Ocr = "",  # noqa: ARG001 - its callback has put it where the build looks
    allow_private_addresses: PrivateAddresses = False,
    verify: Annotated[bool, typer.Option("--verify", help="Build nothing: check every file of the index.")] = False,
    json: AsJson = False,
) -> None:
    """Build the index, or bring it up to date."""
    if verify:
        raise typer.Exit(indexing.verify_index(index_dir, as_json_wanted=json))
    options = indexing.BuildOptions(
        index_dir=index_dir,
        embedder=embedder,
        rebuild=rebuild,
        by_content=by_content,
        add=add,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        private_addresses=allow_private_addresses,
        fields=(title_field, text_field, id_field, language_field),
        json=json,
    )
    code = indexing.build(paths or (), options)
    raise typer.Exit(indexing.follow(options) if watch else code)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in any language; - reads standard input.")],
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    k: Passages = 5,
    reranker: Reranker = "",
    reader: Reading = "bundled",
    nli: Nli = "",
    save: Annotated[Path | None, typer.Option(help="Write a receipt that `rag verify` can check later.")] = None,
    language: Languages = None,
    document: Documents = None,
    since: Since = None,
    until: Until = None,
    folder: Folder = None,
    where: Where = None,
    json: AsJson = False,
) -> None:
    """Ask a question and read a cited answer."""
    allowed = filter_of(language, document, since, until, folder, where)
    commands.ask(
        _text(question),
        index_dir=index_dir,
        llm=llm,
        k=k,
        where=allowed,
        save=save,
        as_json_wanted=json,
        reranker=reranker,
        nli=nli,
        reader=reader,
    )


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for, in any language; - reads standard input.")],
    index_dir: IndexDir = None,
    k: Passages = 5,
    reranker: Reranker = "",
    reader: Reading = "bundled",
    language: Languages = None,
    document: Documents = None,
    since: Since = None,
    until: Until = None,
    folder: Folder = None,
    where: Where = None,
    json: AsJson = False,
) -> None:
    """Show the passages nearest to a question, without an answer."""
    allowed = filter_of(language, document, since, until, folder, where)
    commands.search(
        _text(question),
        index_dir=index_dir,
        k=k,
        where=allowed,
        as_json_wanted=json,
        reranker=reranker,
        reader=reader,
    )


@app.command("verify")
def verify_command(
    receipt: Annotated[Path, typer.Argument(help="A receipt written by `rag ask --save`.")],
    index_dir: IndexDir = None,
    json: AsJson = False,
    unsigned: Annotated[bool, typer.Option(help="A receipt that this index has not signed is no failure.")] = False,
) -> None:
    """Tell which citations of a receipt still hold, and whether it is this index's own (exit code 1 when not)."""
    code = commands.verify_receipt(receipt, index_dir=index_dir, as_json_wanted=json, unsigned=unsigned)
    raise typer.Exit(code)


@app.command()
def chat(
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    offer: Offer = None,
    nli: Nli = "",
    reader: Reading = "bundled",
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but this machine's own needs --auth.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 7860,
    auth: Annotated[Path | None, typer.Option(help="Users' file: lines as `rag password` prints them.")] = None,
    admin: Annotated[
        bool | None,
        typer.Option("--admin/--no-admin", help="May the page change the index?", show_default="yes without --auth"),
    ] = None,
    public_url: PublicUrl = "",
    host_name: HostNames = None,
    allow_private_addresses: PrivateAddresses = False,
    open_browser: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
) -> None:
    """Open the web chat."""
    from ui.ending import leave
    from ui.web import ServeOptions, serve

    options = ServeOptions(
        host=host,
        port=port,
        offer=tuple(offer or ()),
        nli=nli,
        reader=reader,
        auth_file=auth,
        admin=admin,
        private_addresses=allow_private_addresses,
        open_browser=open_browser,
        public_url=public_url,
        host_names=tuple(host_name or ()),
    )
    serve(index_dir, llm, options)
    leave()


@app.command()
def mcp(
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    reader: Reading = "bundled",
) -> None:
    """Offer answers, search and the list of documents to agents and editors (MCP over standard input and output)."""
    from ui.mcp_server import mcp_over_stdio

    mcp_over_stdio(index_dir, llm, reader)


@app.command()
def feedback(index_dir: IndexDir = None) -> None:
    """Print the answers judged in the web chat as questions for `rag eval`, a JSON object a line."""
    commands.export_feedback(index_dir)


@app.command()
def password(name: Annotated[str, typer.Argument(help="Name to sign in with.")]) -> None:
    """Print a line for the users' file of `rag chat --auth`; the password is asked for, or read from a pipe."""
    commands.password_line(name)


@app.command()
def status(index_dir: IndexDir = None, json: AsJson = False) -> None:
    """Tell what is indexed, and what needs a hand (exit code 1 then)."""
    raise typer.Exit(indexing.status(index_dir, as_json_wanted=json))


@app.command("eval")
def eval_command(
    questions: Annotated[Path, typer.Argument(help="JSON lines: id, lang, text, answers, relevant, answerable.")],
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    _llm_timeout: LlmTimeout = None,
    _llm_header: LlmHeader = None,
    reranker: Reranker = "",
    reader: Reading = "bundled",
    json: AsJson = False,
    plot: Annotated[
        Path | None, typer.Option(help="Draw hit@1 by language pair into this .png or .svg.", show_default=False)
    ] = None,
) -> None:
    """Measure retrieval and answers on questions with known answers."""
    commands.evaluate(
        questions, index_dir=index_dir, llm=llm, as_json_wanted=json, plot=plot, reranker=reranker, reader=reader
    )


@app.command()
def export(index_dir: IndexDir = None) -> None:
    """Print every passage as JSON lines."""
    commands.export(index_dir)


def _text(argument: str) -> str:
    """Return the argument, or standard input for `-`."""
    return sys.stdin.read() if argument == "-" else argument


def _stop(_signum: int, _frame: FrameType | None) -> NoReturn:
    """End at SIGTERM the way Ctrl-C does: files are left whole, nothing is printed but one line."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line; the console script `rag`."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        app()
    except RagError as error:
        _fail(str(error), error)
    except KeyboardInterrupt:
        fail_line("interrupted; what was built before is untouched")
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of a pipe left; nothing is lost
        sys.exit(0)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _fail(f"{where}{error.strerror or error}", error)


def _fail(message: str, error: Exception) -> NoReturn:
    if os.environ.get("RAG_DEBUG"):
        raise error
    fail_line(message)
    sys.exit(1)


if __name__ == "__main__":
    main()
