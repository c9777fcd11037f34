"""From which day on a question asks what is new: "since Monday", "today", "this month", "since 3 March"."""

from __future__ import annotations

import datetime as dt

from index.language.codes import canonical
from index.language.folding import fold
from index.language.lexicon import numbers_of
from index.language.numbers.dates import day_within
from index.language.numbers.quantities import weekdays
from index.language.scripts import NO_SPACES, script_of
from index.language.words import tokens

__all__ = ["since_when"]

_ENDING = 2  # letters behind a word: "weeks", "wochen"
_LEAST = 4  # letters of a word that may have an ending


def since_when(question: str, language: str, today: dt.date) -> dt.date | None:
    """Return the first day of the time that a question names; `None` where it names none.

    Args:
        question: its text.
        language: its BCP 47 code.
        today: the day on which it is asked.
    """
    days = weekdays(fold(question), language)
    if len(days) == 1:  # asked on a Monday, "since Monday" means the one before
        return today - dt.timedelta((today.isoweekday() - min(days) - 1) % 7 + 1)
    named = _dated(question, language, today)
    ago = _days_back(question, canonical(language)) if named is None else None
    return named if ago is None else today - dt.timedelta(ago)


def _dated(question: str, language: str, today: dt.date) -> dt.date | None:
    """Return the day, or the first of the month or year, that is named; one without a year has been already."""
    day = day_within(question, language)[0]
    if day is None:
        return None
    try:
        named = dt.date(day.year or today.year, day.month or 1, day.day or 1)
        return named if day.year or named <= today else named.replace(year=named.year - 1)
    except ValueError:  # no such day
        return None


def _days_back(question: str, language: str) -> int | None:
    """Return by how many days the time goes back that a word names, "week"; the shortest of several."""
    known = numbers_of("ago", language)
    if script_of(question) in NO_SPACES:
        found = [days for word, days in known.items() if word in fold(question)]
    else:
        forms = [token.form for token in tokens(question)]
        found = [days for word, days in known.items() if any(_is_form(form, word) for form in forms)]
    return min(found, default=None)


def _is_form(form: str, word: str) -> bool:
    return form == word or (len(word) >= _LEAST and form.startswith(word) and len(form) - len(word) <= _ENDING)
