"""Connections to the server, and its errors in one line each, without a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

from index.errors import (
    ConfigError,
    IndexDamagedError,
    IndexIncompatibleError,
    IndexMissingError,
    StoreError,
    StoreUnreachableError,
)
from index.locations import Database, without_password

if TYPE_CHECKING:
    import psycopg
    from psycopg_pool import ConnectionPool

__all__ = ["Connection", "check_versions", "connect", "make_pool", "trouble_named"]

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"

_SERVER, _VECTOR = 16, (0, 8, 4)
_MISSING = "an index in PostgreSQL needs psycopg: pip install 'babelquote[postgres]'"
_CONNECT_SECONDS = 10
_EACH_SECONDS = 3  # the same of each of several servers, so that one that is silent keeps nobody from the next
_MOST_CONNECTIONS = 40  # questions at once; each holds one while its answer is written
_NO_TABLE, _NO_DATABASE, _FULL, _DENIED, _TOO_MANY = "42P01", "3D000", "53100", "42501", "53300"
# A connection that was cut, a server that stops or starts, a replica that had to go on without its readers.
_GONE = ("08", "57P", "40001")
_READ_ONLY = "25006"
_DAMAGED = ("XX001", "XX002", "42703")  # a page, an index, a column that is not what it should be
_REFUSALS = ("authentication", "does not exist", "no password", "SSL", "certificate")
_SILENT = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 2, "tcp_user_timeout": 8000}
_FIXES = {
    _NO_DATABASE: "create the database, or name another",
    _FULL: "make room on the server and run again; what was indexed before still answers",
    _DENIED: "give this user the rights it needs, or use another",
    "57014": "the server ends statements that take so long; raise its statement_timeout",
    _TOO_MANY: "raise the server's max_connections, or ask with fewer servers",
    _READ_ONLY: "name the server that takes writes, too, or promote a replica",
    "40001": "ask again; `hot_standby_feedback = on` keeps a replica from this",
}


def _arguments(location: Database, name: str, *, writing: bool = False) -> dict[str, Any]:
    import psycopg.conninfo

    try:
        arguments = psycopg.conninfo.conninfo_to_dict(location.conninfo)
    except psycopg.ProgrammingError:
        # libpq repeats what it can't read, and that may be the password
        raise ConfigError(
            "the address of the database can't be read", "write postgresql://user@host:5432/name"
        ) from None
    several = any("," in str(arguments.get(each, "")) for each in ("host", "hostaddr", "port"))
    arguments.setdefault("connect_timeout", _EACH_SECONDS if several else _CONNECT_SECONDS)
    arguments.setdefault("application_name", name)
    # A machine that went away without a word is noticed within some seconds.
    arguments |= {each: value for each, value in _SILENT.items() if each not in arguments}
    arguments["client_encoding"] = "UTF8"  # of a database that names none, texts would come as bytes
    if writing:  # whatever the address prefers for questions
        arguments["target_session_attrs"] = "read-write"
    return arguments


def connect(location: Database, name: str = "babelquote", *, writing: bool = False) -> Connection:
    """Open a connection that commits each statement unless told otherwise.

    Args:
        location: the database.
        name: what the server's administrators see of it.
        writing: of several servers take the one that takes writes.

    Raises:
        ConfigError: psycopg is not installed, or the address can't be read.
        StoreError: the server can't be reached or lets nobody in.
    """
    try:
        import psycopg
    except ImportError as error:
        raise ConfigError(_MISSING) from error
    with trouble_named(location):
        connection: Connection = psycopg.connect(**_arguments(location, name, writing=writing), autocommit=True)
        _settle(connection)
        return connection


def _settle(connection: Connection) -> None:
    """Let transactions be idle, for a question may wait for a language model and a build for its embedder.

    Queries are not compiled: that takes longer than any of ours.
    """
    connection.execute("SET idle_in_transaction_session_timeout = 0; SET jit = off")


def make_pool(location: Database) -> ConnectionPool[Any]:
    """Return connections for questions; they are opened as they are needed and kept for a while."""
    from psycopg_pool import ConnectionPool

    return ConnectionPool(
        kwargs={**_arguments(location, "babelquote"), "autocommit": True},
        configure=_settle,
        min_size=1,
        max_size=_MOST_CONNECTIONS,
        name="babelquote",
        open=True,
    )


def check_versions(location: Database, connection: Connection) -> None:
    """Refuse a server or an extension that is too old.

    Raises:
        IndexIncompatibleError: names the version that was found and the one that is needed.
    """
    server = connection.info.server_version // 10000
    if server < _SERVER:
        raise IndexIncompatibleError(
            f"{location}: the server is PostgreSQL {server}", f"{_SERVER} or newer is needed: update it"
        )
    with trouble_named(location):
        row = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
    if row is None:
        raise IndexIncompatibleError(
            f"{location}: the database has no pgvector", "an administrator adds it with CREATE EXTENSION vector"
        )
    found = tuple(int(part) for part in re.findall(r"\d+", row[0])[:3])
    if found < _VECTOR:
        wanted = ".".join(map(str, _VECTOR))
        raise IndexIncompatibleError(
            f"{location}: pgvector is {row[0]}, which can damage its index while it is vacuumed",
            f"{wanted} or newer is needed: install it and run ALTER EXTENSION vector UPDATE",
        )


@contextmanager
def trouble_named(location: Database) -> Iterator[None]:
    """Tell the server's troubles in the program's own terms.

    Raises:
        IndexMissingError: there are no tables of an index.
        IndexDamagedError: what is stored can't be read.
        StoreError: anything else, in one line.
    """
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise _named(location, error) from error


def _named(location: Database, error: psycopg.Error) -> StoreError:
    state = error.sqlstate or ""
    if state == _NO_TABLE and "babelquote_index" in str(error):
        return IndexMissingError(f"{location}: there is no index yet", "build one with `rag index`")
    message = _one_line(str(error), without_password(location.conninfo)[1])
    if "session is read-only" in message:
        return StoreUnreachableError(f"{location}: no server takes writes; {message}", _FIXES[_READ_ONLY])
    if state in _DAMAGED or state == _NO_TABLE:
        return IndexDamagedError(f"{location}: {message}", "rebuild with `rag index --rebuild`")
    fix = _FIXES.get(state) or _fix(message)
    lost = state.startswith(_GONE) or state == _TOO_MANY or _lost(error, message)
    return (StoreUnreachableError if lost else StoreError)(f"{location}: {message}", fix)


def _lost(error: psycopg.Error, message: str) -> bool:
    """Tell whether an error without a code means that there is nobody to talk to."""
    import psycopg

    known = error.sqlstate is not None or not isinstance(error, psycopg.OperationalError)
    return not known and not any(word in message for word in _REFUSALS)


def _fix(message: str) -> str:
    if "certificate" in message:
        return "check sslmode, sslrootcert and the name that the server's certificate is for"
    if "password" in message or "authentication" in message:
        return "check user and password (a PGPASSFILE, or the address in RAG_INDEX)"
    if "does not exist" in message:
        return "create it, or name another"
    return "check that the server is up and can be reached, and run again"


def _one_line(message: str, password: str) -> str:
    """Return a message of the server or of libpq as one line that holds no password."""
    lines = [line.strip() for line in message.splitlines()]
    kept = [line for line in lines if line and not line.startswith(("LINE ", "^", "CONTEXT", "Multiple connection"))]
    joined = "; ".join(dict.fromkeys(kept)) or "the connection was lost"
    return joined.replace(password, "…") if len(password) > 2 else joined
