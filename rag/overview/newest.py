"""What is new in the library: since the day that a question names, or else the newest documents.

A document is as new as the date that it states, or as its file was changed last, whichever is later: a report of last
year that was added today is new today.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from index.stores.base import DocumentHeader
from rag.overview.asked.since import since_when
from rag.overview.cited_lines import Page

__all__ = ["list_newest"]

_SHOWN, _SHOWN_SINCE = 5, 12


def list_newest(page: Page, question: str, headers: Sequence[DocumentHeader]) -> bool:
    """Add the newest documents, those since a day where the question names one; tell whether there is anything.

    Args:
        page: the answer.
        question: its text.
        headers: of the documents that count.
    """
    since = since_when(question, page.language, dt.datetime.now().astimezone().date())
    if since is not None:
        _list_since(page, since.isoformat(), headers)
    elif dated := [header for header in headers if _stated(header)]:
        page.say("newest")
        _list(page, sorted(dated, key=_stated, reverse=True), _SHOWN, _stated)
    else:
        page.say("undated", n=len(headers))
        _list(page, headers, _SHOWN_SINCE, _stated)
    return True


def _list_since(page: Page, day: str, headers: Sequence[DocumentHeader]) -> None:
    def latest(header: DocumentHeader) -> str:
        return max(_stated(header), page.changed(header.id))

    found = sorted(headers, key=latest, reverse=True)
    new = [header for header in found if (date := latest(header)) >= day[: len(date)] and date]
    page.say("since" if new else "none_since", date=page.date(day))
    left = _list(page, new or found, _SHOWN_SINCE if new else _SHOWN, latest)
    if new and left:
        page.say("more", n=left)


def _list(page: Page, headers: Sequence[DocumentHeader], most: int, date_of: Callable[[DocumentHeader], str]) -> int:
    def dated(header: DocumentHeader) -> str:
        date = page.date(date_of(header))
        return f" ({date})" if date else ""

    return page.list_documents(headers, most, dated)


def _stated(header: DocumentHeader) -> str:
    date = header.metadata.get("date")
    return date if isinstance(date, str) else ""
