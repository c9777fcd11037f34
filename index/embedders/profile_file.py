"""Numbers that were fitted to a model: read from its TOML file, each by its name, none missing and none too many.

A profile is a frozen dataclass: a field that is a dataclass too is a table of the file, every other field is a key.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import Field, fields, is_dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

from index.errors import RagError

__all__ = ["read_profile_file"]


class _Dataclass(Protocol):
    """What the standard library calls a dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_Record = TypeVar("_Record", bound=_Dataclass)


def read_profile_file(path: Path, kind: type[_Record]) -> _Record:
    """Return the record that a file holds.

    Args:
        path: a TOML file.
        kind: a dataclass whose fields are numbers, texts, truth values or dataclasses of such.

    Raises:
        RagError: the file can't be read, a key is missing or unknown, or a value is of another type.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:  # a file that isn't TOML, or not UTF-8, is a ValueError
        raise RagError(
            f"{path}: the profile can't be read ({error})", "see whether it is there, and is TOML"
        ) from error
    return _record(kind, table, path, "")


def _record(kind: type[_Record], table: object, path: Path, name: str) -> _Record:
    where = f"{path}: [{name}]" if name else f"{path}:"
    if not isinstance(table, Mapping):
        raise RagError(f"{where} is no table", "compare it with generic.toml beside it")
    wanted = {field.name for field in fields(kind)}
    if missing := sorted(wanted - table.keys()):
        raise RagError(f"{where} lacks {', '.join(missing)}", "take the numbers from generic.toml beside it")
    if unknown := sorted(table.keys() - wanted):
        raise RagError(f"{where} has {', '.join(unknown)}, which nothing reads", "take it out, or correct its name")
    types = get_type_hints(kind)
    return kind(**{key: _value(types[key], table[key], path, f"{name}.{key}".lstrip(".")) for key in wanted})


def _value(kind: type[object], value: object, path: Path, name: str) -> object:
    """Return a value of a file as the type that is wanted; whole numbers may stand where any number may."""
    if is_dataclass(kind):
        return _record(kind, value, path, name)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        what = {float: "a number", int: "a whole number", str: "a text", bool: "true or false"}[kind]
        raise RagError(f"{path}: {name} is {value!r}", f"it must be {what}")
    return value
