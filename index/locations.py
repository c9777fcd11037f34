"""Where an index is kept: a folder, or a database named by one URL, mostly one of PostgreSQL.

An address with another scheme names an engine that an installed package brings (`index.engines`).

The URL is libpq's own: several hosts, `service=`, `sslmode=`, `passfile=` and all else that libpq takes, and what its
environment variables (`PGPASSFILE`, `PGSERVICEFILE`, `PGSSLROOTCERT` …) add. Several addresses with blanks between them
are the shards of one index. Wherever a location is shown it is shown without what is secret in it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import unquote, urlsplit

import platformdirs

from index.config import APP, default_index_dir
from index.errors import ConfigError
from index.plugins import Kind, entry_points

__all__ = [
    "ENGINES",
    "STORES",
    "Database",
    "Location",
    "LocationLike",
    "addresses_in",
    "beside",
    "is_database",
    "location_of",
    "without_password",
]

STORES = "babelquote.stores"
"""Entry points of the engines that packages bring; their names are schemes of addresses."""
ENGINES: Mapping[str, Kind] = MappingProxyType(
    {
        "folder": Kind("index.opening.folders:FolderEngine"),
        "postgresql": Kind("index.opening.databases:DatabaseEngine"),
        "shards": Kind("index.opening.shards:ShardsEngine"),
    }
)
"""Engines that are built in, by the scheme of their addresses; the first and the last are not named by an address."""
_POSTGRES = ("postgresql", "postgres")
_FOLDER, _SHARDS = "folder", "shards"
_APART = re.compile(r"\s+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")  # two letters at least: one is a drive of Windows
# What may be shown of a URL's parameters; all others, such as `password`, `sslpassword` and `passfile`, are nobody's.
_SHOWN = ("host", "hostaddr", "port", "dbname", "user", "service", "options", "target_session_attrs", "sslmode")


@dataclass(frozen=True, slots=True)
class Database:
    """A database that holds an index: PostgreSQL, or whatever the engine of its scheme makes of its address.

    Attributes:
        conninfo: the URL as its engine takes it (libpq's own), with whatever secrets it holds; never to be shown. Those
            of several shards have a blank between them.
        shown: the URL as it may be shown.
    """

    conninfo: str = field(repr=False)
    shown: str

    @property
    def scheme(self) -> str:
        """Names its engine; `postgres` is another spelling of `postgresql`, several addresses are `shards`."""
        if len(addresses_in(self.conninfo)) > 1:
            return _SHARDS
        name = self.conninfo.partition(":")[0].lower()
        return _POSTGRES[0] if name in _POSTGRES else name

    @property
    def parts(self) -> tuple[Database, ...]:
        """The shards, in their order; the database itself where it is the only one."""
        return tuple(Database(each, _shown(each)) for each in addresses_in(self.conninfo))

    def __str__(self) -> str:
        return self.shown


Location: TypeAlias = Path | Database
LocationLike: TypeAlias = str | os.PathLike[str] | Database | None
"""What people say: a path, a URL, or nothing for the default place."""


def addresses_in(text: str) -> list[str]:
    """Part the addresses of several shards, which have blanks between them."""
    return _APART.split(text.strip())


def is_database(place: object) -> bool:
    """Tell whether somebody names a database and not a folder."""
    if isinstance(place, Database):
        return True
    scheme, _, rest = str(place).partition(":")
    name = scheme.lower()
    return rest.startswith("/") and (name in _POSTGRES or _built_in(name) or _brought(name))


def _built_in(scheme: str) -> bool:
    return scheme in ENGINES and scheme not in (_FOLDER, _SHARDS)


def _brought(scheme: str) -> bool:
    """Tell whether a package brings an engine of that name; one letter is a drive of Windows."""
    return len(scheme) > 1 and scheme.isascii() and any(entry.name == scheme for entry in entry_points(group=STORES))


def location_of(place: LocationLike = None) -> Location:
    """Return the location that is meant; nothing means `RAG_INDEX`, else the default folder.

    Raises:
        ConfigError: a URL that can't be read, one that no engine knows, or one that was made a path.
    """
    if isinstance(place, Database):
        return place
    chosen = os.environ.get("RAG_INDEX") if place is None else os.fspath(place)
    if not chosen:
        return default_index_dir() if place is None else Path(chosen or "")
    if not is_database(chosen):
        if scheme := _ADDRESS.match(chosen):
            known = "an index is a folder or a database: postgresql://host/name"
            raise ConfigError(f"no engine is installed for an index at {scheme[0]}", known)
        return Path(chosen)
    if "://" not in chosen:
        raise ConfigError(
            "the address of a database was given as a path", "give it as a text: 'postgresql://host/name'"
        )
    addresses = addresses_in(chosen)
    if len(addresses) > 1:
        _check_shards(addresses)
    return Database(" ".join(addresses), " ".join(map(_shown, addresses)))


def _check_shards(addresses: list[str]) -> None:
    """Refuse what can't be the shards of one index."""
    if any(each.partition(":")[0].lower() not in _POSTGRES for each in addresses):
        raise ConfigError("an index in several places is one in PostgreSQL", "write postgresql://… for each of them")
    if len(set(addresses)) < len(addresses):
        raise ConfigError("two shards of an index have the same address", "name each of them once")


def _shown(url: str) -> str:
    """Return a URL without its secrets."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ConfigError(
            "the address of a database can't be read", "write postgresql://user@host:5432/name"
        ) from error
    user, at, hosts = parts.netloc.rpartition("@")
    kept = [piece for piece in parts.query.split("&") if _name(piece) in _SHOWN]
    return _joined(parts.scheme, f"{user.partition(':')[0]}{at}{hosts}{parts.path}", kept)


def _name(piece: str) -> str:
    return unquote(piece.partition("=")[0])


def _joined(scheme: str, place: str, pieces: list[str]) -> str:
    """Put a URL together again; libpq takes no other spelling of a parameter than the one it was given."""
    query = "&".join(filter(None, pieces))
    shown = _POSTGRES[0] if scheme in _POSTGRES else scheme
    return f"{shown}://{place}{'?' if query else ''}{query}"


def without_password(url: str) -> tuple[str, str]:
    """Part a URL into one without a password and the password, `""` where it has none."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    name, _, password = user.partition(":")
    pieces = parts.query.split("&")
    passwords = [piece.partition("=")[2] for piece in pieces if _name(piece) == "password"]
    kept = [piece for piece in pieces if _name(piece) != "password"]
    return _joined(parts.scheme, f"{name}{at}{hosts}{parts.path}", kept), unquote(password or "".join(passwords[:1]))


def beside(location: Location) -> Path:
    """Return the folder for what belongs to an index on this machine: uploads, fetched pages, keys, judgements.

    That is the folder of the index itself; for a database one of the user's own, named by where the database is.
    """
    if isinstance(location, Path):
        return location
    name = blake2b(location.shown.encode(), digest_size=8).hexdigest()
    return Path(platformdirs.user_data_dir(APP)) / "databases" / name
