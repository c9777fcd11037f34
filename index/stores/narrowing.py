"""What filters let through: two made one, and whether there is anything at all."""

from __future__ import annotations

import numpy as np

from index.errors import ConfigError
from index.stores.base import Filter, PassageStore

__all__ = ["holds", "narrowed"]


def holds(store: PassageStore, where: Filter) -> bool:
    """Tell whether any passage of a store matches: one is nearest to a vector, whatever vector it is."""
    return bool(store.dense(np.eye(1, store.dimension, dtype=np.float32)[0], 1, where))


def narrowed(outer: Filter | None, inner: Filter | None) -> Filter | None:
    """Return the filter that lets through what both do; `None` lets everything through.

    Raises:
        ConfigError: no passage could pass both; it names the value that the outer one forbids, and nothing of what
            the outer one allows: whoever asks may not know that.
    """
    if outer is None or inner is None:
        return outer or inner
    return Filter(
        _common("language", outer.languages, inner.languages),
        _common("document", outer.documents, inner.documents),
        max(filter(None, (outer.date_from, inner.date_from)), default=None),
        _earlier(outer.date_to, inner.date_to),
        _deeper(outer.folder, inner.folder),
        (*outer.metadata, *inner.metadata),
        among=tuple(dict.fromkeys((*outer.known().among, *inner.known().among))),
    )


def _common(kind: str, outer: tuple[str, ...], inner: tuple[str, ...]) -> tuple[str, ...]:
    if not (outer and inner):
        return outer or inner
    both = tuple(name for name in inner if name in outer)
    if not both:
        raise ConfigError(f"{kind} {inner[0]}: is not among what can be asked here")
    return both


def _earlier(outer: str | None, inner: str | None) -> str | None:
    """Return the bound that ends first; of a year and a day in it, the day."""
    both = [date for date in (outer, inner) if date]
    return min(both, key=lambda date: date + "~" * (10 - len(date)), default=None)


def _deeper(outer: str | None, inner: str | None) -> str | None:
    if outer is None or inner is None:
        return inner if outer is None else outer
    deep, flat = (f"{each.rstrip('/')}/" for each in ((inner, outer) if len(inner) >= len(outer) else (outer, inner)))
    if not deep.startswith(flat):
        raise ConfigError(f"folder {inner}: is not among what can be asked here")
    return deep.rstrip("/")
