"""Places by their names in other languages: who asks about "Teheran" means a text about Tehran."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from index.language.codes import canonical
from index.language.folding import fold
from rag.overview.asked.asked_of_files import alike, bare
from rag.reading.short.rendering import place_codes, place_names

__all__ = ["elsewhere", "places_in"]


def elsewhere(form: str, spoken: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return the folded names that a place has in other languages; none for a word that is no place's name.

    Args:
        form: a folded word, whose ending may be inflected.
        spoken: BCP 47 code of its language.
        languages: codes of those in which names are wanted.
    """
    code = _code(form, canonical(spoken))
    found = [fold(place_names().get(language, {}).get(code, "")) for language in sorted(languages)] if code else []
    return tuple(dict.fromkeys(name for name in found if name and name != form and " " not in name))


def places_in(text: str, spoken: str) -> list[str]:
    """Return the names of places that stand in a text without spaces between words, the longest first."""
    found = [name for name in place_codes(canonical(spoken)) if len(name) > 1 and name in text]
    return [name for name in sorted(found, key=len, reverse=True) if not any(name in o and name != o for o in found)]


@lru_cache(maxsize=1024)
def _code(form: str, spoken: str) -> str:
    known = place_codes(spoken)
    exact = known.get(form) or known.get(bare(form))
    return exact or next((code for name, code in known.items() if alike(form, name) and " " not in name), "")
