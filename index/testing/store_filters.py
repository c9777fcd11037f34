"""Filters, each with the documents of the contract of stores that it lets through."""

from __future__ import annotations

from collections.abc import Sequence

from index.stores.base import Filter
from index.stores.sets import EMPTY, DocumentSet

__all__ = ["FILTERS", "some"]


def some(*documents: str, places: Sequence[str] = (), outside: DocumentSet | None = None) -> DocumentSet:
    return DocumentSet(frozenset(documents), frozenset(places), outside)


FILTERS: list[tuple[Filter, set[str]]] = [
    (Filter(languages=("ar",)), {"ar"}),
    (Filter(languages=("ar", "en")), {"ar", "en", "late"}),
    (Filter(documents=("late", "ar")), {"late", "ar"}),
    (Filter(documents=("late", "ar"), languages=("en",)), {"late"}),
    (Filter(folder="folder"), {"en", "late"}),
    (Filter(folder="folder/"), {"en", "late"}),
    (Filter(folder="fold"), set()),
    (Filter(date_from="2020"), {"late"}),
    (Filter(date_to="2020"), {"en"}),
    (Filter(date_from="2019-05", date_to="2019-05"), {"en"}),
    (Filter(date_from="2019-06", date_to="2021-02"), {"late"}),
    (Filter(metadata=(("author", "MEI"),)), {"ar"}),
    (Filter(metadata=(("topics", "sea"), ("author", "lin"))), {"ar"}),
    (Filter(metadata=(("author", "ben"),)), set()),
    (Filter(metadata=(("nothing", "x"),)), set()),
    (Filter(metadata=(("title", "of late"),)), {"late"}),
    (Filter(), {"en", "late", "ar"}),
    (Filter(languages=("xx",)), set()),
    (Filter(among=(EMPTY,)), set()),
    (Filter(among=(some("late", "ar", "gone"),)), {"late", "ar"}),
    (Filter(among=(some("late", "ar"), some("late", "en"))), {"late"}),
    (Filter(among=(some(places=["folder/sub/"]),)), {"late"}),
    (Filter(among=(some(places=["folder/sub/late.txt"]),)), {"late"}),
    (Filter(among=(some(places=["fold", "folder/sub/late", "folder/SUB"]),)), set()),
    (Filter(among=(some("ar", places=["folder"]),), documents=("ar", "en")), {"ar", "en"}),
    (Filter(among=(some(outside=some("en")),)), {"late", "ar"}),
    (Filter(among=(some(outside=some(places=["folder"])),)), {"ar"}),
    (Filter(among=(some("late", outside=some(places=["folder"])),)), {"late", "ar"}),
    (Filter(among=(some(outside=EMPTY),)), {"en", "late", "ar"}),
    (Filter(among=(some(outside=some(outside=some("en"))),)), {"en"}),
]
