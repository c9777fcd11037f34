"""The command line: `rag index | ask | search | chat | status | eval | export`.

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
from ui import commands
from ui.terminal import fail_line

__all__ = ["app", "main"]

app = typer.Typer(
    help="Ask your own documents in any language; every claim points at the exact words in the source.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

IndexDir = Annotated[
    Path | None, typer.Option("--index", help="Folder of the index.", envvar="RAG_INDEX", show_default="var/index")
]
Llm = Annotated[
    str, typer.Option("--llm", help="Who writes the answer: extractive, local, ollama:MODEL, openai:MODEL …")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Passages = Annotated[int, typer.Option("--k", min=1, max=100, help="How many passages to retrieve.")]


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
) -> None:
    """Ask your own documents in any language; every claim points at the exact words in the source."""
    if debug:
        os.environ["RAG_DEBUG"] = "1"


@app.command("index")
def index_command(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Files and folders. None: what was indexed before, else the sample articles."),
    ] = None,
    index_dir: IndexDir = None,
    embedder: Annotated[
        str | None, typer.Option(help="bundled, or sentence-transformers:NAME_OR_FOLDER.", show_default="bundled")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Read everything again, changed or not.")] = False,
    include: Annotated[list[str] | None, typer.Option(help="Only files that match this glob; repeatable.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Not the files that match this glob; repeatable.")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="Build nothing: check every file of the index.")] = False,
    json: AsJson = False,
) -> None:
    """Build the index, or bring it up to date."""
    if verify:
        raise typer.Exit(commands.verify(index_dir, as_json_wanted=json))
    code = commands.build(
        paths or None,
        index_dir=index_dir,
        embedder=embedder,
        rebuild=rebuild,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        as_json_wanted=json,
    )
    raise typer.Exit(code)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in any language; - reads standard input.")],
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    k: Passages = 5,
    json: AsJson = False,
) -> None:
    """Ask a question and read a cited answer."""
    commands.ask(_text(question), index_dir=index_dir, llm=llm, k=k, as_json_wanted=json)


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for, in any language; - reads standard input.")],
    index_dir: IndexDir = None,
    k: Passages = 5,
    json: AsJson = False,
) -> None:
    """Show the passages nearest to a question, without an answer."""
    commands.search(_text(question), index_dir=index_dir, k=k, as_json_wanted=json)


@app.command()
def chat(
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 7860,
) -> None:
    """Open the web chat."""
    from ui.web import serve

    serve(index_dir, llm, host, port)


@app.command()
def status(index_dir: IndexDir = None, json: AsJson = False) -> None:
    """Tell what is indexed, and what needs a hand (exit code 1 then)."""
    raise typer.Exit(commands.status(index_dir, as_json_wanted=json))


@app.command("eval")
def eval_command(
    questions: Annotated[Path, typer.Argument(help="JSON lines: id, lang, text, answers, relevant, answerable.")],
    index_dir: IndexDir = None,
    llm: Llm = "extractive",
    json: AsJson = False,
) -> None:
    """Measure retrieval and answers on questions with known answers."""
    commands.evaluate(questions, index_dir=index_dir, llm=llm, as_json_wanted=json)


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
