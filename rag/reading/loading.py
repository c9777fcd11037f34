"""Finds the reader that a spec names.

Packages may bring more by the entry point group `babelquote.passage_readers`: the entry's name is the kind, its
object a factory that takes what stands behind the colon of the spec and returns a `Reader`.
"""

from __future__ import annotations

from functools import lru_cache

from index.errors import RagError
from index.plugins import Kind, Plug
from rag.reading.brought import checked_reader
from rag.reading.types import ClaimReader, Reader

__all__ = ["BUNDLED", "GROUP", "NONE", "check_reader_spec", "load_claim_reader", "load_reader"]

GROUP = "babelquote.passage_readers"
BUNDLED, NONE = "bundled", "none"

_KINDS = {
    BUNDLED: Kind("rag.reading.model.bundled:BundledReader"),
}
_PLUG = Plug[Reader](GROUP, "reader", _KINDS, others=(NONE,), protocol=Reader, checked=checked_reader)


def check_reader_spec(spec: str) -> str:
    """Return a spec as it stands when there is such a reader; nothing is loaded.

    Raises:
        ConfigError: there is none of that kind.
    """
    return spec if spec in ("", NONE) else _PLUG.check(spec)


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
    return _PLUG.make(spec)


def load_claim_reader(spec: str = BUNDLED) -> ClaimReader | None:
    """Return the reader of a spec where it judges claims as well; `None` where it does not or can't be loaded.

    Why it can't is said where passages are read (`rag.reading.stage`).
    """
    try:
        reader = load_reader(spec)
    except RagError:
        return None
    return reader if isinstance(reader, ClaimReader) else None
