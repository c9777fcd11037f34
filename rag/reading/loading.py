"""Finds the reader that a spec names.

Packages may bring more by the entry point group `babelquote.passage_readers`: the entry's name is the kind, its
object a factory that takes what stands behind the colon of the spec and returns a `Reader`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from index.errors import ConfigError, RagError
from rag.reading.types import ClaimReader, Reader

__all__ = ["BUNDLED", "GROUP", "NONE", "check_reader_spec", "load_claim_reader", "load_reader"]

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


def load_claim_reader(spec: str = BUNDLED) -> ClaimReader | None:
    """Return the reader of a spec where it judges claims as well; `None` where it does not or can't be loaded.

    Why it can't is said where passages are read (`rag.reading.stage`).
    """
    try:
        reader = load_reader(spec)
    except RagError:
        return None
    return reader if isinstance(reader, ClaimReader) else None


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
