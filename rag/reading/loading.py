"""Finds the reader that a spec names.

Packages may bring more by the entry point group `babelquote.passage_readers`: the entry's name is the kind, its
object a factory that takes what stands behind the colon of the spec and returns a `Reader`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from index.errors import ConfigError, RagError
from rag.reading.types import Reader, Reading
from rag.types import ScoredPassage

__all__ = ["BUNDLED", "GROUP", "NONE", "check_reader_spec", "load_reader", "read_if_possible"]

_log = logging.getLogger(__name__)

GROUP = "babelquote.passage_readers"
BUNDLED, NONE = "bundled", "none"


def check_reader_spec(spec: str) -> str:
    """Return a spec as it stands when there is such a reader; nothing is loaded.

    Raises:
        ConfigError: there is none of that kind.
    """
    kind, colon, _ = spec.partition(":")
    if spec in ("", NONE, BUNDLED) or (kind not in (NONE, BUNDLED) and kind in _others()):
        return spec
    if colon and kind in (NONE, BUNDLED):
        raise ConfigError(f"reader={spec[:100]!r}: {kind!r} takes nothing behind it")
    raise ConfigError(f"reader={spec[:100]!r}: no reader is called so; valid ones: {_usage()}")


def load_reader(spec: str = BUNDLED) -> Reader | None:
    """Return the reader of a spec, kept by the process; `None` for `"none"` and `""`.

    Args:
        spec: `"bundled"`, `"none"`, or a kind that another package brings, `"kind"` or `"kind:what"`.

    Raises:
        ConfigError: no such reader, or it can't be used here.
    """
    check_reader_spec(spec)
    return None if spec in ("", NONE) else _kept(spec)


@lru_cache(maxsize=4)
def _kept(spec: str) -> Reader:
    if spec == BUNDLED:
        from rag.reading.bundled import BundledReader

        return BundledReader()
    kind, _, argument = spec.partition(":")
    return _made(_others()[kind], argument)


def read_if_possible(spec: str, question: str, passages: Sequence[ScoredPassage]) -> list[Reading] | None:
    """Return the readings, or `None` where no reader is wanted or the one that is wanted fails.

    Why it fails is logged once for each reason: answers go on without a reader.

    Raises:
        ConfigError: no reader is called so.
    """
    check_reader_spec(spec)
    try:
        reader = load_reader(spec)
        return None if reader is None else reader.read(question, passages)
    except RagError as error:
        _tell_once(str(error))
        return None


@lru_cache(maxsize=64)
def _tell_once(message: str) -> None:
    _log.warning("answering without a reader: %s", message)


def _others() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def _usage() -> str:
    return ", ".join([BUNDLED, NONE, *(f"{kind}[:…]" for kind in sorted(_others()))])


def _made(entry: EntryPoint, argument: str) -> Reader:
    try:
        factory = cast("Callable[[str], object]", entry.load())
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"the reader {entry.name!r} ({entry.value}) can't be loaded: {error}") from error
    reader = factory(argument)
    if not isinstance(reader, Reader):
        raise ConfigError(f"entry point {entry.name} of {GROUP}: {entry.value} makes no Reader; fix or remove it")
    return reader
