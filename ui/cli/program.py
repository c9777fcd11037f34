"""The program `rag`: its commands in the order of `--help`, and how it ends.

Exit codes: 0 done (a refusal too), 1 an error, in one line on standard error, 2 a wrong call, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from functools import partial
from types import FrameType
from typing import Annotated, NoReturn

import typer

from index.errors import ConfigError, RagError
from ui.cli import config_file
from ui.cli.commands import asking, building, checking, collecting, configuring, doctor, languages, serving
from ui.cli.hiding import hide_password
from ui.cli.options.given_values import GivenCommand, GivenGroup
from ui.cli.options.server_options import ConfigFile
from ui.cli.options.shared import Version
from ui.terminal.colours import fail_line

__all__ = ["app", "main"]

app = typer.Typer(
    cls=GivenGroup,
    help="Ask your own documents in any language; every claim points at the exact words in the source.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
_ASK_ONCE = ("ask", "search")
"""Commands after which the process ends."""
_OBJECTS = 50_000
"""New objects after which circles of them are looked for."""
_command = partial(app.command, cls=GivenCommand)
_command("index")(building.index_command)
_command("ask")(asking.ask)
_command("search")(asking.search)
_command("check")(checking.check)
_command("collection")(collecting.collection)
_command("verify")(asking.verify_command)
_command("chat")(serving.chat)
_command("mcp")(serving.mcp)
_command("feedback")(serving.feedback)
_command("password")(serving.password)
_command("status")(building.status)
_command("eval")(asking.eval_command)
_command("backup")(building.backup)
_command("restore")(building.restore)
_command("export")(building.export)
_command("languages")(languages.languages_command)
_command("config")(configuring.config_command)
_command("doctor")(doctor.doctor_command)


@app.callback()
def _options(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
    config: ConfigFile = None,
    _version: Version = False,
) -> None:
    """Ask your own documents in any language; every claim points at the exact words in the source."""
    if debug:
        os.environ["RAG_DEBUG"] = "1"
    if context.invoked_subcommand in _ASK_ONCE and "numpy" not in sys.modules:
        _be_brief()
    try:
        config_file.apply(config)
    except ConfigError as error:
        if context.invoked_subcommand != "doctor":
            raise
        config_file.note_wrong(error)


def _be_brief() -> None:
    """Leave out what pays in processes that last; to be called before NumPy is imported, which reads its variable then.

    NumPy's threads would wait for each other longer than they compute. What looks for circles of objects finds nothing
    in a tenth of the time of all imports: so it comes later.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    gc.set_threshold(_OBJECTS)


def _stop(_signum: int, _frame: FrameType | None) -> NoReturn:
    """End at SIGTERM the way Ctrl-C does: files are left whole, nothing is printed but one line."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line; the console script `rag`."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        hide_password()
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
